// One process at a store while its commits may fail: an interpreter and how its runs of a program ended.
import { FlowmetalError } from "../../src/base/errors.ts";
import { type Random, seededRandom } from "../../src/base/random.ts";
import type { Interpreter, Running } from "../../src/interpreter/interpreter.ts";
import type { Wait } from "../../src/journal/status.ts";
import type { Source } from "../../src/source/source.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";

/** Bytes as they are drawn from one source or another: a program that has to be started again gets the same id. */
export class Draws implements Random {
  source: Random;
  constructor(seed: string) {
    this.source = seededRandom(seed);
  }
  bytes(count: number): Uint8Array {
    return this.source.bytes(count);
  }
}

/** The code of an error; of any other its stack, for whoever reads the failed test. */
export function codeOf(error: unknown): string {
  return error instanceof FlowmetalError ? error.code : String((error as Error).stack);
}

/** One process: its own connection, its own interpreter and connectors. */
export class OneProcess {
  outcome: string | null = null;
  /** Whether the program has come to rest since this was last set to false, and what it waits for. */
  hasCome = false;
  waits: readonly Wait[] = [];
  running!: Running;

  constructor(
    readonly store: Store,
    readonly interpreter: Interpreter,
    private readonly draws: Draws,
    private readonly read: (text: string) => Promise<void>,
  ) {}

  private readonly hooks = {
    onOutput: (text: string) => this.read(text),
    onWaiting: (waits: readonly Wait[]) => {
      this.waits = waits;
      this.hasCome = waits.length > 0;
    },
  };

  start(source: Source): void {
    const own = this.draws.source;
    this.draws.source = seededRandom("program");
    this.follow(this.interpreter.start({ name: source.name, source, args: '["v"]', stepsMax: null }, this.hooks));
    this.draws.source = own;
  }

  resume(row: ProgramRow): void {
    this.follow(this.interpreter.resume(row, this.hooks));
  }

  private follow(running: Running): void {
    this.outcome = null;
    this.hasCome = false;
    this.running = running;
    running.ended.then(
      ({ status }) => {
        this.outcome = status;
      },
      (error: unknown) => {
        this.outcome = codeOf(error);
      },
    );
  }
}
