// Transients: what anybody has seen of their content never changes, whatever is built on afterwards.
import fc from "fast-check";
import { expect, test } from "vitest";
import { PMap } from "../../src/data/map.ts";
import { meter } from "../../src/data/meter.ts";
import { printShort } from "../../src/data/printer.ts";
import { PSet } from "../../src/data/set.ts";
import type { Cell, Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { k, named, v } from "./support.ts";

const shown = (value: Value) => printShort(value, 10_000);

/** A step of a run: an operation on one of the transients, or a look at all of them as a commit takes it. */
const step = fc.oneof(
  fc.record({ op: fc.constant("add" as const), which: fc.nat(5), n: fc.nat(70) }),
  fc.record({ op: fc.constant("set" as const), which: fc.nat(5), n: fc.nat(70) }),
  fc.record({ op: fc.constant("take" as const), which: fc.nat(5), n: fc.nat(70) }),
  fc.record({ op: fc.constant("finish" as const), which: fc.nat(5), n: fc.nat(70) }),
  fc.constant({ op: "slice" as const, which: 0, n: 0 }),
);

/** What the step does to the collection as a value, by the persistent primitives. */
function persistently(op: "add" | "set" | "take", coll: Value, n: number): Value {
  if (coll instanceof Vector) {
    if (op === "add" || coll.count === 0) return named("conj").call(coll, n);
    return op === "set" ? named("assoc").call(coll, n % coll.count, n) : named("pop").call(coll);
  }
  if (coll instanceof PMap) return op === "take" ? named("dissoc").call(coll, n) : named("assoc").call(coll, n, op);
  return op === "take" ? named("disj").call(coll, n) : named("conj").call(coll, n);
}

/** The same on a transient whose content is `coll`. */
function inPlace(op: "add" | "set" | "take", cell: Value, coll: Value, n: number): void {
  if (coll instanceof Vector) {
    if (op === "add" || coll.count === 0) named("conj!").call(cell, n);
    else if (op === "set") named("assoc!").call(cell, n % coll.count, n);
    else named("pop!").call(cell);
  } else if (coll instanceof PMap) {
    if (op === "take") named("dissoc!").call(cell, n);
    else named("assoc!").call(cell, n, op);
  } else named(op === "take" ? "disj!" : "conj!").call(cell, n);
}

test("a transient is what the same steps make of a value, and nothing seen before changes", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const models: Value[] = [Vector.EMPTY, PMap.EMPTY, PSet.EMPTY, v(...Array(40).keys()), PMap.of(1, 2), PSet.of(1)];
      const cells = models.map((model) => named("transient").call(model));
      const seen: (readonly [Value, string])[] = models.map((model) => [model, shown(model)]);
      for (const { op, which, n } of steps) {
        if (op === "slice") {
          for (const cell of cells) seen.push([(cell as Cell).value, shown((cell as Cell).value)]);
          meter.owner = {};
        } else if (op === "finish") {
          const value = named("persistent!").call(cells[which]);
          expect(shown(value)).toBe(shown(models[which]));
          seen.push([value, shown(value)]);
          cells[which] = named("transient").call(value);
        } else {
          inPlace(op, cells[which], models[which], n);
          models[which] = persistently(op, models[which], n);
        }
        expect(shown((cells[which] as Cell).value)).toBe(shown(models[which]));
      }
      for (const [value, text] of seen) expect(shown(value)).toBe(text);
    }),
    { numRuns: 200 },
  );
});

test("what a macro changes can be put back", () => {
  const cell = named("transient").call(v(1)) as Cell;
  named("conj!").call(cell, 2);
  meter.undo = [];
  try {
    named("conj!").call(cell, 3);
    named("assoc!").call(cell, 0, k("x"));
    expect(shown(cell.value)).toBe("[:x 2 3]");
    for (const back of meter.undo.reverse()) back();
  } finally {
    meter.undo = null;
  }
  expect(shown(cell.value)).toBe("[1 2]");
  named("conj!").call(cell, 4);
  expect(shown(cell.value)).toBe("[1 2 4]");
});
