// What the scripts that write tables of Unicode have in common: the version they are of, and mappings in runs (runs.ts).

export const VERSION = "17.0";
export const POINTS = 0x110000;

/** Refuses a Node of another Unicode version: tables change only when somebody decides so. */
export function needVersion() {
  if (process.versions.unicode === VERSION) return;
  throw new Error(`the tables are those of Unicode ${VERSION}; this Node has ${process.versions.unicode}`);
}

/** Mappings [code point, distance] in runs of one distance and one step: `first count step distance`, in base 36, with commas between. */
export function encodeRuns(pairs) {
  const runs = [];
  for (const [point, distance] of pairs) {
    const last = runs.at(-1);
    const step = last === undefined ? 0 : point - (last.first + (last.count - 1) * last.step);
    const fits = last?.distance === distance && (last.count === 1 ? step <= 2 : step === last.step);
    if (fits) Object.assign(last, { count: last.count + 1, step });
    else runs.push({ first: point, count: 1, step: 1, distance });
  }
  return runs
    .map(({ first, count, step, distance }) => [first, count, step, distance].map((n) => n.toString(36)).join(" "))
    .join(",");
}
