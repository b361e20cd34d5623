// Quantifiers: how often something is repeated.
import type { Cursor } from "./cursor.ts";
import type { Dialect } from "./flags.ts";
import { RegexProblem } from "./problem.ts";

/** How often a quantifier may ask for something. */
export const COUNT_MAX = 65_535;

/** `{n}`, `{n,}`, `{,m}`, `{n,m}`, `{,}`: in Python's dialect anything else is a brace. */
export const PYTHON_COUNT = /\{(?:[0-9]+(?:,[0-9]*)?|,[0-9]*)\}/y;
const CLOJURE_COUNT = /\{[0-9]+(?:,[0-9]*)?\}/y;

/** True if a quantifier comes next. */
export function seesQuantifier(cursor: Cursor, dialect: Dialect): boolean {
  if (cursor.seesMatch(/[*+?]/y)) return true;
  return dialect === "clojure" ? cursor.sees("{") : cursor.seesMatch(PYTHON_COUNT);
}

/** Reads `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}` as fewest and most; null if none of them comes next. */
export function readBounds(cursor: Cursor, dialect: Dialect): readonly [number, number] | null {
  const start = cursor.at;
  if (cursor.takes("*")) return [0, Infinity];
  if (cursor.takes("+")) return [1, Infinity];
  if (cursor.takes("?")) return [0, 1];
  if (!cursor.sees("{")) return null;
  const text = cursor.takesMatch(dialect === "clojure" ? CLOJURE_COUNT : PYTHON_COUNT);
  if (text === null) {
    if (dialect === "python") return null;
    cursor.takesMatch(/\{[^}]*\}?/y);
    const hint = "write {2}, {2,} or {2,5}; for a brace itself write \\{";
    return cursor.fail("this is not a number of times", start, hint);
  }
  const [low, high = low] = text.slice(1, -1).split(",");
  const min = low === "" ? 0 : Number(low);
  const max = high === "" ? Infinity : Number(high);
  if (min > COUNT_MAX || (max > COUNT_MAX && max !== Infinity)) {
    throw new RegexProblem(`a quantifier counts to ${COUNT_MAX} at most`, start, cursor.at);
  }
  if (max < min) cursor.fail(`${text} asks for more than it allows`, start, "the smaller number comes first");
  return [min, max];
}
