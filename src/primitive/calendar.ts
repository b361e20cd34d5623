// Dates, date-times, calendar arithmetic and time zones. Between the functions of flow.time a date or date-time is its local
// milliseconds (base/calendar.ts).
import { LOCAL_MAX, LOCAL_MIN, localOfDay, parseDate, parseDateTime } from "../base/calendar.ts";
import { closest } from "../base/suggest.ts";
import { dateOf, dateTimeOf, localKind, localMs } from "../data/local-time.ts";
import { PMap } from "../data/map.ts";
import { printShort } from "../data/printer.ts";
import { addPeriod, dayInfo, type Period, periodBetween, type Unit, UNITS } from "../data/temporal.ts";
import { Instant, Keyword, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { type Choice, findZone, type Zone, zoneNames } from "../data/zones.ts";
import { needCount, needInstant, needMap, needString, needVector } from "./check.ts";
import { primitive, pureTest } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

/** Local milliseconds within the calendar. */
function needLocal(fn: string, local: number | null): number {
  if (local !== null && local >= LOCAL_MIN && local <= LOCAL_MAX) return local;
  return refuse("range", fn, "the calendar goes from the year 0 to the year 9999");
}

/** Local milliseconds given as an integer. */
function localArgument(fn: string, position: number, value: Value): number {
  return needLocal(fn, needCount(fn, position, value));
}

function localOf(fn: Value, value: Value): Value {
  const name = needString("local-ms", 1, fn);
  const local = localMs(value);
  if (local !== null) return local;
  if (localKind(value) === null) return wrongType(name, "a date, date-time or instant", 1, value);
  return refuse("range", name, `${printShort(value)}: there is no such day or time`, { value });
}

/** `[year month day hour minute second millisecond]` as local milliseconds; what is left out is 0. */
function localNew(fn: Value, parts: Value): Value {
  const name = needString("local-new", 1, fn);
  const numbers = needVector("local-new", 2, parts)
    .toArray()
    .map((part, i) => needCount(name, i + 1, part));
  if (numbers.length < 3 || numbers.length > 7) {
    return refuse(
      "arity",
      name,
      `takes year, month, day, hour, minute, second, millisecond, not ${numbers.length} numbers`,
    );
  }
  const [year, month, day, hour = 0, minute = 0, second = 0, millisecond = 0] = numbers;
  const clock: [string, number, number][] = [
    ["hour", hour, 23],
    ["minute", minute, 59],
    ["second", second, 59],
    ["millisecond", millisecond, 999],
  ];
  for (const [what, n, most] of clock) {
    if (n < 0 || n > most)
      return refuse("range", name, `the ${what} goes from 0 to ${most}, but is ${n}`, { value: n });
  }
  const local = localOfDay(year, month, day);
  if (local === null) {
    return refuse("range", name, `there is no day ${year}-${month}-${day} (years 0 to 9999)`, { value: parts });
  }
  return local + ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
}

/** `[year month day hour minute second millisecond]` */
function localFields(value: Value): Value {
  const date = new Date(localArgument("fields", 1, value));
  return Vector.from([
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    date.getUTCMilliseconds(),
  ]);
}

const UNIT_NAMES = UNITS.map((unit) => `:${unit}`);

function needUnit(fn: string, value: Value): Unit {
  const name = value instanceof Keyword ? value.text : null;
  const unit = UNITS.find((one) => one === name);
  if (unit !== undefined) return unit;
  const near = name === null ? null : closest(name, UNITS);
  const hint = near === null ? `units are ${UNIT_NAMES.join(" ")}` : `did you mean :${near}?`;
  return refuse("range", fn, `${printShort(value)} is no unit of time; ${hint}`, { value });
}

/** A map such as {:months 1, :days -2}: units and integers. */
function needPeriod(fn: string, value: Value): Period {
  const period: { [unit in Unit]?: number } = {};
  for (const [key, amount] of needMap(fn, 2, value).entries()) {
    const unit = needUnit(fn, key);
    const n = needCount(fn, 2, amount);
    if (!Number.isSafeInteger(n)) return refuse("range", fn, "the calendar goes from the year 0 to the year 9999");
    period[unit] = n;
  }
  return period;
}

function localPlus(fn: Value, local: Value, period: Value): Value {
  const name = needString("local-plus", 1, fn);
  return needLocal(name, addPeriod(localArgument(name, 1, local), needPeriod(name, period)));
}

function localUntil(from: Value, to: Value, largest: Value): Value {
  const [a, b] = [localArgument("until", 1, from), localArgument("until", 2, to)];
  const period = periodBetween(a, b, needUnit("until", largest));
  return PMap.from(Object.entries(period).map(([unit, n]): [Value, Value] => [Keyword.of(unit), n]));
}

/** `[day-of-week day-of-year week-of-year year-of-week days-in-month leap-year?]` */
function localInfo(value: Value): Value {
  const info = dayInfo(localArgument("day-of-week", 1, value));
  const { dayOfWeek, dayOfYear, weekOfYear, yearOfWeek, daysInMonth, leapYear } = info;
  return Vector.from([dayOfWeek, dayOfYear, weekOfYear, yearOfWeek, daysInMonth, leapYear]);
}

function needZone(value: Value): Zone {
  const name = needString("zone", 1, value);
  const zone = findZone(name);
  if (zone !== null) return zone;
  const near = closest(name, zoneNames());
  const hint = near === null ? 'zones are "UTC", "+02:00", "Europe/Berlin" and the like' : `did you mean "${near}"?`;
  return refuse("range", "zone", `there is no time zone ${printShort(value)}; ${hint}`, { zone: value });
}

const CHOICES: readonly Choice[] = ["compatible", "earlier", "later", "reject"];

function zoneMoment(local: Value, zone: Value, choice: Value): Value {
  const chosen = CHOICES.find((one) => choice instanceof Keyword && choice.text === one);
  if (chosen === undefined) {
    return refuse("range", "instant", `${printShort(choice)} is not one of :compatible :earlier :later :reject`, {
      choice,
    });
  }
  const ms = localArgument("instant", 1, local);
  const moment = needZone(zone).momentOf(ms, chosen);
  if (moment !== null) return new Instant(moment + 0);
  return refuse("range", "instant", `clocks are changed then: ${printShort(dateTimeOf(ms))} comes twice or never`, {
    zone,
  });
}

export const calendar: readonly Primitive[] = [
  pureTest("date?", (value) => localKind(value) === "date"),
  pureTest("date-time?", (value) => localKind(value) === "date-time"),
  primitive("parse-date", 1, 1, (text) => {
    const local = parseDate(needString("date", 1, text));
    return local === null ? null : dateOf(local);
  }),
  primitive("parse-date-time", 1, 1, (text) => {
    const local = parseDateTime(needString("date-time", 1, text));
    return local === null ? null : dateTimeOf(local);
  }),
  primitive("local-ms", 2, 2, localOf),
  primitive("local-new", 2, 2, localNew),
  primitive("local-date", 1, 1, (local) => dateOf(localArgument("date", 1, local))),
  primitive("local-date-time", 1, 1, (local) => dateTimeOf(localArgument("date-time", 1, local))),
  primitive("local-fields", 1, 1, localFields),
  primitive("local-plus", 3, 3, localPlus),
  primitive("local-until", 3, 3, localUntil),
  primitive("local-info", 1, 1, localInfo),
  primitive("period-check", 2, 2, (fn, period) => {
    needPeriod(needString("period-check", 1, fn), period);
    return period;
  }),
  primitive("unit-check", 2, 2, (fn, unit) => Keyword.of(needUnit(needString("unit-check", 1, fn), unit))),
  primitive("zone?", 1, 1, (zone) => typeof zone === "string" && findZone(zone) !== null, { test: true }),
  primitive("zone-names", 0, 0, () => Vector.from(zoneNames())),
  primitive("zone-offset", 2, 2, (instant, zone) => needZone(zone).offsetAt(needInstant("zone", 1, instant).ms)),
  primitive("zone-moment", 3, 3, zoneMoment),
];
