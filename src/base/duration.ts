// Lengths of time as text: `1h30m`, `250ms`, and ISO 8601's `PT5M`.

const UNIT_MS: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

const SHORT = /^([+-]?)((?:\d+(?:\.\d+)?(?:ms|[wdhms]))+)$/;
const SHORT_PART = /(\d+(?:\.\d+)?)(ms|[wdhms])/g;
const ISO = /^([+-]?)P(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/;
const ISO_UNITS = ["w", "d", "h", "m", "s"] as const;

/** Whole milliseconds, or null if the text is no duration. Months and years have no fixed length and are refused. */
export function parseDuration(text: string): number | null {
  return parseShort(text) ?? parseIso(text);
}

function parseShort(text: string): number | null {
  const match = SHORT.exec(text);
  if (match === null) return null;
  const parts = [...match[2].matchAll(SHORT_PART)].map(([, amount, unit]) => [amount, unit] as const);
  // Each unit at most once and from the largest down, else `5m3h` would be accepted as a slip.
  const sizes = parts.map(([, unit]) => UNIT_MS[unit]);
  if (sizes.some((size, i) => i > 0 && size >= sizes[i - 1])) return null;
  return total(match[1], parts);
}

function parseIso(text: string): number | null {
  const match = ISO.exec(text);
  if (match === null || text.endsWith("P") || text.endsWith("T")) return null;
  const parts: [string, string][] = [];
  for (const [i, unit] of ISO_UNITS.entries()) {
    const amount = match[i + 2];
    if (amount === undefined) continue;
    if (!/^\d+(\.\d+)?$/.test(amount)) return null;
    parts.push([amount, unit]);
  }
  return total(match[1], parts);
}

/** The sum, exact: a fraction must come to whole milliseconds. */
function total(sign: string, parts: readonly (readonly [amount: string, unit: string])[]): number | null {
  let sum = 0;
  for (const [amount, unit] of parts) {
    const [whole, fraction = ""] = amount.split(".");
    const size = UNIT_MS[unit];
    const scaled = Number(fraction === "" ? 0 : fraction) * size;
    const divisor = Number(`1e${fraction.length}`);
    if (fraction.length > 9 || scaled % divisor !== 0) return null;
    sum += Number(whole) * size + scaled / divisor;
  }
  if (!Number.isSafeInteger(sum)) return null;
  return sign === "-" ? 0 - sum : sum;
}

/** The shortest text that `parseDuration` reads back: `1h30m`, `250ms`, `-2s`; `0s` for none. `ms` is whole. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  let left = Math.abs(ms);
  let text = ms < 0 ? "-" : "";
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const amount = Math.floor(left / UNIT_MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    left -= amount * UNIT_MS[unit];
  }
  return text;
}

/** The text by ISO 8601, which `parseDuration` reads back: `P1DT1H30M`, `PT0.25S`, `-PT2S`; `PT0S` for none. `ms` is whole. */
export function formatIsoDuration(ms: number): string {
  if (ms === 0) return "PT0S";
  const size = Math.abs(ms);
  const whole = Math.floor(size / 1000);
  const part = (amount: number, letter: string) => (amount === 0 ? "" : `${amount}${letter}`);
  const fraction = String(size % 1000)
    .padStart(3, "0")
    .replace(/0+$/, "");
  const seconds = fraction === "" ? part(whole % 60, "S") : `${whole % 60}.${fraction}S`;
  const time = part(Math.floor(whole / 3600) % 24, "H") + part(Math.floor(whole / 60) % 60, "M") + seconds;
  const days = part(Math.floor(whole / 86_400), "D");
  return `${ms < 0 ? "-" : ""}P${days}${time === "" ? "" : `T${time}`}`;
}
