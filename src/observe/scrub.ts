// What must not stand in logs is taken out of their texts: passwords in URLs, and tokens of callbacks but for their end (E-22).

/** A text as logs may hold it. */
export function scrubbed(text: string): string {
  return text
    .replace(/\bcb_[A-Za-z0-9_-]*([A-Za-z0-9_-]{4})/g, "cb_...$1")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"']*@/gi, "$1...@")
    .replace(/([?&;](?:password|passwd|token|access_token|secret|api_?key|sslkey|sslpassword)=)[^&\s"']*/gi, "$1...")
    .replace(/\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:basic|bearer)?\s*)[^\s"',]+/gi, "$1...");
}

/** Plain data as logs may hold it. */
export function scrubbedData(data: unknown): unknown {
  if (typeof data === "string") return scrubbed(data);
  if (Array.isArray(data)) return data.map(scrubbedData);
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, scrubbedData(value)]));
}
