// Runs texts of the language on a machine without store: the prelude's and libraries' own tests.
import { seededRandom } from "../../src/base/random.ts";
import { jsonToValue } from "../../src/data/json.ts";
import { PMap } from "../../src/data/map.ts";
import { printShort } from "../../src/data/printer.ts";
import { ErrorValue, Keyword, type Value } from "../../src/data/value.ts";
import { begin } from "../../src/interpreter/delivery.ts";
import { LiveHost } from "../../src/interpreter/host.ts";
import type { EffectRequest } from "../../src/machine/host.ts";
import { Machine, type MachineOptions } from "../../src/machine/machine.ts";
import type { Image } from "../../src/module/image.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { Source } from "../../src/source/source.ts";

/** What a program came to. */
export interface Ran {
  /** The value of the last form as it is written, or `:type message` of the error it stopped at. */
  readonly text: string;
  readonly output: string;
  /** Milliseconds the program's clock moved. */
  readonly elapsed: number;
  readonly ticks: number;
}

/** The body of an answer as JSON text, or `[type, message]` for a failure. */
export type Answer = (effect: EffectRequest, index: number) => string | readonly [string, string];

const START = 1_000_000_000_000;

/** Runs a text to its end: timers fire at once and move the clock, effects are answered as `answer` says. */
export class Runner {
  private constructor(readonly image: Image) {}

  static async make(): Promise<Runner> {
    return new Runner(await shippedImage());
  }

  run(text: string, answer?: Answer, options: MachineOptions = {}): Ran {
    const source = new Source("test.fm", text);
    const library = new ProgramLibrary(this.image);
    let clock = START;
    const world = { now: () => clock, random: seededRandom("prelude") };
    const machine = new Machine(library, new LiveHost(world, library, new Map([[source.hash, source]])), options);
    begin(machine, "01h00000000000000000000000", {
      source: source.hash,
      name: source.name,
      args: '["v"]',
      image: this.image.hash,
      versions: ["0", "0", "0"],
    });
    const waiting: EffectRequest[] = [];
    for (let answers = 0; ; ) {
      machine.run(Number.MAX_SAFE_INTEGER);
      waiting.push(...machine.outbox.splice(0));
      if (machine.status() !== "waiting") break;
      const effect = waiting.shift();
      if (effect !== undefined) settle(machine, effect, answer?.(effect, answers++));
      else if (machine.wakeTime === null) throw new Error("the program waits for nothing that will come");
      else {
        clock = Math.max(clock, machine.wakeTime);
        machine.deliverTimer(clock);
      }
    }
    const { control } = machine.state.main;
    const output = machine.printed.map((chunk) => chunk.text).join("");
    return { text: outcome(control), output, elapsed: clock - START, ticks: machine.state.ticks };
  }

  /** The value of the last form, written; or `:type message` where the program stops with an error. */
  value(text: string, answer?: Answer, options: MachineOptions = {}): string {
    const { output, text: end } = this.run(`(print (pr-str (do ${text}\n)))`, answer, options);
    return end === "nil" ? output : end;
  }
}

function settle(machine: Machine, effect: EffectRequest, answer: ReturnType<Answer> | undefined): void {
  if (answer === undefined) throw new Error(`the program asks for the effect ${effect.kind} ${effect.payload}`);
  if (typeof answer === "string") machine.deliverAnswer(effect.key, "fulfilled", jsonToValue(answer));
  else {
    const error = new ErrorValue(Keyword.of(answer[0]), answer[1], PMap.EMPTY);
    machine.deliverAnswer(effect.key, "failed", error);
  }
}

function outcome(control: { readonly kind: string; readonly value?: Value; readonly error?: Value }): string {
  if (control.kind === "done") return printShort(control.value ?? null);
  const { error = null } = control;
  return error instanceof ErrorValue ? `:${error.type.text} ${error.message}` : `thrown ${printShort(error)}`;
}
