// All primitives by name, and by name and version (S-10: old versions stay).
import { TEMPORAL_PACKAGE } from "../data/temporal.ts";
import { ZONE_DATA_VERSION } from "../data/zones.ts";
import { arithmetic } from "./arithmetic.ts";
import { bits } from "./bits.ts";
import { calendar } from "./calendar.ts";
import { cell } from "./cell.ts";
import { collection } from "./collection.ts";
import { compare } from "./compare.ts";
import { digests } from "./digest.ts";
import { edn } from "./edn.ts";
import { encode } from "./encode.ts";
import { error } from "./error.ts";
import { formatting } from "./format.ts";
import { gather } from "./gather.ts";
import { json } from "./json.ts";
import { lookup } from "./lookup.ts";
import { math } from "./math.ts";
import { names } from "./names.ts";
import { namespace } from "./namespace.ts";
import type { Primitive } from "./primitive.ts";
import { read } from "./read.ts";
import { record } from "./record.ts";
import { reduced } from "./reduced.ts";
import { regex } from "./regex.ts";
import { sequence } from "./sequence.ts";
import { string } from "./string.ts";
import { tests } from "./tests.ts";
import { text } from "./text.ts";
import { time } from "./time.ts";
import { transients } from "./transient.ts";
import { url } from "./url.ts";

/** Every primitive of this engine, all versions. */
export const primitives: readonly Primitive[] = [
  ...arithmetic,
  ...bits,
  ...math,
  ...compare,
  ...tests,
  ...sequence,
  ...lookup,
  ...collection,
  ...transients,
  ...gather,
  ...text,
  ...formatting,
  ...string,
  ...regex,
  ...names,
  ...namespace,
  ...read,
  ...cell,
  ...reduced,
  ...record,
  ...error,
  ...json,
  ...edn,
  ...encode,
  ...digests,
  ...url,
  ...time,
  ...calendar,
];

/** What primitives rely on beside themselves, with versions. */
export const LIBRARIES: readonly string[] = [TEMPORAL_PACKAGE, `zones@${ZONE_DATA_VERSION}`];

const newest = new Map<string, Primitive>();
const versions = new Map<string, Primitive>();
for (const primitive of primitives) {
  const text = `${primitive.name}@${primitive.version}`;
  if (versions.has(text)) throw new Error(`bug: there are two primitives ${text}`);
  versions.set(text, primitive);
  const known = newest.get(primitive.name);
  if (known === undefined || known.version < primitive.version) newest.set(primitive.name, primitive);
}

/** The newest version of a primitive: what new code is compiled to. */
export function findPrimitive(name: string): Primitive | undefined {
  return newest.get(name);
}

/** The primitive stored code names: `add@1`. */
export function findPrimitiveVersion(text: string): Primitive | undefined {
  return versions.get(text);
}
