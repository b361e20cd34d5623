// Digests of bytes and of strings in UTF-8: SHA-2, the older MD5 and SHA-1 for what still asks for them, and HMAC (RFC 2104).
import { createHmac, hash } from "node:crypto";
import { sha256 } from "../base/hash.ts";
import type { Value } from "../data/value.ts";
import { chargeText } from "./charge.ts";
import { needString } from "./check.ts";
import { primitive } from "./define.ts";
import { bytesOf } from "./encode.ts";
import type { Primitive } from "./primitive.ts";
import { refuse } from "./raise.ts";

const ALGORITHMS: ReadonlySet<string> = new Set(["md5", "sha1", "sha256", "sha512"]);

function algorithm(fn: string, value: Value): string {
  const name = needString(fn, 1, value);
  return ALGORITHMS.has(name) ? name : refuse("range", fn, `there is no algorithm ${name}`);
}

/** The digest in hexadecimal digits. */
function digest(name: Value, data: Value): Value {
  const bytes = bytesOf("digest", data, 2);
  chargeText(bytes.length);
  return hash(algorithm("digest", name), bytes, "hex");
}

function hmac(name: Value, key: Value, data: Value): Value {
  const bytes = bytesOf("hmac", data, 3);
  chargeText(bytes.length);
  return createHmac(algorithm("hmac", name), bytesOf("hmac", key, 2))
    .update(bytes)
    .digest("hex");
}

export const digests: readonly Primitive[] = [
  primitive("sha256", 1, 1, (value) => {
    const bytes = bytesOf("sha256", value);
    chargeText(bytes.length);
    return sha256(bytes);
  }),
  primitive("digest", 2, 2, digest),
  primitive("hmac", 3, 3, hmac),
];
