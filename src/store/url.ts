// How a text that may be a store's URL may be shown.

/**
 * Any text that may be a URL, without its password: between `//user:` and the last `@`, and in the values of its query. For what
 * may not be possible to take apart, so rather too much goes than too little.
 */
export function withoutPassword(text: string): string {
  return text
    .replace(/(\/\/[^:/?#@]*):.*@/, "$1@")
    .replace(/([?&](?:password|listen_url|sslkey|sslcert|sslpassword)=)[^&]*/gi, "$1...");
}
