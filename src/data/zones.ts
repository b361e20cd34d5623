// Time zones: how far the clocks of a place are from UTC, by a copy of the IANA database of our own (zones.txt, written by
// generate-zones.mjs), which is read when a zone is first named. The host's zones differ from one Node to the next.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The version of the database. Results depend on it, so it is part of what every turn names (S-26). */
export const ZONE_DATA_VERSION = "2026f";

/** Which of two moments a time on the clock means that comes twice, or never, when clocks are changed. */
export type Choice = "compatible" | "earlier" | "later" | "reject";

/** A change of the clocks: from `at` (seconds since 1970) on they show UTC + `offset` seconds. */
interface Change {
  readonly at: number;
  readonly offset: number;
}

export class Zone {
  constructor(
    private readonly first: number,
    private readonly changes: readonly Change[],
    /** Holds behind the last change; null: nothing changes any more. */
    private readonly rule: Rule | null,
  ) {}

  /** Milliseconds from UTC to what clocks show at a moment (milliseconds since 1970). */
  offsetAt(ms: number): number {
    const seconds = Math.floor(ms / 1000);
    const { changes, rule } = this;
    let low = 0;
    let high = changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (changes[middle].at <= seconds) low = middle + 1;
      else high = middle;
    }
    if (low === changes.length && rule !== null) return offsetByRule(rule, seconds) * 1000;
    return (low === 0 ? this.first : changes[low - 1].offset) * 1000;
  }

  /**
   * The moment at which clocks show these local milliseconds; null where `choice` is "reject" and there is none or are two. As
   * Temporal has it, "compatible" takes the earlier of two, and where clocks skip it what they would show had they not.
   */
  momentOf(local: number, choice: Choice): number | null {
    const before = this.offsetAt(local - DAY_MS);
    const after = this.offsetAt(local + DAY_MS);
    const found = [...new Set([local - before, local - after])]
      .filter((ms) => ms + this.offsetAt(ms) === local)
      .sort((a, b) => a - b);
    if (found.length === 1) return found[0];
    if (choice === "reject") return null;
    if (found.length === 2) return found[choice === "later" ? 1 : 0];
    return choice === "earlier" ? local - after : local - before;
  }
}

const DAY_MS = 86_400_000;

/** Summer time as POSIX writes it: from the m-th month's w-th (5: last) weekday d on, at a number of seconds of the local day. */
interface Rule {
  readonly standard: number;
  readonly summer: number;
  readonly begins: RuleDay;
  readonly ends: RuleDay;
}

interface RuleDay {
  readonly month: number;
  readonly week: number;
  readonly weekday: number;
  readonly seconds: number;
}

function offsetByRule(rule: Rule, seconds: number): number {
  const { standard, summer, begins, ends } = rule;
  const year = new Date((seconds + standard) * 1000).getUTCFullYear();
  let last = Number.NEGATIVE_INFINITY;
  let offset = standard;
  for (const one of [year - 1, year, year + 1]) {
    for (const [at, to] of [
      [secondsOf(begins, one) - standard, summer],
      [secondsOf(ends, one) - summer, standard],
    ] as const) {
      if (at <= seconds && at > last) [last, offset] = [at, to];
    }
  }
  return offset;
}

/** Local seconds of a day of a rule in a year. */
function secondsOf({ month, week, weekday, seconds }: RuleDay, year: number): number {
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  let day = 1 + ((weekday - first + 7) % 7) + (week - 1) * 7;
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) day -= 7;
  return Date.UTC(year, month - 1, day) / 1000 + seconds;
}

const NAME = "(?:<[^>]+>|[A-Za-z]+)";
const RULE = new RegExp(
  `^${NAME}([-+\\d:]+)(?:${NAME}([-+\\d:]*),M([\\d.]+)(?:/([-\\d:]+))?,M([\\d.]+)(?:/([-\\d:]+))?)?$`,
);

/** The rule of a POSIX text; null where it has no summer time: then the last change holds. */
function ruleOf(text: string): { standard: number; rule: Rule | null } {
  const match = RULE.exec(text);
  if (match === null) throw new Error(`bug: zones.txt has a rule of an unknown form: ${text}`);
  const [, standardText, summerText, begins, beginsAt = "2", ends, endsAt = "2"] = match;
  // POSIX counts from local time to UTC.
  const standard = 0 - clock(standardText);
  if (begins === undefined) return { standard, rule: null };
  const summer = summerText === "" ? standard + 3600 : 0 - clock(summerText);
  return { standard, rule: { standard, summer, begins: dayOf(begins, beginsAt), ends: dayOf(ends, endsAt) } };
}

function dayOf(text: string, at: string): RuleDay {
  const [month, week, weekday] = text.split(".").map(Number);
  return { month, week, weekday, seconds: clock(at) };
}

/** Seconds of `h`, `h:mm` or `h:mm:ss` with a sign. */
function clock(text: string): number {
  const [hours, minutes = 0, seconds = 0] = text.replace(/^[-+]/, "").split(":").map(Number);
  const size = (hours * 60 + minutes) * 60 + seconds;
  return text.startsWith("-") ? -size : size;
}

let database: ReadonlyMap<string, string> | null = null;

/** What stands behind each name: `offsets|changes|rule`, or the name it is another one of. */
function theDatabase(): ReadonlyMap<string, string> {
  if (database !== null) return database;
  const lines = readFileSync(databasePath(), "latin1").split("\n");
  database = new Map(lines.slice(1, -1).map((line) => splitOnce(line)));
  return database;
}

/** Beside this file, or beside the bundle this file is in. */
function databasePath(): string {
  const path = fileURLToPath(new URL("./zones.txt", import.meta.url));
  if (!existsSync(path)) throw new Error(`this installation lacks ${path}: install flowmetal again`);
  return path;
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("|");
  return [line.slice(0, at), line.slice(at + 1)];
}

function parse(text: string): Zone {
  const [offsets, changes, ruleText] = text.split("|");
  const known = offsets.split(",").map(Number);
  const list: Change[] = [];
  let at = 0;
  for (const change of changes === "" ? [] : changes.split(" ")) {
    const [seconds, place] = change.split(":").map((part) => Number.parseInt(part, 36));
    at += seconds;
    list.push({ at, offset: known[place] });
  }
  const { standard, rule } = ruleOf(ruleText);
  // Where nothing ever changed the rule says it all; UTC is written so.
  return new Zone(list.length === 0 ? standard : known[0], list, rule);
}

const OFFSET = /^([+-])(\d\d)(?::?(\d\d))?$/;
const UTC = new Zone(0, [], null);
const zones = new Map<string, Zone>();

/** The zone of a name (`UTC`, `Z`, `+02:00`, `Europe/Berlin`), or null. */
export function findZone(name: string): Zone | null {
  if (name === "UTC" || name === "Z") return UTC;
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = fixedZone(name) ?? namedZone(name);
  if (zone !== null) zones.set(name, zone);
  return zone;
}

function fixedZone(name: string): Zone | null {
  const match = OFFSET.exec(name);
  if (match === null) return null;
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)];
  if (hours > 23 || minutes > 59) return null;
  const size = (hours * 60 + minutes) * 60;
  return new Zone(match[1] === "-" ? 0 - size : size, [], null);
}

function namedZone(name: string): Zone | null {
  let text = theDatabase().get(name);
  while (text !== undefined && !text.includes("|")) text = theDatabase().get(text);
  return text === undefined ? null : parse(text);
}

/** The names of all zones of the database. */
export function zoneNames(): readonly string[] {
  return [...theDatabase().keys()];
}
