// Names that people know from Clojure and Java and that this language has not: what to write in their place.

const NO_BOUNDS = "integers have no bounds here";
const NO_DECIMALS = "there are no big decimals: exact ratios such as 314/100 do not lose anything either";

const NAMES: Readonly<Record<string, string>> = {
  short: `${NO_BOUNDS}, and one type: use int`,
  byte: `${NO_BOUNDS}, and one type: use int`,
  biginteger: `${NO_BOUNDS}: use bigint, or nothing at all`,
  bigdec: NO_DECIMALS,
  "decimal?": NO_DECIMALS,
  "with-precision": NO_DECIMALS,
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
};

/** What to use in place of a name, or null where nothing is known of it. */
export function elsewhere(ns: string | null, name: string): string | null {
  if (ns === null || ns === "flow.math" || ns === "flow.core") return own(NAMES, name);
  return own(CLASSES, `${ns}/${name}`) ?? own(CLASSES, ns);
}

function own(table: Readonly<Record<string, string>>, key: string): string | null {
  return Object.hasOwn(table, key) ? table[key] : null;
}
