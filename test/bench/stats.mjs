// Numbers of a benchmark: medians with what lies around them, and how they are written.

/** Median, least and greatest of some samples. */
export function summary(samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** The geometric mean of some ratios. */
export function geometricMean(ratios) {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

/** Three significant digits, without an exponent. */
export function digits(number) {
  return Math.abs(number) >= 100 ? String(Math.round(number)) : String(Number(number.toPrecision(3)));
}

/** `median unit (min-max)`. */
export function written({ median, min, max }, unit) {
  return `${digits(median)}${unit} (${digits(min)}-${digits(max)})`;
}

/** Rows of text in columns: the first to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) => row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join("  "))
    .join("\n");
}
