// Writes case-tables.ts from the Unicode data of the Node that runs it: `node src/data/unicode/generate-case.mjs`.
//
// It refuses a Node of another Unicode version than the one named here, so that the tables change only when somebody decides so:
// (upper-case s) must be the same on every Node. A test compares the tables with a Node of that version.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const VERSION = "17.0";
const POINTS = 0x110000;

/** What a function of strings makes of each code point that it changes, as [point, text]. */
function mappings(change) {
  const found = [];
  for (let point = 0x80; point < POINTS; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    const before = String.fromCodePoint(point);
    const after = change(before);
    if (after !== before) found.push([point, after]);
  }
  return found;
}

/** Mappings to one code point in runs of one distance and one step: `first count step distance`, in base 36. */
function encodeSingle(pairs) {
  const runs = [];
  for (const [point, text] of pairs.filter(([, text]) => [...text].length === 1)) {
    const distance = text.codePointAt(0) - point;
    const last = runs.at(-1);
    const step = last === undefined ? 0 : point - (last.first + (last.count - 1) * last.step);
    const fits = last?.distance === distance && (last.count === 1 ? step <= 2 : step === last.step);
    if (fits) Object.assign(last, { count: last.count + 1, step });
    else runs.push({ first: point, count: 1, step: 1, distance });
  }
  return runs
    .map(({ first, count, step, distance }) => [first, count, step, distance].map((n) => n.toString(36)).join(" "))
    .join(",");
}

/** Mappings to several code points: `point to to ...`, in base 36. */
function encodeSeveral(pairs) {
  return pairs
    .filter(([, text]) => [...text].length > 1)
    .map(([point, text]) =>
      [point, ...[...text].map((char) => char.codePointAt(0))].map((n) => n.toString(36)).join(" "),
    )
    .join(",");
}

/** The ranges of a property: in base 36, how many do not have it, how many have it, and so on. */
function encodeProperty(name) {
  const pattern = new RegExp(`^\\p{${name}}$`, "u");
  const runs = [];
  let has = false;
  let from = 0;
  for (let point = 0; point < POINTS; point++) {
    if (pattern.test(String.fromCodePoint(point)) === has) continue;
    runs.push(point - from);
    from = point;
    has = !has;
  }
  if (has) runs.push(POINTS - from);
  return runs.map((n) => n.toString(36)).join(" ");
}

if (process.versions.unicode !== VERSION) {
  throw new Error(`the tables are those of Unicode ${VERSION}; this Node has ${process.versions.unicode}`);
}
const upper = mappings((text) => text.toUpperCase());
const lower = mappings((text) => text.toLowerCase());
const text = `// Tables of Unicode ${VERSION}, written by generate-case.mjs: capital and small letters. Do not edit.

/** The version of Unicode these tables are of. */
export const CASE_VERSION = "${VERSION}";

/** \`first count step distance\` in base 36: first, first + step, ... become themselves + distance. */
export const UPPER =
  "${encodeSingle(upper)}";
export const LOWER =
  "${encodeSingle(lower)}";

/** \`point to to ...\` in base 36: what becomes several code points. */
export const UPPER_SEVERAL =
  "${encodeSeveral(upper)}";
export const LOWER_SEVERAL = "${encodeSeveral(lower)}";

/** Lengths in base 36 of stretches that do not have, have, do not have ... the property. */
export const CASED =
  "${encodeProperty("Cased")}";
export const CASE_IGNORABLE =
  "${encodeProperty("Case_Ignorable")}";
`;
const target = process.argv[2] ?? fileURLToPath(new URL("case-tables.ts", import.meta.url));
writeFileSync(target, text);
