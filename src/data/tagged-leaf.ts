// Tagged JSON (S-12) of the values that have no parts: how each is written, and how each is read back and checked.
//
// Reading is strict: every value has one spelling, so equal values have equal texts and a text says nothing but its value.
import type { Json } from "../base/canonical-json.ts";
import { INSTANT_MAX } from "../base/limits.ts";
import { isWellFormed } from "../base/text.ts";
import { meter } from "./meter.ts";
import {
  Bytes,
  CLEARED,
  Duration,
  Float,
  Instant,
  Keyword,
  Kind,
  Ratio,
  Regex,
  Sym,
  UNBOUND,
  Uuid,
  type Value,
} from "./value.ts";

/** The tagged JSON of a value without parts; undefined for collections, refs, functions and what carries metadata. */
export function leafJson(v: Value): Json | undefined {
  if (v === null || typeof v === "boolean" || typeof v === "string") return v;
  if (typeof v === "number") return Number.isFinite(v) ? v : ["f", String(v)];
  if (typeof v === "bigint") return ["i", v.toString()];
  if (v === CLEARED) return ["cleared"];
  if (v === UNBOUND) return ["unbound"];
  switch (v.kind) {
    case Kind.Float:
      return ["f", floatText((v as Float).value)];
    case Kind.Ratio:
      return ["q", (v as Ratio).num.toString(), (v as Ratio).den.toString()];
    case Kind.Keyword:
      return ["k", (v as Keyword).text];
    case Kind.Sym:
      return (v as Sym).meta === null ? symbolJson(v as Sym) : undefined;
    case Kind.Bytes:
      return ["b", base64((v as Bytes).data)];
    case Kind.Instant:
      return ["t", (v as Instant).ms];
    case Kind.Duration:
      return ["d", (v as Duration).ms];
    case Kind.Uuid:
      return ["u", (v as Uuid).text];
    case Kind.Regex:
      return ["x", (v as Regex).source, (v as Regex).flags];
    default:
      return undefined;
  }
}

/** An integral double: `2.0`, `-0.0`, `1e+300`. */
function floatText(x: number): string {
  const text = Object.is(x, -0) ? "-0" : String(x);
  return text.includes("e") ? text : `${text}.0`;
}

/** The tagged JSON of a symbol, without its metadata. */
export function symbolJson(v: Sym): readonly Json[] {
  const again = Sym.parse(v.text);
  return again.ns === v.ns && again.name === v.name ? ["s", v.text] : ["s", v.ns, v.name];
}

function base64(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}

/** What reading a leaf answers instead of a value: what is wrong with it. */
export class Flaw {
  constructor(readonly problem: string) {}
}

/** Reads a JSON scalar. */
export function scalarFrom(json: unknown): Value | Flaw {
  if (typeof json === "string") return textFrom(json, "a string") ?? json;
  if (typeof json === "number") {
    if (Number.isInteger(json) ? !Number.isSafeInteger(json) || Object.is(json, -0) : !Number.isFinite(json)) {
      return new Flaw("a number that is no integer below 2^53 and no fraction");
    }
    return json;
  }
  if (json === null || typeof json === "boolean") return json;
  return new Flaw("neither null, a boolean, a number, a string nor an array");
}

type Args = readonly unknown[];

/** Reads `[tag, ...]`; undefined when the tag is not that of a leaf. */
export function leafFrom(json: Args): Value | Flaw | undefined {
  const reader = readers.get(json[0]);
  if (reader === undefined) return undefined;
  const [least, most, read] = reader;
  const count = json.length - 1;
  if (count < least || count > most) return new Flaw(`${String(json[0])} has ${count} parts`);
  return read(json);
}

const readers: ReadonlyMap<unknown, readonly [number, number, (json: Args) => Value | Flaw]> = new Map<
  unknown,
  readonly [number, number, (json: Args) => Value | Flaw]
>([
  ["i", [1, 1, ([, text]) => wideInteger(text)]],
  ["f", [1, 1, ([, text]) => floatFrom(text)]],
  ["q", [2, 2, ([, num, den]) => ratioFrom(num, den)]],
  ["k", [1, 1, ([, text]) => nameFlaw(text) ?? Keyword.of(text as string)]],
  ["s", [1, 2, symbolFrom]],
  ["b", [1, 1, ([, text]) => bytesFrom(text)]],
  ["t", [1, 1, ([, ms]) => (isInstant(ms) ? new Instant(ms) : new Flaw("not an instant"))]],
  ["d", [1, 1, ([, ms]) => (isMilliseconds(ms) ? new Duration(ms) : new Flaw("not milliseconds"))]],
  ["u", [1, 1, ([, text]) => uuidFrom(text)]],
  ["x", [2, 2, ([, source, flags]) => nameFlaw(source, 0) ?? nameFlaw(flags, 0) ?? regexFrom(source, flags)]],
]);

function textFrom(text: unknown, what: string): Flaw | null {
  if (typeof text !== "string") return new Flaw(`not ${what}`);
  if (text.length > meter.stringLengthMax) return new Flaw(`${what} of ${text.length} characters`);
  if (!isWellFormed(text)) return new Flaw(`${what} with half a character`);
  return null;
}

/** What is wrong with a name or text, if anything. */
function nameFlaw(text: unknown, least = 1): Flaw | null {
  return textFrom(text, "a text") ?? ((text as string).length < least ? new Flaw("an empty name") : null);
}

/** An integer of any width in decimal, or null. Its length is checked before it is made. */
function decimal(text: unknown): bigint | null {
  if (typeof text !== "string" || text.length > meter.integerBitsMax / 3 + 2) return null;
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? BigInt(text) : null;
}

function wideInteger(text: unknown): Value | Flaw {
  const n = decimal(text);
  if (n === null) return new Flaw("not an integer");
  return Number.isSafeInteger(Number(n)) ? new Flaw("an integer below 2^53 written as a wide one") : n;
}

function floatFrom(text: unknown): Value | Flaw {
  if (typeof text !== "string") return new Flaw("not a float");
  const x = Number(text);
  if (!Number.isFinite(x)) return text === String(x) ? x : new Flaw("not a float");
  return Number.isInteger(x) && floatText(x) === text ? new Float(x) : new Flaw("not an integral float");
}

function ratioFrom(numText: unknown, denText: unknown): Value | Flaw {
  const num = decimal(numText);
  const den = decimal(denText);
  if (num === null || den === null || den < 2n) return new Flaw("not a ratio");
  let [a, b] = [num < 0n ? -num : num, den];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 1n ? new Ratio(num, den) : new Flaw("a ratio not in lowest terms");
}

function symbolFrom(json: Args): Value | Flaw {
  if (json.length === 2) return nameFlaw(json[1]) ?? Sym.parse(json[1] as string);
  const flaw = (json[1] === null ? null : nameFlaw(json[1], 0)) ?? nameFlaw(json[2], 0);
  if (flaw !== null) return flaw;
  const symbol = new Sym(json[1] as string | null, json[2] as string);
  return symbolJson(symbol).length === 3 ? symbol : new Flaw("a symbol in two parts for no reason");
}

function bytesFrom(text: unknown): Value | Flaw {
  if (typeof text !== "string" || text.length / 4 > meter.stringLengthMax / 3 + 1) return new Flaw("not base64");
  const data = Buffer.from(text, "base64");
  return base64(data) === text ? new Bytes(new Uint8Array(data)) : new Flaw("not base64");
}

function isMilliseconds(ms: unknown): ms is number {
  return typeof ms === "number" && Number.isSafeInteger(ms) && !Object.is(ms, -0);
}

function isInstant(ms: unknown): ms is number {
  return isMilliseconds(ms) && Math.abs(ms) <= INSTANT_MAX;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function uuidFrom(text: unknown): Value | Flaw {
  return typeof text === "string" && UUID.test(text) ? new Uuid(text) : new Flaw("not a UUID");
}

function regexFrom(source: unknown, flags: unknown): Value {
  return new Regex(source as string, flags as string);
}
