// Instants and durations: reading, writing, arithmetic. The clock itself is an observation (S-17), never a primitive.
import { formatDuration, formatIsoDuration, parseDuration } from "../base/duration.ts";
import { INSTANT_MAX } from "../base/limits.ts";
import { isInteger } from "../data/numbers.ts";
import { Duration, Instant, type Value } from "../data/value.ts";
import { needDuration, needInstant, needString } from "./check.ts";
import { primitive } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

function instant(ms: number): Instant {
  return Math.abs(ms) <= INSTANT_MAX
    ? new Instant(ms + 0)
    : refuse("range", "instant", "the calendar does not reach that far");
}

function duration(ms: number): Duration {
  return Number.isSafeInteger(ms) ? new Duration(ms + 0) : refuse("range", "duration", "it is longer than 2^53 ms");
}

function millis(fn: string, position: number, value: Value): number {
  if (isInteger(value) && typeof value === "number") return value;
  return wrongType(fn, "whole milliseconds", position, value);
}

/** A duration, or a bare number of milliseconds as the Lisp surface has it, in whole milliseconds rounded up. */
export function needLength(fn: string, position: number, value: Value): number {
  if (value instanceof Duration) return value.ms;
  if (typeof value === "number" && Number.isFinite(value)) return Math.ceil(value);
  return wrongType(fn, "a duration or milliseconds", position, value);
}

/** Instant + duration, duration + duration. */
function plus(a: Value, b: Value): Value {
  if (a instanceof Instant) return instant(a.ms + needDuration("plus", 2, b).ms);
  if (b instanceof Instant) return instant(b.ms + needDuration("plus", 1, a).ms);
  return duration(needDuration("plus", 1, a).ms + needDuration("plus", 2, b).ms);
}

/** Instant - instant, instant - duration, duration - duration. */
function minus(a: Value, b: Value): Value {
  if (a instanceof Instant)
    return b instanceof Instant ? duration(a.ms - b.ms) : instant(a.ms - needDuration("minus", 2, b).ms);
  return duration(needDuration("minus", 1, a).ms - needDuration("minus", 2, b).ms);
}

const TEXT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/;

/** An RFC 3339 text, or a date alone (its midnight in UTC); nil for anything else. */
function parseInstant(value: Value): Value {
  const match = TEXT.exec(needString("parse-instant", 1, value));
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const [offsetHour, offsetMinute] = [Number(match[10] ?? 0), Number(match[11] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const offset = (offsetHour * 60 + offsetMinute) * (match[9] === "-" ? -1 : 1);
  const fraction = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  return instant(date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction);
}

export const time: readonly Primitive[] = [
  primitive("instant", 1, 1, (ms) => instant(millis("instant", 1, ms))),
  primitive("instant-ms", 1, 1, (i) => needInstant("instant-ms", 1, i).ms),
  primitive("instant-text", 1, 1, (i) => new Date(needInstant("instant-text", 1, i).ms).toISOString()),
  primitive("parse-instant", 1, 1, parseInstant),
  primitive("duration", 1, 1, (ms) => duration(millis("duration", 1, ms))),
  primitive("duration-ms", 1, 1, (d) => needLength("duration-ms", 1, d)),
  primitive("duration-text", 1, 1, (d) => formatDuration(needDuration("duration-text", 1, d).ms)),
  primitive("duration-iso", 1, 1, (d) => formatIsoDuration(needDuration("iso", 1, d).ms)),
  primitive("parse-duration", 1, 1, (text) => {
    const ms = parseDuration(needString("parse-duration", 1, text));
    return ms === null ? null : new Duration(ms);
  }),
  primitive("time-plus", 2, 2, plus),
  primitive("time-minus", 2, 2, minus),
];
