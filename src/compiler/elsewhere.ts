// Names that people know from Clojure and Java and that this language has not: what to write in their place.

const NO_BOUNDS = "integers have no bounds here";
const NO_DECIMALS = "there are no big decimals: exact ratios such as 314/100 do not lose anything either";

const NAMES: Readonly<Record<string, string>> = {
  short: `${NO_BOUNDS}, and one type: use int`,
  byte: `${NO_BOUNDS}, and one type: use int`,
  biginteger: `${NO_BOUNDS}: use bigint, or nothing at all`,
  char: "characters are strings of one code point: use flow.string/from-code-point",
  "char?": "characters are strings of one code point: use string?",
  bigdec: NO_DECIMALS,
  "decimal?": NO_DECIMALS,
  "with-precision": NO_DECIMALS,
  "unchecked-add": `${NO_BOUNDS}: use +`,
  "unchecked-subtract": `${NO_BOUNDS}: use -`,
  "unchecked-multiply": `${NO_BOUNDS}: use *`,
  "unchecked-inc": `${NO_BOUNDS}: use inc`,
  "unchecked-dec": `${NO_BOUNDS}: use dec`,
  "unchecked-negate": `${NO_BOUNDS}: use -`,
  "unchecked-int": `${NO_BOUNDS}: use int, and bit-and to keep some bits`,
  "unchecked-long": `${NO_BOUNDS}: use int, and bit-and to keep some bits`,
  "unsigned-bit-shift-right":
    "integers have no highest bit: keep as many as you mean first, (bit-shift-right (bit-and x 0xffffffffffffffff) n)",
  "add-exact": `${NO_BOUNDS}: use +`,
  "subtract-exact": `${NO_BOUNDS}: use -`,
  "multiply-exact": `${NO_BOUNDS}: use *`,
  "increment-exact": `${NO_BOUNDS}: use inc`,
  "decrement-exact": `${NO_BOUNDS}: use dec`,
  "negate-exact": `${NO_BOUNDS}: use -`,
};

/** Classes of Java that scripts call in passing. */
const CLASSES: Readonly<Record<string, string>> = {
  Math: "require flow.math, which has sin, pow, floor-div and their like",
  StrictMath: "require flow.math, which has sin, pow, floor-div and their like",
  "System/currentTimeMillis": "(flow.time/now) answers an instant, (flow.time/millis instant) its milliseconds",
  "System/nanoTime": "(flow.time/now) answers an instant, (flow.time/millis instant) its milliseconds",
  "Thread/sleep": "require flow.time: (flow.time/sleep 100)",
  "Integer/parseInt": "use parse-long",
  "Long/parseLong": "use parse-long",
  "Double/parseDouble": "use parse-double",
  "UUID/randomUUID": "use random-uuid",
  "java.util.UUID/randomUUID": "use random-uuid",
};

/** What to use in place of a name, or null where nothing is known of it. */
export function elsewhere(ns: string | null, name: string): string | null {
  if (ns === null || ns === "flow.math" || ns === "flow.core") return own(NAMES, name);
  return own(CLASSES, `${ns}/${name}`) ?? own(CLASSES, ns);
}

function own(table: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(table, key) ? table[key] : null;
}
