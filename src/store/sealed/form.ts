// What a sealed text looks like: a JSON string, as bodies are JSON texts.
//
//   "s1.<id of the key>.<base64url of nonce, ciphertext and tag>"

const SEALED = /^"s1\.([0-9a-f]{12})\.([A-Za-z0-9_-]+)"$/;
const BEGINNING = /^"s1\.([0-9a-f]{12})\./;

/** The id of the key that a text is sealed with; null: it is not sealed. Says nothing about whether it opens. */
export function sealedWith(text: string): string | null {
  return text.startsWith('"s1.') ? (BEGINNING.exec(text)?.[1] ?? null) : null;
}

export function sealedText(id: string, bytes: Buffer): string {
  return `"s1.${id}.${bytes.toString("base64url")}"`;
}

/** The bytes of a sealed text; null: it is not written as one. */
export function sealedBytes(text: string): Buffer | null {
  const encoded = SEALED.exec(text)?.[2];
  if (encoded === undefined) return null;
  const bytes = Buffer.from(encoded, "base64url");
  // Other characters at the end may mean the same bytes.
  return bytes.toString("base64url") === encoded ? bytes : null;
}
