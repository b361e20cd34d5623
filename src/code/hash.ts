// The two hashes of a unit (S-1) and the texts they cover.
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import { sha256 } from "../base/hash.ts";
import type { Code, Debug } from "./code.ts";

/** The canonical text of code: the keys in the order of the format, whatever order they were made in. */
export function codeText(code: Code): string {
  const { v, arities, captures, slots, self, consts, globals, units, blocks } = code;
  return recordText({ v, arities, captures, slots, self, consts, globals, units, blocks });
}

/** The canonical text of a debug table. */
export function debugText(debug: Debug): string {
  const { name, params, file, hash, span, slots, captures, blocks, units, doc, macro } = debug;
  return recordText({ name, params, file, hash, span, slots, captures, blocks, units, doc, macro });
}

function recordText(record: Readonly<Record<string, unknown>>): string {
  const present = Object.entries(record).filter(([, value]) => value !== undefined);
  return canonicalJson(Object.fromEntries(present) as Json);
}

/** The code hash of a code text. */
export function codeHash(code: string): string {
  return sha256(code);
}

/** The unit hash: over the code hash and the debug text, which holds the unit hashes of the nested units. */
export function unitHash(codeHash: string, debug: string): string {
  return sha256(`["unit",${JSON.stringify(codeHash)},${debug}]`);
}
