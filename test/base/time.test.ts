// Durations as text, and waiting on a clock.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sleepOn, systemClock } from "../../src/base/clock.ts";
import { formatDuration, parseDuration } from "../../src/base/duration.ts";
import { FakeClock } from "../support/clock.ts";

describe("durations", () => {
  test.each<[string, number]>([
    ["1h30m", 5_400_000],
    ["250ms", 250],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["-1m5s", -65_000],
    ["+5s", 5000],
    ["1.5s", 1500],
    ["0.25h", 900_000],
    ["0s", 0],
    ["-0s", 0],
    ["PT5M", 300_000],
    ["P1DT2H", 93_600_000],
    ["PT0.5S", 500],
    ["P1W", 604_800_000],
    ["-PT1S", -1000],
  ])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "5",
    "h",
    "1x",
    "1 h",
    "5m3h",
    "1h1h",
    "1.2345ms",
    "0.0001s",
    "P",
    "PT",
    "P1Y",
    "P1M",
    "P1.2.3D",
    "P.D",
    "--1s",
    "999999999999999999s",
    "1h30",
    "1e3s",
  ])("%s is none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test("the text is read back as the same length", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.maxSafeInteger()), (ms) => parseDuration(formatDuration(ms)) === ms + 0),
    );
    expect([0, 1, -90_061_001, 5_400_000].map(formatDuration)).toEqual(["0s", "1ms", "-1d1h1m1s1ms", "1h30m"]);
  });
});

describe("the clock of tests", () => {
  test("rings alarms in order as time passes, and not those called off", async () => {
    const clock = new FakeClock(1000);
    const rung: string[] = [];
    clock.after(20, () => void rung.push(`b${clock.now()}`));
    clock.after(10, () => {
      rung.push(`a${clock.now()}`);
      clock.after(5, () => void rung.push(`c${clock.now()}`));
    });
    clock.after(12, () => void rung.push("never"))();
    await clock.advance(16);
    expect([rung, clock.waiting, clock.monotonic()]).toEqual([["a1010", "c1015"], 1, 16]);
    await clock.advance(4);
    expect(rung).toEqual(["a1010", "c1015", "b1020"]);
  });

  test("a sleep ends with its time, or with its signal", async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const ended: string[] = [];
    const all = [
      clock.sleep(50).then(() => ended.push("time")),
      clock.sleep(1000, stop.signal).then(() => ended.push("signal")),
      clock.sleep(1000, AbortSignal.abort()).then(() => ended.push("at once")),
    ];
    await clock.advance(60);
    stop.abort();
    await Promise.all(all);
    expect([ended, clock.waiting]).toEqual([["at once", "time", "signal"], 0]);
  });
});

describe("the host's clock", () => {
  test("rings, is called off, and gives way", async () => {
    const begin = systemClock.monotonic();
    let rung = 0;
    systemClock.after(1, () => rung++);
    systemClock.after(1, () => rung++)();
    await systemClock.sleep(15);
    await systemClock.giveWay();
    expect(rung).toBe(1);
    expect(systemClock.monotonic()).toBeGreaterThan(begin);
    expect(Number.isInteger(systemClock.now())).toBe(true);
  });

  test("a wait of months does not end at once, and can be called off", async () => {
    let rung = 0;
    const cancel = systemClock.after(90 * 86_400_000, () => rung++);
    await systemClock.sleep(10);
    cancel();
    expect(rung).toBe(0);
    const stop = new AbortController();
    const long = sleepOn(systemClock, 2 ** 40, stop.signal);
    stop.abort();
    await long;
  });
});
