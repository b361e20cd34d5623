// Dates and date-times as values: `#date "2026-11-24"` and `#date-time "2026-11-24T10:30:00"`, without a zone.
//
// They are tagged literals like any other, so that they print, read, compare, hash and are stored as these do; what is special is that
// the reader takes only real days, and that the functions of flow.time know them.
import { formatDate, formatDateTime, parseDate, parseDateTime } from "../base/calendar.ts";
import { Sym, Tagged, type Value } from "./value.ts";

const DATE = Sym.parse("date");
const DATE_TIME = Sym.parse("date-time");

/** The date of local milliseconds. */
export function dateOf(local: number): Tagged {
  return new Tagged(DATE, formatDate(local));
}

/** The date-time of local milliseconds. */
export function dateTimeOf(local: number): Tagged {
  return new Tagged(DATE_TIME, formatDateTime(local));
}

/** Whether a value is a date, a date-time, or neither. */
export function localKind(value: Value): "date" | "date-time" | null {
  if (!(value instanceof Tagged) || typeof value.value !== "string") return null;
  return value.tag.text === "date" || value.tag.text === "date-time" ? value.tag.text : null;
}

/** The local milliseconds of a date (its midnight) or date-time; null for anything else, and for a text that is no real day. */
export function localMs(value: Value): number | null {
  const kind = localKind(value);
  if (kind === null) return null;
  const text = (value as Tagged).value as string;
  return kind === "date" ? parseDate(text) : parseDateTime(text);
}

/** The text of a date or date-time; null for any other tagged value. */
export function localText(value: Tagged): string | null {
  return localKind(value) === null ? null : (value.value as string);
}
