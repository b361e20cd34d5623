// Tables of code points that are mapped to others, in runs of one distance and one step: `first count step distance` in base 36,
// separated by commas (encode-runs.mjs): first, first + step, ... are mapped to themselves + distance.

/** The pairs [code point, what it is mapped to] of such a table. */
export function* pairsOfRuns(runs: string): Generator<readonly [point: number, to: number]> {
  for (const run of runs.split(",")) {
    const [first, count, step, distance] = numbersOf(run);
    for (let i = 0; i < count; i++) {
      const point = first + i * step;
      yield [point, point + distance];
    }
  }
}

/** Numbers in base 36 with spaces between. */
export function numbersOf(text: string): number[] {
  return text.split(" ").map((one) => Number.parseInt(one, 36));
}
