// Which calls of core functions are compiled to a primitive: by qualified name, then by argument count.
//
// Each function named here does for that many arguments exactly what the primitive does (its guard included), so nobody can
// tell the difference but by speed. The functions themselves are in the prelude, for `map` and `apply`.

/** A primitive for each argument count. */
type Entry = Readonly<Record<number, string>>;

/** A core function and primitive of one name and argument count. */
function same(counts: readonly number[], ...functions: string[]): [string, Entry][] {
  return functions.map((name) => [name, Object.fromEntries(counts.map((count) => [count, name]))]);
}

const core: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ["+", { 2: "add" }],
  ["-", { 1: "neg", 2: "sub" }],
  ["*", { 2: "mul" }],
  ["/", { 2: "div" }],
  ["<", { 2: "lt" }],
  ["<=", { 2: "le" }],
  [">", { 2: "gt" }],
  [">=", { 2: "ge" }],
  ["==", { 2: "num-eq" }],
  ["=", { 2: "eq" }],
  ...same([2], "quot", "rem", "mod", "max", "min", "bit-and", "bit-or", "bit-xor", "identical?", "compare"),
  ["bit-shift-left", { 2: "shift-left" }],
  ["bit-shift-right", { 2: "shift-right" }],
  ...same([1], "inc", "dec", "abs", "bit-not", "zero?", "pos?", "neg?", "even?", "odd?", "sqrt", "hash"),
  ...same([1], "int", "float", "floor", "ceil", "round", "rationalize", "numerator", "denominator"),
  ["long", { 1: "int" }],
  ["double", { 1: "float" }],
  ["NaN?", { 1: "nan?" }],
  ["infinite?", { 1: "infinite?" }],
  ...same([1], "nil?", "some?", "true?", "false?", "boolean?", "not", "number?", "integer?", "float?", "ratio?"),
  ["int?", { 1: "integer?" }],
  ...same(
    [1],
    "string?",
    "symbol?",
    "keyword?",
    "list?",
    "vector?",
    "map?",
    "set?",
    "coll?",
    "sequential?",
    "counted?",
  ),
  ...same(
    [1],
    "seq?",
    "lazy?",
    "fn?",
    "var?",
    "duration?",
    "uuid?",
    "bytes?",
    "regex?",
    "error?",
    "event?",
    "reduced?",
  ),
  ["inst?", { 1: "instant?" }],
  ["atom?", { 1: "atom?" }],
  ["ifn?", { 1: "callable?" }],
  ...same(
    [1],
    "seq",
    "first",
    "rest",
    "next",
    "count",
    "last",
    "reverse",
    "vec",
    "peek",
    "pop",
    "empty",
    "keys",
    "vals",
  ),
  ...same([2], "cons", "nthrest", "nthnext", "contains?", "find", "disj", "dissoc", "conj", "into"),
  ...same([2, 3], "nth", "get", "subvec", "subs"),
  ...same([3], "assoc"),
  ...same([1], "meta", "name", "namespace", "reduced", "frequencies"),
  ...same([2], "with-meta", "repeat-string"),
  ...same([1, 2], "keyword", "symbol"),
  ["set", { 1: "set-of" }],
  ["sort", { 1: "sort" }],
  ["str", { 1: "str", 2: "str", 3: "str", 4: "str", 5: "str", 6: "str" }],
  ["vector", { 0: "vector", 1: "vector", 2: "vector", 3: "vector", 4: "vector" }],
  ["list", { 0: "list", 1: "list", 2: "list", 3: "list", 4: "list" }],
  ["atom", { 1: "cell-new" }],
  ["reset!", { 2: "cell-set" }],
  ...same([1], "transient", "persistent!", "pop!"),
  ...same([2], "conj!", "dissoc!", "disj!"),
  ...same([3], "assoc!"),
  ["compare-and-set!", { 3: "compare-and-set" }],
  ["ex-data", { 1: "error-data" }],
  ["ex-message", { 1: "error-message" }],
  ["ex-cause", { 1: "error-cause" }],
  ["ex-type", { 1: "error-type" }],
  ["ex-trace", { 1: "error-trace" }],
]);

const CORE = "flow.core/";

/** The primitives that calls of a global are compiled to, by argument count: `{2: "add"}`; undefined: none. */
export function inlineOf(qualified: string): Readonly<Record<number, string>> | undefined {
  return qualified.startsWith(CORE) ? core.get(qualified.slice(CORE.length)) : undefined;
}

/** The functions of flow.core that have such primitives, for tests. */
export const inlinedFunctions: readonly string[] = [...core.keys()];
