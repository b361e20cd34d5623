// Limits by the text of a label (`ClaimQueue.per`): which of a queue's candidates may be claimed.

/** A candidate for a claim. `text`: of the label in question; null: it has none. */
export interface Labelled {
  readonly text: string | null;
}

/** Takes candidates in their order, at most `most`, and of each text so many that no more than `limit` are owned. `owned` is brought up to date. */
export function withinLimits<T extends Labelled>(
  candidates: readonly T[],
  owned: Map<string, number>,
  { most, limit }: { readonly most: number; readonly limit: number },
): T[] {
  const taken: T[] = [];
  for (const candidate of candidates) {
    if (taken.length >= most) break;
    const { text } = candidate;
    const count = text === null ? 0 : (owned.get(text) ?? 0);
    if (text !== null && count >= limit) continue;
    if (text !== null) owned.set(text, count + 1);
    taken.push(candidate);
  }
  return taken;
}
