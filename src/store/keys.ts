// Fixed keys and bounds that both stores share.

/** One turn takes at most so many inbox rows (E-27). */
export const INBOX_MAX = 1000;

/** The inbox key under which a program is told that nobody knows what became of an effect; its own key stays free for an answer. */
export function unknownKey(key: string): string {
  return `unknown:${key}`;
}
