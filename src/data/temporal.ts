// Calendar arithmetic: a maintained implementation of ECMAScript's Temporal, loaded when it is first needed.
//
// Never the host's own: it comes with the host's tables, and not every Node has one. Of the package only what needs no time zone
// and no language is used: the calendar of ISO 8601.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Temporal as Api } from "temporal-polyfill";
import { LOCAL_MAX, LOCAL_MIN, parseDateTime } from "../base/calendar.ts";

/** The package and its version, part of what every turn names (S-26). */
export const TEMPORAL_PACKAGE = "temporal-polyfill@1.0.8";

type Temporal = Pick<typeof Api, "PlainDateTime">;
let loaded: Temporal | null = null;

/** Loaded at once, without a promise: primitives use it. The build puts it beside its bundle, as one file. */
function temporal(): Temporal {
  if (loaded !== null) return loaded;
  const beside = fileURLToPath(new URL("./temporal-polyfill.cjs", import.meta.url));
  const path = existsSync(beside) ? beside : "temporal-polyfill/implementation";
  loaded = (createRequire(import.meta.url)(path) as { Temporal: Temporal }).Temporal;
  return loaded;
}

/** Units of the calendar and the clock, the largest first, and the name Temporal has for each. */
export const UNITS = ["years", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds"] as const;
export type Unit = (typeof UNITS)[number];
export type Period = { readonly [unit in Unit]?: number };

const DAY_MS = 86_400_000;
/** All years there are. */
const MOST_MONTHS = 10_000 * 12;

function dateTime(local: number): Api.PlainDateTime {
  return temporal().PlainDateTime.from(new Date(local).toISOString().slice(0, -1));
}

/**
 * Local milliseconds a period later: first its years and months (where the month is too short, its last day), then weeks and days,
 * then the rest. Null beyond the years 0 to 9999.
 */
export function addPeriod(local: number, period: Period): number | null {
  const of = (unit: Unit) => period[unit] ?? 0;
  const months = of("years") * 12 + of("months");
  const days = of("weeks") * 7 + of("days");
  const clock = ((of("hours") * 60 + of("minutes")) * 60 + of("seconds")) * 1000 + of("milliseconds");
  if (Math.abs(months) > MOST_MONTHS) return null;
  const moved = months === 0 ? local : parseDateTime(dateTime(local).add({ months }).toString());
  if (moved === null) return null;
  const sum = moved + days * DAY_MS + clock;
  return sum >= LOCAL_MIN && sum <= LOCAL_MAX ? sum : null;
}

/** How long it is from one local time to another in whole units, none larger than `largest`; what is zero is left out. */
export function periodBetween(from: number, to: number, largest: Unit): Period {
  const period = dateTime(from).until(dateTime(to), { largestUnit: largest });
  return Object.fromEntries(
    UNITS.map((unit) => [unit, period[unit] + 0] as const).filter(([, amount]) => amount !== 0),
  );
}

/** What the calendar knows of a day. Weeks are those of ISO 8601, which begin on Monday, day 1. */
export interface DayInfo {
  readonly dayOfWeek: number;
  readonly dayOfYear: number;
  readonly weekOfYear: number;
  /** The year that week belongs to. */
  readonly yearOfWeek: number;
  readonly daysInMonth: number;
  readonly leapYear: boolean;
}

/** What the calendar knows of the day of local milliseconds. */
export function dayInfo(local: number): DayInfo {
  const { dayOfWeek, dayOfYear, weekOfYear, yearOfWeek, daysInMonth, inLeapYear } = dateTime(local);
  return {
    dayOfWeek,
    dayOfYear,
    weekOfYear: weekOfYear as number,
    yearOfWeek: yearOfWeek as number,
    daysInMonth,
    leapYear: inLeapYear,
  };
}
