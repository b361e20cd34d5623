// The tables of properties and of letters that differ by case alone: of the version named, the same on every Node.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import {
  categorySet,
  closeUnderFolding,
  foldPoint,
  propertySet,
  scriptSet,
} from "../../src/data/unicode/properties.ts";
import { CATEGORIES, PROPERTIES_VERSION, PROPERTY_RUNS, SCRIPTS } from "../../src/data/unicode/property-tables.ts";
import {
  complement,
  difference,
  includes,
  intersection,
  POINT_MAX,
  type Ranges,
  rangesOf,
  union,
} from "../../src/data/unicode/ranges.ts";
import { UNICODE_VERSION } from "../../src/data/unicode/version.ts";

const categories = CATEGORIES.split(" ");
const scripts = SCRIPTS.split(" ").map((names) => names.split("/")[0]);
const properties = Object.keys(PROPERTY_RUNS) as (keyof typeof PROPERTY_RUNS)[];
const sameVersion = process.versions.unicode === UNICODE_VERSION;

/** How a pattern of the host names each set of the tables. */
const named: readonly (readonly [string, Ranges])[] = [
  ...categories.map((name) => [name, categorySet(name)!] as const),
  ...["L", "M", "N", "P", "S", "Z", "C", "LC"].map((name) => [name, categorySet(name)!] as const),
  ...scripts.map((name) => [`Script=${name}`, scriptSet(name.toLowerCase())!] as const),
  ...properties.map((name) => [name, propertySet(name)] as const),
];

test("the tables are those of the version that every turn names, whatever Node runs", () => {
  expect(PROPERTIES_VERSION).toBe(UNICODE_VERSION);
  const folds = Array.from({ length: POINT_MAX + 1 }, (_, point) => foldPoint(point));
  expect(sha256(JSON.stringify(named))).toBe("07e169e062c75c6670d840cb0ed97be0b4e79ad3001f42edc2c8185cab8bf629");
  expect(sha256(folds.join())).toBe("8668a2e81fe4c38be4b2541bcb576fcc19adf920079ed7388ba9243c6fb4f1ef");
});

test("categories and scripts divide the code points among them", () => {
  for (const sets of [
    categories.map((name) => categorySet(name)!),
    [...scripts, "unknown"].map((name) => scriptSet(name.toLowerCase())!),
  ]) {
    const all = sets.flatMap((set) =>
      Array.from({ length: set.length / 2 }, (_, i) => [set[2 * i], set[2 * i + 1]] as const),
    );
    const sorted = all.sort(([a], [b]) => a - b);
    expect(sorted.every(([from], i) => from === (i === 0 ? 0 : sorted[i - 1][1] + 1))).toBe(true);
    expect(sorted.at(-1)?.[1]).toBe(POINT_MAX);
  }
  expect([categorySet("Xx"), categorySet("X"), scriptSet("klingon")]).toEqual([null, null, null]);
});

/** Which of the sets each code point is in, as its place in the list; of sets that divide the code points among them. */
function placesOf(sets: readonly Ranges[]): Uint8Array {
  const places = new Uint8Array(POINT_MAX + 1);
  sets.forEach((set, place) => {
    for (let i = 0; i < set.length; i += 2) places.fill(place, set[i], set[i + 1] + 1);
  });
  return places;
}

const hostTest = (name: string) => new RegExp(`^\\p{${name}}$`, "u");

test("a host of the same version agrees; another one does about what both know", () => {
  const [category, script] = [
    placesOf(categories.map((name) => categorySet(name)!)),
    placesOf([...scripts, "unknown"].map((name) => scriptSet(name.toLowerCase())!)),
  ];
  const hostCategories = categories.map(hostTest);
  const hostScripts = [...scripts.map((name) => hostTest(`Script=${name}`)), /^(?:\p{Cn}|\p{Co}|\p{Cs})$/u];
  const hostProperties = properties.map((name) => [hostTest(name), propertySet(name)] as const);
  let wrong = 0;
  for (let point = 0; point <= POINT_MAX; point++) {
    const char = String.fromCodePoint(point);
    // Of an older version of the host: what it has not assigned is left out, and a few code points have changed since.
    if (!sameVersion && /^\p{Cn}$/u.test(char)) continue;
    if (!hostCategories[category[point]].test(char) || !hostScripts[script[point]].test(char)) wrong++;
    for (const [host, set] of hostProperties) if (host.test(char) !== includes(set, point)) wrong++;
    // Most of the code space is not assigned: those planes are looked at here and there.
    if (point > 0x33480 && point < 0xe0000) point += 0xff;
  }
  if (sameVersion) expect(wrong).toBe(0);
  expect(wrong).toBeLessThan(500);
});

test("letters that differ by case alone are those the host's flags iu take for the same", () => {
  const cased = Array.from({ length: 0x1f000 }, (_, point) => point).filter((point) => {
    const isHalf = point >= 0xd800 && point <= 0xdfff;
    return !isHalf && /\p{Changes_When_Casemapped}/u.test(String.fromCodePoint(point));
  });
  const all = String.fromCodePoint(...cased);
  const wrong = cased.filter((point) => {
    const same = [...all.matchAll(new RegExp(`\\u{${point.toString(16)}}`, "giu"))].map(
      ([char]) => char.codePointAt(0)!,
    );
    return !same.every((other) => foldPoint(other) === foldPoint(point)) && sameVersion;
  });
  expect(wrong).toEqual([]);
  expect(cased.length).toBeGreaterThan(2_500);
  expect([..."kK\u212a"].map((char) => foldPoint(char.codePointAt(0)!))).toEqual([0x4b, 0x4b, 0x4b]);
  expect(closeUnderFolding([0x73, 0x73])).toEqual([0x53, 0x53, 0x73, 0x73, 0x17f, 0x17f]);
});

const sets = fc
  .array(fc.tuple(fc.nat(40), fc.nat(5)), { maxLength: 5 })
  .map((pairs) => rangesOf(pairs.map(([low, more]) => [low, low + more])));

test("sets of ranges are what sets of numbers are", () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const members = (set: Ranges) =>
        Array.from({ length: 50 }, (_, point) => point).filter((point) => includes(set, point));
      const [as, bs] = [members(a), members(b)];
      expect(members(union(a, b))).toEqual([...new Set([...as, ...bs])].sort((x, y) => x - y));
      expect(members(intersection(a, b))).toEqual(as.filter((point) => bs.includes(point)));
      expect(members(difference(a, b))).toEqual(
        members(union(a, b)).filter((point) => as.includes(point) !== bs.includes(point)),
      );
      expect(members(complement(a))).toEqual(
        Array.from({ length: 50 }, (_, point) => point).filter((point) => !as.includes(point)),
      );
      expect(complement(complement(a))).toEqual(a);
      for (const set of [a, union(a, b), intersection(a, b), complement(a)]) {
        // In order, and never touching one another.
        expect(set.every((end, i) => i === 0 || (i % 2 === 1 ? end >= set[i - 1] : end > set[i - 1] + 1))).toBe(true);
      }
    }),
  );
});

test("the tables are what their script writes", () => {
  if (!sameVersion) return expect(PROPERTIES_VERSION).toBe(UNICODE_VERSION);
  const root = join(import.meta.dirname, "../..");
  const target = join(tmpdir(), `flowmetal-properties-${process.pid}.ts`);
  execFileSync(process.execPath, [join(root, "src/data/unicode/generate-properties.mjs"), target]);
  const written = readFileSync(target, "utf8");
  rmSync(target);
  expect(readFileSync(join(root, "src/data/unicode/property-tables.ts"), "utf8")).toBe(written);
}, 120_000);
