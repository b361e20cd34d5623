// Dates and times of day as they are written (ISO 8601): `2026-11-24` and `2026-11-24T10:30:00`, years 0000 to 9999.
//
// A date-time without a zone is held as the milliseconds since 1970 that it would be in UTC: its local milliseconds.

const DAY_MS = 86_400_000;
/** 0000-01-01 and the end of 9999. */
export const LOCAL_MIN = -62_167_219_200_000;
export const LOCAL_MAX = 253_402_300_799_999;

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;

/** The local milliseconds of a day, or null where the calendar has no such day. */
export function localOfDay(year: number, month: number, day: number): number | null {
  if (!(year >= 0 && year <= 9999)) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const fits = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return fits ? date.getTime() : null;
}

/** The local milliseconds of a date `2026-11-24`, or null. */
export function parseDate(text: string): number | null {
  const match = DATE.exec(text);
  return match === null ? null : localOfDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** The local milliseconds of a date-time such as `2026-11-24T10:30` or `2026-11-24T10:30:00.250`, or null. Digits below the millisecond are cut off. */
export function parseDateTime(text: string): number | null {
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const local = localOfDay(year, month, day);
  if (local === null || hour > 23 || minute > 59 || second > 59) return null;
  return local + ((hour * 60 + minute) * 60 + second) * 1000 + Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
}

/** The day of local milliseconds: `2026-11-24`. */
export function formatDate(local: number): string {
  return new Date(local).toISOString().slice(0, 10);
}

/** `2026-11-24T10:30:00`, with milliseconds only where there are some. */
export function formatDateTime(local: number): string {
  return new Date(local).toISOString().replace(/(?:\.000)?Z$/, "");
}

/** The local milliseconds at which the day of these began. */
export function startOfDay(local: number): number {
  return Math.floor(local / DAY_MS) * DAY_MS;
}
