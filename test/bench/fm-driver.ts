// Runs `main` of a program of the language again and again, timing each round in this process: one line asks, one line answers.
//
//   stdin   {"least": ms}          run main until so much time has passed, at least once
//   stdout  {"calls", "ms", "value"}
//
// Arguments: the file of the base image, the program. It is loaded once, on that image, by the compiler and the machine the engine uses, and called as the main task
// of one machine. Neither the store nor the interpreter takes part: the other benchmarks are for them.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { printValue } from "../../src/data/printer.ts";
import { Sym, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { Machine } from "../../src/machine/machine.ts";
import { compileNext } from "../../src/module/compiling.ts";
import { imageOfText } from "../../src/module/image.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { Source } from "../../src/source/source.ts";

/** A machine on which the program's top-level forms have been run. */
function load(image: string, path: string): Machine {
  const text = readFileSync(image, "utf8");
  const library = new ProgramLibrary(imageOfText(text));
  const host = {
    observe(kind: string): Value {
      throw new Error(`a benchmark must not observe ${kind}`);
    },
  };
  const machine = new Machine(library, host);
  machine.begin("bench", library.image.hash, null, []);
  machine.run(Number.MAX_SAFE_INTEGER);
  const source = new Source(path, readFileSync(path, "utf8"));
  let offset: number | null = 0;
  while (offset !== null) offset = runForm(machine, library, source, offset);
  return machine;
}

/** Runs the top-level form at `offset`; the offset behind it, or null at the end. */
function runForm(machine: Machine, library: ProgramLibrary, source: Source, offset: number): number | null {
  const step = compileNext({ machine, library, sources: new Map(), compiled: () => {} }, source, offset);
  if (!(step instanceof Vector)) return null;
  call(machine, step.get(0));
  return step.get(1) as number;
}

/** The value of a function without parameters. */
function call(machine: Machine, f: Value): Value {
  machine.callNext(f, []);
  machine.run(Number.MAX_SAFE_INTEGER);
  const { control } = machine.state.main;
  if (control.kind === "done") return control.value;
  throw new Error(control.kind === "fault" ? String(printValue(control.error, true)) : `the program ${control.kind}s`);
}

function mainOf(machine: Machine): Value {
  const namespace = machine.variable("flow.core/*ns*").value;
  const main = namespace instanceof Sym ? machine.findVariable(`${namespace.text}/main`) : undefined;
  if (main === undefined) throw new Error("the program defines no main");
  return main.value;
}

function rounds(machine: Machine, main: Value, least: number): { calls: number; ms: number; value: string } {
  let calls = 0;
  const begin = performance.now();
  for (;;) {
    const value = call(machine, main);
    calls++;
    const ms = performance.now() - begin;
    if (ms >= least) return { calls, ms, value: String(printValue(value, false)) };
  }
}

const machine = load(process.argv[2] as string, process.argv[3] as string);
const main = mainOf(machine);
for await (const line of createInterface({ input: process.stdin })) {
  const { least } = JSON.parse(line) as { least: number };
  globalThis.gc?.();
  process.stdout.write(`${JSON.stringify(rounds(machine, main, least))}\n`);
}
