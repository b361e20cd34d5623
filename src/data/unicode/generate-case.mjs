// Writes case-tables.ts from the Unicode data of the Node that runs it: `node src/data/unicode/generate-case.mjs`.
//
// It refuses a Node of another Unicode version than the one in encode-runs.mjs, so that the tables change only when somebody decides so:
// (upper-case s) must be the same on every Node. A test compares the tables with a Node of that version.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { encodeRuns, needVersion, POINTS, VERSION } from "./encode-runs.mjs";

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

/** Mappings to one code point. */
function encodeSingle(pairs) {
  const single = pairs.filter(([, text]) => [...text].length === 1);
  return encodeRuns(single.map(([point, text]) => [point, text.codePointAt(0) - point]));
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

needVersion();
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
