// SHA-256, the only content hash of the engine.
import { hash } from "node:crypto";

/** The SHA-256 of bytes, or of a string in UTF-8, in 64 hex characters. */
export function sha256(data: string | Uint8Array): string {
  return hash("sha256", data, "hex");
}

/** The SHA-256 of bytes, or of a string in UTF-8: 32 bytes. */
export function sha256Bytes(data: string | Uint8Array): Uint8Array {
  return hash("sha256", data, "buffer");
}
