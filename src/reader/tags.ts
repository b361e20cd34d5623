// Tagged literals: `#inst`, `#uuid`, `#duration`, `#bytes` and those of a registry; unknown tags stay tagged values.
import { parseDate, parseDateTime } from "../base/calendar.ts";
import { parseDuration } from "../base/duration.ts";
import { INSTANT_MAX } from "../base/limits.ts";
import { asciiLower } from "../base/text.ts";
import { dateOf, dateTimeOf } from "../data/local-time.ts";
import { Bytes, Duration, Instant, Sym, Tagged, Uuid, type Value } from "../data/value.ts";
import { Problem } from "./problem.ts";

/** Reads the value of a tagged literal, or says what is wrong with it. */
export type TagReader = (value: Value) => Value | Problem;

/** Readers of tagged literals by the tag's text: a map, or what can be asked like one. */
export interface TagReaders {
  get(tag: string): TagReader | undefined;
}

const BUILT_IN: TagReaders = new Map<string, TagReader>([
  ["inst", fromText(readInstant, '#inst needs a moment such as "2024-02-29T12:30:00.000Z"')],
  ["uuid", fromText(readUuid, '#uuid needs a text such as "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"')],
  ["duration", fromText(readDuration, '#duration needs a text such as "1h30m", "250ms" or "2d"')],
  ["date", fromText(readDate, '#date needs a day such as "2024-02-29", in a year from 0000 to 9999')],
  [
    "date-time",
    fromText(readDateTime, '#date-time needs a day and time without a zone, such as "2024-02-29T12:30:00"'),
  ],
  ["flow.core/reified", () => new Problem("read/tag", "what reify made cannot be read: its methods are functions")],
  ["bytes", fromText(readBytes, '#bytes needs base64 text such as "aGVsbG8="')],
]);

/** The tag of a token `#tag`. */
export function tagOf(image: string): Sym | Problem {
  const text = image.slice(1);
  if (/^[A-Za-z_*!<>=$.-]|^[^\0-\x7f]/.test(text) && !/\/$|\/.*\//.test(text)) return Sym.parse(text);
  return new Problem("read/tag", `${image} is not the beginning of a form`, "a tagged literal is written #name value");
}

/** The value of `#tag value`. The registry comes first. */
export function readTagged(tag: Sym, value: Value, registry: TagReaders | undefined): Value | Problem {
  const reader = registry?.get(tag.text) ?? BUILT_IN.get(tag.text);
  return reader === undefined ? new Tagged(tag, value) : reader(value);
}

function fromText(parse: (text: string) => Value | undefined, message: string): TagReader {
  return (value) => {
    const result = typeof value === "string" ? parse(value) : undefined;
    return result === undefined ? new Problem("read/tag", message) : result;
  };
}

const INSTANT =
  /^([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?$/;

/** RFC 3339, shortened from the right as in Clojure; without an offset it is UTC, since there is no local time zone here. */
function readInstant(text: string): Instant | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [year, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(numberOrNone);
  const offset = (match[8] === "-" ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  if (hour > 23 || minute > 59 || second > 59 || Number(match[9] ?? 0) > 23 || Number(match[10] ?? 0) > 59)
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year!, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const millis = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const ms = date.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000 + millis;
  return Math.abs(ms) <= INSTANT_MAX ? new Instant(ms) : undefined;
}

function numberOrNone(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function readDate(text: string): Tagged | undefined {
  const local = parseDate(text);
  return local === null ? undefined : dateOf(local);
}

function readDateTime(text: string): Tagged | undefined {
  const local = parseDateTime(text);
  return local === null ? undefined : dateTimeOf(local);
}

function readUuid(text: string): Uuid | undefined {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? new Uuid(asciiLower(text)) : undefined;
}

function readDuration(text: string): Duration | undefined {
  const ms = parseDuration(text);
  return ms === null ? undefined : new Duration(ms);
}

function readBytes(text: string): Bytes | undefined {
  const data = Buffer.from(text, "base64");
  return data.toString("base64") === text ? new Bytes(new Uint8Array(data)) : undefined;
}
