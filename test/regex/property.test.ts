// Properties of the matcher on random patterns: it agrees with the host where the two mean the same, marks change nothing but time, and a
// match goes on from where it was stored.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Matcher, Unfinished } from "../../src/regex/match.ts";
import { loadMatch, saveMatch } from "../../src/regex/state.ts";
import { type Dialect, subjects, trees, write } from "./patterns.ts";
import { all, compile, run, type Spans } from "./support.ts";

/** The first matches of the host, with the groups that can be compared. */
function hostMatches(source: string, flags: string, text: string, comparable: readonly number[]): unknown {
  // A host finds nothing also in the middle of a character of two units.
  const isWhole = (at: number) => (text.charCodeAt(at) & 0xfc00) !== 0xdc00;
  const found = [...text.matchAll(new RegExp(source, `gd${flags}`))].filter(({ index }) => isWhole(index));
  return found.map(({ indices }) => comparable.map((group) => indices![group] ?? null));
}

const picked = (found: readonly Spans[], comparable: readonly number[]) =>
  found.map((spans) => comparable.map((group) => spans[group]));

for (const [flags, ours] of [
  ["u", ""],
  ["us", "(?s)"],
] as const) {
  test(`what the host answers with the flags ${flags}`, () => {
    fc.assert(
      fc.property(trees, subjects, (tree, text) => {
        const { source, comparable } = write(tree, "clojure", true);
        const host = write(tree, "host");
        const found = all(compile(ours + source), text);
        expect(picked(found, comparable), source).toEqual(hostMatches(host.source, flags, text, comparable));
      }),
      { numRuns: 4000 },
    );
  });
}

test("letters of either case, as the host has them with the flags iu", () => {
  const letters = [
    "k",
    "K",
    "\u212a",
    "s",
    "\u017f",
    "\u00e9",
    "\u00c9",
    "\u03c3",
    "\u03c2",
    "\u03a3",
    "\u1e9e",
    "\u00df",
    "\u{10400}",
    "i",
    "\u0130",
    "I",
    "\u0131",
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      subjects,
      (chars, negated, rest) => {
        const source = `[${negated ? "^" : ""}${chars.join("")}]+(${chars[0]})`;
        const text = `${letters.join("")}${rest}`;
        const spans = all(compile(`(?iu)${source}`), text);
        expect(picked(spans, [0, 1]), source).toEqual(hostMatches(source, "iu", text, [0, 1]));
      },
    ),
    { numRuns: 500 },
  );
});

const dialects = fc.constantFrom<Dialect>("clojure", "python");

/** A pattern of any kind, ready to run. */
const programs = fc
  .tuple(trees, dialects)
  .map(([tree, dialect]) => compile((dialect === "python" ? "(?p)" : "") + write(tree, dialect).source));

test("marks change nothing but time", () => {
  fc.assert(
    fc.property(programs, subjects, fc.boolean(), (program, text, whole) => {
      const plain = run(program, text, { whole });
      expect(run(program, text, { whole, marking: true }).spans).toEqual(plain.spans);
    }),
    { numRuns: 6000 },
  );
});

test("a match that is stored and loaded between any two pieces ends as it would have, after as many steps", () => {
  fc.assert(
    fc.property(
      programs,
      subjects,
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      fc.boolean(),
      (program, text, budget, whole, marking) => {
        const plain = run(program, text, { whole, marking, budget });
        expect(run(program, text, { whole, marking, budget, stored: true })).toEqual(plain);
        expect(run(program, text, { whole, marking }).spans).toEqual(plain.spans);
      },
    ),
    { numRuns: 3000 },
  );
});

test("bytes that are no stored match are refused or run, and never throw", () => {
  let loadedOnes = 0;
  fc.assert(
    fc.property(
      programs,
      subjects.filter((text) => text !== ""),
      fc.array(fc.tuple(fc.nat(), fc.oneof(fc.integer({ min: -2, max: 40 }), fc.integer())), { maxLength: 3 }),
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      (program, text, changes, budget, marking) => {
        const match = new Matcher(program, text, 0, false);
        match.marking = marking;
        if (match.run(budget) !== Unfinished) return;
        const bytes = saveMatch(match);
        const numbers = new DataView(bytes.buffer);
        for (const [at, value] of changes) numbers.setInt32(4 * (at % (bytes.length / 4)), value, true);
        const loaded = loadMatch(program, text, bytes);
        if (loaded === null) return;
        loadedOnes++;
        for (let i = 0; i < 50 && loaded.run(100) === Unfinished; i++) saveMatch(loaded);
      },
    ),
    { numRuns: 6000 },
  );
  expect(loadedOnes).toBeGreaterThan(100);
});

test("other bytes, other texts and other programs are refused", () => {
  const program = compile("(a+)+b");
  const match = new Matcher(program, "a".repeat(30), 0, false);
  expect(match.run(500)).toBe(Unfinished);
  const bytes = saveMatch(match);
  expect(loadMatch(program, "a".repeat(30), bytes)).not.toBeNull();
  expect(loadMatch(program, "a".repeat(31), bytes)).toBeNull();
  expect(loadMatch(compile("(a+)+(b)"), "a".repeat(30), bytes)).toBeNull();
  expect(loadMatch(program, "a".repeat(30), bytes.subarray(0, bytes.length - 4))).toBeNull();
  expect(loadMatch(program, "a".repeat(30), bytes.subarray(1))).toBeNull();
  expect(loadMatch(program, "a".repeat(30), new Uint8Array())).toBeNull();
});
