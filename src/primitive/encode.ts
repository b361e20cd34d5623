// Bytes and what is made of them: base64, UTF-8, uuids, random numbers from recorded entropy.
import { blocksOf, seededBytes } from "../base/random.ts";
import { asciiLower, SPACES } from "../base/text.ts";
import { bitLength } from "../data/bit-length.ts";
import { float, type Integer, integer } from "../data/numbers.ts";
import { Bytes, Uuid, type Value } from "../data/value.ts";
import { chargeText, needRoomForText } from "./charge.ts";
import { needCount, needInteger, needString } from "./check.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

/** What base64 may have between its characters. */
const BETWEEN = new RegExp(`[${SPACES}=]+`, "g");

/** Bytes as they are, strings in UTF-8. `position`: which argument of `fn` it is. */
export function bytesOf(fn: string, value: Value, position = 1): Uint8Array {
  if (value instanceof Bytes) return value.data;
  return typeof value === "string" ? Buffer.from(value, "utf8") : wrongType(fn, "a string or bytes", position, value);
}

function base64Encode(value: Value): Value {
  const bytes = bytesOf("base64-encode", value);
  needRoomForText("base64-encode", Math.ceil(bytes.length / 3) * 4);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** With the alphabet for URLs and file names, without padding (RFC 4648 section 5). */
function base64EncodeUrl(value: Value): Value {
  const bytes = bytesOf("base64-encode", value);
  needRoomForText("base64-encode", Math.ceil(bytes.length / 3) * 4);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

function base64Decode(value: Value): Value {
  const text = needString("base64-decode", 1, value).replace(BETWEEN, "");
  chargeText(text.length);
  if (!/^[A-Za-z0-9+/_-]*$/.test(text) || text.length % 4 === 1) {
    return refuse("range", "base64-decode", "this is no base64 text");
  }
  return new Bytes(Uint8Array.from(Buffer.from(text, "base64")));
}

function utf8Decode(value: Value): Value {
  if (!(value instanceof Bytes)) return wrongType("utf8-decode", "bytes", 1, value);
  needRoomForText("utf8-decode", value.data.length);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value.data);
  } catch {
    return refuse("range", "utf8-decode", "these bytes are no UTF-8 text");
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function parseUuid(value: Value): Value {
  const text = asciiLower(needString("parse-uuid", 1, value));
  return UUID.test(text) ? new Uuid(text) : null;
}

/** Random bytes: at least so many of them, as a handler may answer anything. */
function entropy(value: Value, count: number): Uint8Array {
  if (!(value instanceof Bytes)) return wrongType("random", "bytes", 1, value);
  if (value.data.length >= count) return value.data;
  return refuse("range", "random", `needs ${count} bytes, but was answered ${value.data.length}`, { value });
}

/** 53 of at least 56 random bits as a float in 0..1. */
function entropyFraction(value: Value): Value {
  const [a, b, c, d, e, f, g] = entropy(value, 7);
  const high = (a << 20) | (b << 12) | (c << 4) | (d >> 4);
  const low = ((d & 15) << 21) | (e << 13) | (f << 5) | (g >> 3);
  return float((high * 33554432 + low) / 9007199254740992);
}

const bytesFor = (n: Integer) => Math.ceil(bitLength(BigInt(n) - 1n) / 8) || 1;

/** A number below n from the random bytes, or nil when they must be drawn again for all to be equally likely. */
function entropyInteger(value: Value, n: Value): Value {
  const limit = BigInt(needInteger("rand-int", 2, n));
  let x = 0n;
  for (const byte of entropy(value, bytesFor(limit))) x = (x << 8n) | BigInt(byte);
  const bits = bitLength(limit - 1n);
  x &= (1n << BigInt(bits)) - 1n;
  return limit === 1n ? 0 : x < limit ? integer(x) : null;
}

/** Bytes drawn from a seed: up to 65,536 of them, as the program's own generator gives. */
function drawSeeded(seed: Value, block: Value, count: Value): Value {
  const size = needCount("random", 1, count);
  if (size < 0 || size > 65_536) return refuse("range", "random", "takes a count of bytes from 0 to 65536", { count });
  chargeText(size);
  return new Bytes(seededBytes(needString("with-seed", 1, seed), needCount("with-seed", 2, block), size));
}

/** A version 4 uuid of 16 random bytes. */
function entropyUuid(value: Value): Value {
  const bytes = Uint8Array.from(entropy(value, 16).subarray(0, 16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString("hex");
  return new Uuid([hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-"));
}

export const encode: readonly Primitive[] = [
  primitive("base64-encode", 1, 1, base64Encode),
  primitive("base64-decode", 1, 1, base64Decode),
  primitive("utf8-encode", 1, 1, (text) => new Bytes(Uint8Array.from(Buffer.from(needString("utf8-encode", 1, text))))),
  primitive("utf8-decode", 1, 1, utf8Decode),
  primitive("bytes-count", 1, 1, (value) =>
    value instanceof Bytes ? value.data.length : wrongType("count-bytes", "bytes", 1, value),
  ),
  primitive("base64-encode-url", 1, 1, base64EncodeUrl),
  primitive("parse-uuid", 1, 1, parseUuid),
  primitive("entropy-fraction", 1, 1, entropyFraction),
  primitive("entropy-bytes", 1, 1, (n) => bytesFor(needInteger("rand-int", 1, n))),
  primitive("entropy-integer", 2, 2, entropyInteger),
  primitive("entropy-uuid", 1, 1, entropyUuid),
  primitive("seeded-bytes", 3, 3, drawSeeded),
  primitive("seeded-blocks", 1, 1, (count) => blocksOf(needCount("random", 1, count))),
];
