// Time zones by our own copy of the IANA database: against the host where the two must agree, and against golden offsets where not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import { findZone, type Zone, ZONE_DATA_VERSION, zoneNames } from "../../src/data/zones.ts";
import { root } from "../support/tree.ts";

const HOUR = 3_600_000;

function zone(name: string): Zone {
  const found = findZone(name);
  if (found === null) throw new Error(`no zone ${name}`);
  return found;
}

const hours = (name: string, moment: string) => zone(name).offsetAt(Date.parse(moment)) / HOUR;

test("the version is that of the file, and the one the language tells", () => {
  expect(readFileSync(join(root, "src/data/zones.txt"), "utf8").split("\n")[0]).toContain(` ${ZONE_DATA_VERSION} `);
  expect(readFileSync(join(root, "lib/flow/time.fm"), "utf8")).toContain(`"${ZONE_DATA_VERSION}")`);
  expect(zoneNames().length).toBeGreaterThan(590);
});

test("the offsets of all zones every 40 days from 1850 to 2200 are these", () => {
  const texts = zoneNames().map((name) => {
    const found = zone(name);
    const offsets: number[] = [];
    for (let at = Date.UTC(1850, 0, 1); at < Date.UTC(2200, 0, 1); at += 40 * 24 * HOUR)
      offsets.push(found.offsetAt(at) / 1000);
    return `${name} ${offsets.join(" ")}`;
  });
  expect(sha256(texts.join("\n"))).toBe("51ca64aef11dfdf8f7853b6b767c16549f1a219a6758fdd9822666da0429b108");
});

test.each([
  ["UTC", "2026-07-01T00:00:00Z", 0],
  ["Z", "1900-01-01T00:00:00Z", 0],
  ["+05:30", "2026-07-01T00:00:00Z", 5.5],
  ["-0330", "2026-07-01T00:00:00Z", -3.5],
  ["+02", "2026-07-01T00:00:00Z", 2],
  ["Europe/Berlin", "2026-03-29T00:59:59Z", 1],
  ["Europe/Berlin", "2026-03-29T01:00:00Z", 2],
  ["Europe/Berlin", "2026-10-25T00:59:59.999Z", 2],
  ["Europe/Berlin", "2026-10-25T01:00:00Z", 1],
  ["Europe/Berlin", "2199-07-01T00:00:00Z", 2],
  ["Europe/Berlin", "1945-06-01T00:00:00Z", 3],
  ["Europe/Berlin", "1850-01-01T00:00:00Z", 3208 / 3600],
  ["America/New_York", "2026-03-08T06:59:59Z", -5],
  ["America/New_York", "2026-03-08T07:00:00Z", -4],
  ["Australia/Lord_Howe", "2026-01-01T00:00:00Z", 11],
  ["Australia/Lord_Howe", "2026-07-01T00:00:00Z", 10.5],
  ["Asia/Kathmandu", "2026-07-01T00:00:00Z", 5.75],
  ["Europe/Dublin", "2026-07-01T00:00:00Z", 1],
  ["Europe/Dublin", "2040-01-01T00:00:00Z", 0],
  ["America/Nuuk", "2040-07-01T00:00:00Z", -1],
  ["Pacific/Chatham", "2040-01-01T00:00:00Z", 13.75],
  ["Asia/Jerusalem", "2040-07-01T00:00:00Z", 3],
  ["Asia/Calcutta", "2026-07-01T00:00:00Z", 5.5],
  ["Pacific/Apia", "2011-12-29T12:00:00Z", -10],
  ["Pacific/Apia", "2011-12-31T12:00:00Z", 14],
])("%s at %s is %d hours from UTC", (name, moment, expected) => expect(hours(name, moment)).toBe(expected));

test.each([
  "",
  "Berlin",
  "europe/berlin",
  "+24:00",
  "+5",
  "+05:60",
  "__proto__",
  "../zones.txt",
  "CEST",
  "Europe/Berlin ",
])("%j is no zone", (name) => expect(findZone(name)).toBeNull());

describe("the moment of a time on the clock", () => {
  const berlin = zone("Europe/Berlin");
  const moment = (local: string, choice: "compatible" | "earlier" | "later" | "reject") => {
    const ms = berlin.momentOf(Date.parse(`${local}Z`), choice);
    return ms === null ? null : new Date(ms).toISOString();
  };

  test("that comes once", () => {
    for (const choice of ["compatible", "earlier", "later", "reject"] as const) {
      expect(moment("2026-07-01T12:00:00", choice)).toBe("2026-07-01T10:00:00.000Z");
    }
  });

  test("that never comes", () => {
    expect(moment("2026-03-29T02:30:00", "compatible")).toBe("2026-03-29T01:30:00.000Z");
    expect(moment("2026-03-29T02:30:00", "later")).toBe("2026-03-29T01:30:00.000Z");
    expect(moment("2026-03-29T02:30:00", "earlier")).toBe("2026-03-29T00:30:00.000Z");
    expect(moment("2026-03-29T02:30:00", "reject")).toBeNull();
  });

  test("that comes twice", () => {
    expect(moment("2026-10-25T02:30:00", "compatible")).toBe("2026-10-25T00:30:00.000Z");
    expect(moment("2026-10-25T02:30:00", "earlier")).toBe("2026-10-25T00:30:00.000Z");
    expect(moment("2026-10-25T02:30:00", "later")).toBe("2026-10-25T01:30:00.000Z");
    expect(moment("2026-10-25T02:30:00", "reject")).toBeNull();
  });

  test("is one at which clocks show it, wherever there is one", () => {
    for (const name of [
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Africa/Casablanca",
      "Pacific/Apia",
    ]) {
      const found = zone(name);
      for (let at = Date.UTC(1990, 0, 1); at < Date.UTC(2035, 0, 1); at += 7 * 11 * HOUR + 1234) {
        const local = at + found.offsetAt(at);
        const back = found.momentOf(local, "compatible") as number;
        if (back + found.offsetAt(back) !== local || back > at) expect.fail(`${name} ${new Date(at).toISOString()}`);
      }
    }
  });
});

test("zones without changes since 1990 agree with the host", () => {
  // Not those whose rules have been changed lately: there the host's database may be an older one, or a newer.
  const names = [
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Africa/Lagos",
  ];
  for (const name of names) {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    for (let at = Date.UTC(1950, 0, 1); at < Date.UTC(2024, 0, 1); at += 5 * 24 * HOUR + 1000) {
      const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
      const local = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
      if (local - at !== zone(name).offsetAt(at)) expect.fail(`${name} ${new Date(at).toISOString()}`);
    }
  }
});
