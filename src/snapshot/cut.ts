// Where long collections are cut into runs, and runs into runs of runs, until there is one.
import { hashString, mix } from "../data/hash.ts";

/** Cuts by position: every `width` runs make one of the next level. */
export function cutByIndex<T>(runs: T[], width: number, join: (group: T[]) => T): T {
  let level = runs;
  while (level.length > 1) {
    const above: T[] = [];
    for (let i = 0; i < level.length; i += width) above.push(join(level.slice(i, i + width)));
    level = above;
  }
  return level[0];
}

/** How many levels end behind an entry with this key: one in 32 ends a run, one in 32 of those a run of runs, ... */
function strength(key: string): number {
  const hash = mix(hashString(key));
  return hash === 0 ? 6 : Math.floor((31 - Math.clz32(hash & -hash)) / 5);
}

/**
 * Cuts by content: `keys` are the digests of the entries' keys. An entry added, changed or taken away moves only the cuts
 * beside it.
 */
export function cutByContent<T>(
  keys: readonly string[],
  leaf: (from: number, to: number) => T,
  join: (group: T[]) => T,
): T {
  let runs: T[] = [];
  let strengths: number[] = [];
  let from = 0;
  keys.forEach((key, i) => {
    const ends = strength(key);
    if (ends === 0 && i < keys.length - 1) return;
    runs.push(leaf(from, i + 1));
    strengths.push(ends);
    from = i + 1;
  });
  for (let level = 2; runs.length > 1; level++) {
    const above: T[] = [];
    const ends: number[] = [];
    let start = 0;
    strengths.forEach((strong, i) => {
      if (strong < level && i < strengths.length - 1) return;
      above.push(join(runs.slice(start, i + 1)));
      ends.push(strong);
      start = i + 1;
    });
    runs = above;
    strengths = ends;
  }
  return runs[0];
}
