// Calls every public function of the language with sequences that lead back to themselves, in a process of its own: a walk
// that does not end would hang it. `node driver.mjs IMAGE`; prints each name before its calls, and what is wrong in lines with "!".
import { readFileSync } from "node:fs";
import { seededRandom } from "../../src/base/random.ts";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { Closure, ErrorValue, Keyword, Lazy, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { LiveHost, SwitchedHost } from "../../src/interpreter/host.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Unit } from "../../src/machine/unit.ts";
import { imageOfText } from "../../src/module/image.ts";
import { ProgramLibrary } from "../../src/module/library.ts";

/** Ticks a call is given; processor time it may take for that, in seconds, on a machine that is slow and busy. */
const FUEL = 20_000;
const SECONDS_MAX = 3;
/** Calls tried of each function with each number of arguments. */
const CALLS = 14;

const image = imageOfText(readFileSync(process.argv[2], "utf8"));
const library = new ProgramLibrary(image);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

function machineWith(evaluator: "direct" | "generated"): Machine {
  const world = { now: () => 1, random: seededRandom("endless") };
  const machine = new Machine(library, new SwitchedHost(new LiveHost(world, library, new Map())), { evaluator });
  machine.begin("01h00000000000000000000000", image.hash, machine.variable("flow.core/inc").value, [1]);
  machine.run(FUEL);
  return machine;
}

let refs = 1_000_000;
function cycle(items: readonly Value[]): Lazy {
  const first = new Lazy(refs++, null);
  first.seq = items.reduceRight<Value>((rest, item) => new Cons(item, rest as Cons | Lazy), first) as Cons;
  return first;
}

/** A sequence whose element is itself, or is in what its element holds. */
function inItself(wrap: (inner: Value) => Value): Lazy {
  const lazy = new Lazy(refs++, null);
  lazy.seq = List.of(wrap(lazy));
  return lazy;
}

/** What a call is given beside the sequence. */
const FILLS: readonly ((machine: Machine) => Value)[] = [
  (m) => m.variable("flow.core/identity").value,
  (m) => m.variable("flow.core/vector").value,
  () => 1_000_000_000_000,
  () => 2,
  () => Vector.of(1, 2),
  () => "a",
  () => null,
  () => cycle([1]),
];

const CYCLES: readonly (() => Value)[] = [
  () => cycle([1]),
  () => cycle([1, 2, 3]),
  () => cycle([Vector.of(1, 2)]),
  () => cycle(["a", "b"]),
  () => cycle([null, false]),
  () => inItself((inner) => inner),
  () => inItself((inner) => Vector.of(1, PMap.of("a", inner))),
];

/** The numbers of arguments a function takes, and one more for the rest. */
function counts(f: Closure): readonly number[] {
  const { arities, variadic } = { arities: (f.unit as Unit).code.arities, variadic: (f.unit as Unit).variadic };
  const fixed = arities.map(([required]) => required);
  const all = variadic === null ? fixed : [...fixed, variadic[0] + 1, variadic[0] + 2];
  return [...new Set(all)].filter((n) => n > 0 && n < 6);
}

/** Public: what a program can name, and no macro. */
function isPublic(name: string, machine: Machine): boolean {
  const found = library.imageVar(name, machine);
  if (found === undefined || !(found.value instanceof Closure)) return false;
  return !["private", "internal", "macro"].some((flag) => found.meta?.get(Keyword.of(flag), null) === true);
}

/** How a call ended: what it answered or failed with is looked at in the way a person would see it. */
function outcome(machine: Machine, f: Value, args: readonly Value[]): string {
  Object.assign(machine.state, { ready: [], tasks: new Map(), waiters: new Map() });
  machine.scopes.rebuild(machine.state);
  machine.callNext(f, args);
  if (machine.run(FUEL) === "cut") return "cut";
  const { control } = machine.state.main;
  if (control.kind !== "fault") return control.kind;
  return control.error instanceof ErrorValue ? control.error.type.text : "thrown";
}

function tryFunction(machine: Machine, name: string, found: Map<string, number>): void {
  const f = machine.variable(name).value as Closure;
  const random = seededRandom(name);
  const pick = <T>(from: readonly T[]): T => from[random.bytes(1)[0] % from.length];
  for (const count of counts(f)) {
    for (let i = 0; i < CALLS; i++) {
      const args = Array.from({ length: count }, () => pick(FILLS)(machine));
      // The sequence comes last most often, as it does in the library.
      args[i % 3 === 0 ? i % count : count - 1] = pick(CYCLES)();
      const begin = process.cpuUsage();
      const how = outcome(machine, f, args);
      found.set(how, (found.get(how) ?? 0) + 1);
      const { user, system } = process.cpuUsage(begin);
      if (user + system > SECONDS_MAX * 1e6) say(`! ${name} of ${count}: ${how} after ${(user + system) / 1e6} s`);
    }
  }
}

for (const evaluator of ["direct", "generated"] as const) {
  const machine = machineWith(evaluator);
  const found = new Map<string, number>();
  const names = [...library.imageNames()].filter((name) => isPublic(name, machine));
  for (const name of names) {
    say(`${evaluator} ${name}`);
    try {
      tryFunction(machine, name, found);
    } catch (error) {
      say(`! ${name}: ${error instanceof Error ? String(error.stack) : String(error)}`);
    }
  }
  say(`done ${names.length} ${JSON.stringify(Object.fromEntries(found))}`);
}
