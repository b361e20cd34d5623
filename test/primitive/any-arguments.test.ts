// Every primitive with arguments of every kind: it answers a value, asks for what is not realised, or raises. Compiled code gives
// some of them only what the prelude has made, but a snapshot that somebody changed may hold anything (E-24).
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cons, List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { Raise, SIGNAL } from "../../src/data/meter.ts";
import { isCompound, partsOf } from "../../src/data/parts.ts";
import { Range } from "../../src/data/range.ts";
import { makeRecord } from "../../src/data/record.ts";
import { PSet } from "../../src/data/set.ts";
import {
  Bytes,
  Cell,
  Closure,
  Duration,
  ErrorValue,
  EventRef,
  Float,
  Instant,
  Keyword,
  Lazy,
  Obj,
  Ratio,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
  Var,
} from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { primitives } from "../../src/primitive/registry.ts";
import { capturing } from "../snapshot/support.ts";

const k = Keyword.of;

/** One of every kind, and some that are wrong in a small way where primitives expect something of their own. */
function makeValues(): Value[] {
  const [open, pair, end, endless] = [1, 2, 3, 4].map((id) => new Lazy(id, null));
  open.thunk = new Closure(capturing, [1, 2]);
  end.seq = null;
  pair.seq = new Cons(1, end);
  endless.seq = new Cons(1, endless);
  const numbers = [0, 1, -1, 2, 7, 2 ** 53 - 1, 2n ** 70n, 0.5, new Float(2), Number.NaN, new Ratio(1n, 3n)];
  const texts = [
    "",
    "a",
    "text",
    "%d %s",
    "[1 {:a 2}]",
    '{"a": 1}',
    "2024-02-30T10:00:00Z",
    "Europe/Berlin",
    "\u{1f600}é",
  ];
  const others = [
    null,
    true,
    false,
    k("a"),
    k("geo/Point"),
    new Sym(null, "x"),
    new Sym("n", "y", PMap.of(k("line"), 3)),
    List.EMPTY,
    List.of(1, "a", null),
    List.cons(0, List.of(1)),
    new Cons(1, open),
    new Cons(2, pair),
    open,
    pair,
    endless,
    new Range(0, 10, 1, 10),
    new Range(0, 2 ** 53 - 1, 1, 2 ** 53 - 1),
    Vector.EMPTY,
    Vector.of(1, 2, 3),
    Vector.of(k("a"), 1),
    Vector.of("a", Vector.of(1, 2), null, 1, 1),
    Vector.from(Array.from({ length: 70 }, (_, i) => i)),
    PMap.EMPTY,
    PMap.of(k("a"), 1, "b", Vector.of(2)),
    PMap.from(Array.from({ length: 40 }, (_, i) => [i, String(i)])),
    PSet.of(3, k("a"), "x"),
    makeRecord(k("geo/Point"), [k("x"), k("y")], [1, 2]),
    new Bytes(new Uint8Array([0, 128, 255])),
    new Instant(8.64e15),
    new Duration(-90_000),
    new Uuid("01234567-89ab-cdef-0123-456789abcdef"),
    new Regex("(a+)|b", "i"),
    new Tagged(new Sym("my", "tag"), Vector.of(1)),
    new Tagged(new Sym("flow", "date"), "2024-02-29"),
    new ErrorValue(k("user"), "no", PMap.of(k("why"), 1)),
    new Closure(capturing, [1, 2]),
    new Cell(5, 1),
    new Cell(6, open, "delay"),
    new Cell(7, Vector.of(1), "transient"),
    new EventRef(8),
    new Var("user/x"),
  ];
  return [...numbers, ...texts, ...others];
}

const KINDS = makeValues().length;
const RUNS = 150;

/** Whether it is a value, and so are its parts; one that leads back to itself has parts that nobody made new. */
function isValue(x: unknown): boolean {
  if (x === null || ["boolean", "number", "bigint", "string"].includes(typeof x)) return true;
  if (!(x instanceof Obj)) return false;
  if (x instanceof Lazy || x instanceof Cons || x instanceof Range || !isCompound(x)) return true;
  return (partsOf(x) ?? []).every((part) => isValue(part));
}

/** What came of a call, in one word; whatever else is thrown is thrown on. */
function outcome(call: (...args: Value[]) => Value, args: Value[]): "value" | "signal" | "raised" | "nothing" {
  try {
    const answer = call(...args);
    if (answer === SIGNAL) return "signal";
    return isValue(answer) ? "value" : "nothing";
  } catch (thrown) {
    if (thrown instanceof Raise) return "raised";
    throw thrown;
  }
}

describe("any arguments", () => {
  test.each(primitives.map((one) => [`${one.name}@${one.version}`, one] as const))("%s", (_name, one) => {
    const most = one.max < 0 ? one.min + 3 : one.max;
    const args = fc.array(fc.nat(KINDS - 1), { minLength: one.min, maxLength: most });
    const property = fc.property(args, (picked) => {
      const values = makeValues();
      const found = outcome(
        one.call,
        picked.map((i) => values[i]),
      );
      expect(found).not.toBe("nothing");
      if (one.pure) expect(found).toBe("value");
    });
    fc.assert(property, { seed: 7, numRuns: RUNS });
  });
});
