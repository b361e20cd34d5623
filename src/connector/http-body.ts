// The body of an HTTP answer as plain JSON text: decoded when it is text, base64 with a marker when it is not.

/** The members `body` and, if it is not text, `bodyEncoding` of an answer. */
export function bodyMembers(bytes: Buffer, contentType: string | undefined): Record<string, string> {
  const text = decode(bytes, charsetOf(contentType) ?? "utf-8");
  return text === null ? { body: bytes.toString("base64"), bodyEncoding: "base64" } : { body: text };
}

/** The charset parameter of a content type, or null. */
function charsetOf(contentType: string | undefined): string | null {
  const match = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType ?? "");
  return match === null ? null : (match[1] ?? match[2] ?? null);
}

/** Null when the bytes are not valid in that charset. A charset nobody knows is no reason to give up on UTF-8. */
function decode(bytes: Buffer, charset: string): string | null {
  try {
    return decoder(charset).decode(bytes);
  } catch {
    return null;
  }
}

function decoder(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return new TextDecoder("utf-8", { fatal: true });
  }
}
