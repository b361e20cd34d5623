// Fixed keys that all stores share.

/** The inbox key under which a program is told that nobody knows what became of an effect; its own key stays free for an answer. */
export function unknownKey(key: string): string {
  return `unknown:${key}`;
}
