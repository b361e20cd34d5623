// No pattern hangs: the steps of patterns with exponentially many ways grow as a low power of the text, and what is kept has a limit.
import { describe, expect, test } from "vitest";
import { Matcher, MemoFull, StackFull, Unfinished } from "../../src/regex/match.ts";
import { loadMatch, saveMatch } from "../../src/regex/state.ts";
import { compile, run } from "./support.ts";

const a = (n: number) => "a".repeat(n);

/** The steps of a search. */
const steps = (pattern: string, text: string) => run(compile(pattern), text).steps;

describe("linear in the text", () => {
  test.each([
    ["(a+)+$", (n: number) => `${a(n)}b`],
    ["(a*)*b", a],
    ["((a*)*)*b", a],
    ["(a|a)*b", a],
    ["(a|aa)+$", (n: number) => `${a(n)}b`],
    ["(?:a?){20}b", a],
    ["(x+x+)+y", (n: number) => "x".repeat(n)],
    ["a*b", a],
    ["(.*)(.*)(.*)(.*)=", a],
    ["(.*?,){5}x", (n: number) => "1,".repeat(n)],
    ["(?:a*?)*?b", a],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", a],
    ["(?=(a+)+b)a", a],
    ["(?!(a+)+b)c", a],
    ["(?:(?>a*?)a?)*b", a],
    ["(?<=a{0,5})b", a],
    ["(\\w+\\s?)*[!]", (n: number) => "ab ".repeat(n / 3)],
    ["(?i)(a|A)+!", (n: number) => "aA".repeat(n / 2)],
    ["(?p)(?:a|(?:a)|a)*$b", a],
  ])("%s", (pattern, text) => {
    const [small, large] = [steps(pattern, text(3_000)), steps(pattern, text(30_000))];
    expect(large).toBeLessThan(30_000 * 500);
    expect(large / small).toBeLessThan(13);
  });
});

describe("at most quadratic: a lookaround or an atomic group may be walked through from every place", () => {
  test.each([["(?:(?=a*)a)*b"], ["(?:(?=(a+)+)a)*b"], ["(?:(?>a*)(?<=a)|a)*b"], ["(?:(?=(a*))a)*b"]])(
    "%s",
    (pattern) => {
      const [small, large] = [steps(pattern, a(300)), steps(pattern, a(1_200))];
      expect(large / small).toBeLessThan(20);
    },
  );
});

test.each([
  "(?:(?:(?:){65535}){65535}){65535}",
  "(?:(?:(?:a{0})*){65535}){65535}",
  "(?:(?:(?:(?i)(?:)+){65535}){65535,}){65535}",
])("nothing, however often: %s", (pattern) => {
  const program = compile(pattern);
  expect(program.code.length).toBeLessThan(20);
  expect(run(program, "a").steps).toBeLessThan(20);
});

test("references: a power of the text as long as what is remembered suffices, and then an end", () => {
  const [small, large] = [steps("(a*)*\\1b", a(20)), steps("(a*)*\\1b", a(40))];
  expect(large / small).toBeLessThan(9);
  const match = new Matcher(compile("(a+)(a+)+\\1\\2b"), a(200), 0, false);
  let result = Unfinished;
  for (let i = 0; i < 1000 && result === Unfinished; i++) result = match.run(1 << 16);
  expect(result).toBe(MemoFull);
});

test("a run makes about as many steps as it may, whatever it is in the middle of", () => {
  const long = `${a(200_000)}b`;
  for (const pattern of [
    ".*c",
    "a*?c",
    "[ab]{2,}c",
    "c",
    "\\d",
    "(?:a|b)*c",
    "(a+)+c",
    "(?=a*)c",
    "(.)*\\1c",
    "a*+c",
  ]) {
    const match = new Matcher(compile(pattern), long, 0, false);
    let runs = 0;
    for (; match.run(1000) === Unfinished; runs++) expect(match.made, pattern).toBeLessThan(5200);
    expect(runs, pattern).toBeGreaterThan(3);
  }
});

test("ways to go back to have a limit", () => {
  const match = new Matcher(compile("(?:a|ab|b)*c"), "ab".repeat(1_500_000), 0, false);
  let result = Unfinished;
  for (let i = 0; i < 1000 && result === Unfinished; i++) result = match.run(1 << 20);
  expect(result).toBe(StackFull);
});

test("an unfinished match is stored in a size that goes with what it has done, not with the text", () => {
  const program = compile("x(a|b)*y");
  const text = `${"-".repeat(1_000_000)}xab`;
  const match = new Matcher(program, text, 0, false);
  expect(match.run(1000)).toBe(Unfinished);
  const bytes = saveMatch(match);
  expect(bytes.length).toBeLessThan(200);
  expect(loadMatch(program, text, bytes)?.start).toBe(match.start);
});
