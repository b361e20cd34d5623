// The tests on types: pure, always answering, compiled in place.
import { Cons, List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { isFloat, isInteger, isNumber } from "../data/numbers.ts";
import { Range } from "../data/range.ts";
import { isSequential } from "../data/sequential.ts";
import { PSet } from "../data/set.ts";
import {
  Bytes,
  Cell,
  Closure,
  Duration,
  ErrorValue,
  EventRef,
  Instant,
  Keyword,
  Kind,
  Lazy,
  Obj,
  Ratio,
  Regex,
  Sym,
  Tagged,
  Uuid,
  type Value,
  Var,
} from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { pureTest } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { isReduced } from "./reduced.ts";

function isKind(name: string, kind: Kind): Primitive {
  return pureTest(name, (v) => v instanceof Obj && v.kind === kind);
}

/** A test JavaScript can make in place. */
function inPlace(name: string, call: (v: Value) => boolean, text: (a: string) => string): Primitive {
  return pureTest(name, call, (a) => ({ when: "true", value: text(a) }));
}

/** Functions, and data that looks itself up when called. */
function isCallable(v: Value): boolean {
  if (!(v instanceof Obj)) return false;
  switch (v.kind) {
    case Kind.Closure:
    case Kind.Continuation:
    case Kind.Keyword:
    case Kind.Sym:
    case Kind.PMap:
    case Kind.PSet:
    case Kind.Vector:
    case Kind.Var:
      return true;
    default:
      return false;
  }
}

const isCollection = (v: Value) => v instanceof Obj && (isSequential(v) || v instanceof PMap || v instanceof PSet);

export const tests: readonly Primitive[] = [
  inPlace(
    "nil?",
    (v) => v === null,
    (a) => `${a}===null`,
  ),
  inPlace(
    "some?",
    (v) => v !== null,
    (a) => `${a}!==null`,
  ),
  inPlace(
    "true?",
    (v) => v === true,
    (a) => `${a}===true`,
  ),
  inPlace(
    "false?",
    (v) => v === false,
    (a) => `${a}===false`,
  ),
  inPlace(
    "boolean?",
    (v) => typeof v === "boolean",
    (a) => `typeof ${a}==="boolean"`,
  ),
  inPlace(
    "string?",
    (v) => typeof v === "string",
    (a) => `typeof ${a}==="string"`,
  ),
  inPlace(
    "not",
    (v) => v === null || v === false,
    (a) => `(${a}===null||${a}===false)`,
  ),
  pureTest("number?", isNumber),
  pureTest("integer?", isInteger),
  pureTest("float?", isFloat),
  pureTest("ratio?", (v) => v instanceof Ratio),
  pureTest("symbol?", (v) => v instanceof Sym),
  pureTest("keyword?", (v) => v instanceof Keyword),
  pureTest("list?", (v) => v instanceof List || v instanceof Range),
  pureTest("vector?", (v) => v instanceof Vector),
  pureTest("map?", (v) => v instanceof PMap),
  pureTest("set?", (v) => v instanceof PSet),
  pureTest("lazy?", (v) => v instanceof Lazy || v instanceof Cons),
  pureTest("seq?", (v) => v instanceof List || v instanceof Range || v instanceof Lazy || v instanceof Cons),
  pureTest("fn?", (v) => v instanceof Closure),
  pureTest("var?", (v) => v instanceof Var),
  pureTest("cell?", (v) => v instanceof Cell),
  pureTest("atom?", (v) => v instanceof Cell && v.type === "atom"),
  pureTest("event?", (v) => v instanceof EventRef),
  isKind("task?", Kind.TaskRef),
  isKind("continuation?", Kind.Continuation),
  pureTest("instant?", (v) => v instanceof Instant),
  pureTest("duration?", (v) => v instanceof Duration),
  pureTest("uuid?", (v) => v instanceof Uuid),
  pureTest("bytes?", (v) => v instanceof Bytes),
  pureTest("regex?", (v) => v instanceof Regex),
  pureTest("tagged?", (v) => v instanceof Tagged),
  pureTest("error?", (v) => v instanceof ErrorValue),
  pureTest("coll?", isCollection),
  pureTest("sequential?", (v) => v instanceof Obj && isSequential(v)),
  pureTest("counted?", (v) => isCollection(v) && !(v instanceof Lazy || v instanceof Cons)),
  pureTest("callable?", isCallable),
  pureTest("reduced?", isReduced, (a) => ({ when: `!(${a} instanceof Tagged)`, value: "false" })),
];
