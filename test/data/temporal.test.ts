// Calendar arithmetic: against a calendar written down here in another way, and against what is known of days.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDateTime, LOCAL_MAX, LOCAL_MIN, localOfDay, parseDate, parseDateTime } from "../../src/base/calendar.ts";
import { addPeriod, dayInfo, type Period, periodBetween, TEMPORAL_PACKAGE, UNITS } from "../../src/data/temporal.ts";
import { LIBRARIES } from "../../src/primitive/registry.ts";
import { root } from "../support/tree.ts";

const DAY = 86_400_000;

test("the package is the one that is installed and named", () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  expect(`temporal-polyfill@${dependencies["temporal-polyfill"]}`).toBe(TEMPORAL_PACKAGE);
  expect(LIBRARIES).toContain(TEMPORAL_PACKAGE);
});

const leap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const lengthOf = (year: number, month: number) =>
  [31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];

/** Years and months later by counting them, then days: [year, month, day]. */
function later([year, month, day]: readonly number[], months: number): number[] {
  const count = year * 12 + month - 1 + months;
  const [y, m] = [Math.floor(count / 12), (count % 12) + 1];
  return [y, m, Math.min(day, lengthOf(y, m))];
}

const days = fc
  .tuple(fc.integer({ min: 100, max: 9900 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }))
  .map(([year, month, day]) => [year, month, Math.min(day, lengthOf(year, month))]);
const local = ([year, month, day]: readonly number[]) => localOfDay(year, month, day) as number;

test("months are added by counting them, days after them", () =>
  fc.assert(
    fc.property(days, fc.integer({ min: -900, max: 900 }), fc.integer({ min: -900, max: 900 }), (day, months, more) => {
      const expected = local(later(day, months)) + more * DAY;
      expect(addPeriod(local(day), { months, days: more })).toBe(expected);
      expect(addPeriod(local(day), { years: Math.trunc(months / 12), months: months % 12, days: more })).toBe(expected);
    }),
    { numRuns: 300 },
  ));

test("the period between two days leads from one to the other, and its parts are small", () =>
  fc.assert(
    fc.property(days, days, fc.constantFrom(...UNITS.slice(0, 4)), fc.nat({ max: DAY - 1 }), (a, b, largest, time) => {
      const [from, to] = [local(a), local(b) + time];
      const period = periodBetween(from, to, largest);
      expect(addPeriod(from, period)).toBe(to);
      const sign = Math.sign(to - from);
      for (const [unit, amount] of Object.entries(period)) {
        expect(Math.sign(amount as number)).toBe(sign);
        expect(UNITS.indexOf(unit as (typeof UNITS)[number])).toBeGreaterThanOrEqual(UNITS.indexOf(largest));
      }
      if (largest === "years") expect(Math.abs(period.months ?? 0)).toBeLessThan(12);
    }),
    { numRuns: 300 },
  ));

test.each<[string, Period, string | null]>([
  ["2026-01-31", { months: 1 }, "2026-02-28T00:00:00"],
  ["2028-01-31", { months: 1 }, "2028-02-29T00:00:00"],
  ["2024-02-29", { years: 1 }, "2025-02-28T00:00:00"],
  ["2024-02-29", { years: 1, months: 1 }, "2025-03-29T00:00:00"],
  ["2026-03-31", { months: -1 }, "2026-02-28T00:00:00"],
  ["2026-01-31", { months: 1, days: 1 }, "2026-03-01T00:00:00"],
  ["2026-12-31", { weeks: 1, hours: 25 }, "2027-01-08T01:00:00"],
  ["0000-01-01", { days: -1 }, null],
  ["9999-12-31", { days: 1 }, null],
  ["2026-01-01", { years: 1e12 }, null],
  ["2026-01-01", { milliseconds: 9e15 }, null],
  ["0001-01-01", { years: -1 }, "0000-01-01T00:00:00"],
])("%s and %j", (day, period, expected) => {
  const sum = addPeriod(parseDate(day) as number, period);
  expect(sum === null ? null : formatDateTime(sum)).toBe(expected);
});

test("every day of 400 years has its place in week, month and year", () => {
  let weekday = 6; // 2000-01-01 was a Saturday.
  let ofYear = 0;
  for (let at = localOfDay(2000, 1, 1) as number; at < (localOfDay(2400, 1, 1) as number); at += DAY) {
    const date = new Date(at);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
    ofYear = month === 1 && date.getUTCDate() === 1 ? 1 : ofYear + 1;
    const info = dayInfo(at);
    // The week's Thursday says which year it belongs to, and which week of it this is.
    const thursday = new Date(at + (4 - weekday) * DAY);
    const week = Math.ceil((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1) + DAY) / (7 * DAY));
    const expected = [weekday, ofYear, week, thursday.getUTCFullYear(), lengthOf(year, month), leap(year)];
    const found = [info.dayOfWeek, info.dayOfYear, info.weekOfYear, info.yearOfWeek, info.daysInMonth, info.leapYear];
    if (expected.join() !== found.join()) expect.fail(`${date.toISOString()}: ${found}, not ${expected}`);
    weekday = (weekday % 7) + 1;
  }
});

test("what is written is read back, and nothing else", () => {
  fc.assert(
    fc.property(fc.integer({ min: LOCAL_MIN, max: LOCAL_MAX }), (ms) => {
      expect(parseDateTime(formatDateTime(ms))).toBe(ms);
    }),
  );
  const wrong = [
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-1-1",
    "26-01-01",
    "2026-01-01T00",
    "+2026-01-01",
    " 2026-01-01",
    "2026-01-32",
  ];
  expect(wrong.map((text) => parseDate(text))).toEqual(wrong.map(() => null));
  const times = [
    "2026-01-01T24:00",
    "2026-01-01T00:60",
    "2026-01-01T00:00:60",
    "2026-01-01",
    "2026-01-01T00:00Z",
    "2026-02-30T00:00",
  ];
  expect(times.map((text) => parseDateTime(text))).toEqual(times.map(() => null));
  expect(parseDateTime("2026-01-01t10:30:00.1239")).toBe(Date.UTC(2026, 0, 1, 10, 30, 0, 123));
});
