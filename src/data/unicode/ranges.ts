// Sets of code points as ranges: low, high, low, high, ... with both ends in, in order, never touching one another.

export type Ranges = readonly number[];

/** The last code point. */
export const POINT_MAX = 0x10ffff;

export const NOTHING: Ranges = [];
export const EVERYTHING: Ranges = [0, POINT_MAX];

/** The ranges of these pairs, which may overlap and come in any order. */
export function rangesOf(pairs: readonly (readonly [low: number, high: number])[]): Ranges {
  const sorted = [...pairs].sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [low, high] of sorted) add(out, low, high);
  return out;
}

/** Adds a range that begins no earlier than the last one did. */
function add(out: number[], low: number, high: number): void {
  const last = out.length - 1;
  if (last > 0 && low <= out[last] + 1) {
    if (high > out[last]) out[last] = high;
  } else {
    out.push(low, high);
  }
}

/** What is in either. */
export function union(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && a[i] <= b[j])) {
      add(out, a[i], a[i + 1]);
      i += 2;
    } else {
      add(out, b[j], b[j + 1]);
      j += 2;
    }
  }
  return out;
}

/** What is not in it. */
export function complement(a: Ranges): Ranges {
  const out: number[] = [];
  let from = 0;
  for (let i = 0; i < a.length; i += 2) {
    if (a[i] > from) out.push(from, a[i] - 1);
    from = a[i + 1] + 1;
  }
  if (from <= POINT_MAX) out.push(from, POINT_MAX);
  return out;
}

/** What is in both. */
export function intersection(a: Ranges, b: Ranges): Ranges {
  const out: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const low = Math.max(a[i], b[j]);
    const high = Math.min(a[i + 1], b[j + 1]);
    if (low <= high) out.push(low, high);
    if (a[i + 1] < b[j + 1]) i += 2;
    else j += 2;
  }
  return out;
}

/** What is in one of them but not in both. */
export function difference(a: Ranges, b: Ranges): Ranges {
  return union(intersection(a, complement(b)), intersection(b, complement(a)));
}

/** True if the code point is in it. */
export function includes(a: Ranges, point: number): boolean {
  let low = 0;
  let high = a.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (a[2 * middle + 1] < point) low = middle + 1;
    else high = middle;
  }
  return 2 * low < a.length && a[2 * low] <= point;
}
