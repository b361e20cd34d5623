// How queues share a claim: each in turn gives its best program, so that none waits for the backlog of another.

/** Takes from the lists in turns, first the first of each, then the second, until there are `limit`. */
export function inTurns<T>(lists: readonly (readonly T[])[], limit: number): T[] {
  const taken: T[] = [];
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let i = 0; i < longest; i++) {
    for (const list of lists) {
      if (taken.length >= limit) return taken;
      if (i < list.length) taken.push(list[i]);
    }
  }
  return taken;
}
