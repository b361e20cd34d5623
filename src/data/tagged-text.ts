// Canonical JSON text (E-9) of JSON values that may be nested to any depth: JSON.stringify recurses, this does not.

/** Everything outside printable ASCII is escaped. */
const ESCAPED = /[\u007f-\uffff]/g;

/** True when the text has no half of a surrogate pair on its own. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** A string as canonical JSON. */
export function quote(text: string): string {
  const json = JSON.stringify(text);
  return json.replace(ESCAPED, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The canonical text of arrays, strings, numbers, booleans and null. */
export function arrayText(json: unknown): string {
  const pieces: string[] = [];
  const open: { readonly items: readonly unknown[]; next: number }[] = [];
  let at = json;
  for (;;) {
    if (Array.isArray(at)) {
      pieces.push("[");
      open.push({ items: at, next: 0 });
    } else pieces.push(typeof at === "string" ? quote(at) : String(at));
    let top = open[open.length - 1];
    while (top !== undefined && top.next === top.items.length) {
      pieces.push("]");
      open.pop();
      top = open[open.length - 1];
    }
    if (top === undefined) return pieces.join("");
    if (top.next > 0) pieces.push(",");
    at = top.items[top.next++];
  }
}
