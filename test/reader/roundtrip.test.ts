// Properties: the printer is the reader's inverse; no text makes the reader do anything but answer or refuse.
import fc from "fast-check";
import { expect, test } from "vitest";
import { identical, sameKey } from "../../src/data/equality.ts";
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { float, integer, ratio } from "../../src/data/numbers.ts";
import { printValue } from "../../src/data/printer.ts";
import { PSet } from "../../src/data/set.ts";
import { Bytes, Duration, Instant, Keyword, Regex, Sym, Tagged, Uuid, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { readAll, readData, readForms, readNext } from "../../src/reader/sexp.ts";
import { tokenize } from "../../src/reader/tokens.ts";
import { Source } from "../../src/source/source.ts";
import { problem } from "../regex/support.ts";

const name = fc
  .stringMatching(/^[a-zA-Z\u03b1-\u03c9*+!_?<>=$&.-][a-zA-Z0-9\u03b1-\u03c9*+!_?<>=$&%'#.:-]{0,8}$/)
  .filter((text) => !/^[+-]?\.?\d|:$|^(nil|true|false)$/.test(text));
const qualified = fc.oneof(
  name,
  fc.tuple(name, name).map(([ns, local]) => `${ns}/${local}`),
  fc.constant("/"),
);
const text = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ maxLength: 12 }));
// A literal holds no quote without a backslash, no NUL, and its flags are not part of the pattern (reader and printer agree).
const regex = fc
  .tuple(fc.stringMatching(/^([a-z.*+ \n]|\\[dws"\\]){0,8}$/), fc.constantFrom("", "i", "im"))
  .filter(([source, flags]) => problem(flags === "" ? source : `(?${flags})${source}`) === null)
  .map(([source, flags]) => new Regex(source, flags));

const atom: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, true, false),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map((n) => integer(n)),
  fc.double().map((x) => float(x)),
  fc.tuple(fc.bigInt(), fc.bigInt({ min: 1n, max: 2n ** 70n })).map(([n, d]) => ratio(n, d)),
  text,
  qualified.map((t) => Sym.parse(t)),
  qualified.map((t) => Keyword.of(t)),
  fc.uint8Array({ maxLength: 9 }).map((data) => new Bytes(data)),
  fc.integer({ min: -8.64e15, max: 8.64e15 }).map((ms) => new Instant(ms)),
  fc.maxSafeInteger().map((ms) => new Duration(ms)),
  fc.uuid().map((t) => new Uuid(t)),
  regex,
);

const { value } = fc.letrec<{ value: Value }>((tie) => {
  const many = fc.array(tie("value"), { maxLength: 5 });
  return {
    value: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      atom,
      many.map((items) => List.from(items)),
      many.map((items) => Vector.from(items)),
      many.map((items) => items.reduce<PSet>((set, item) => set.add(item), PSet.EMPTY)),
      fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 12 }).map((pairs) => PMap.from(pairs)),
      fc.tuple(name, tie("value")).map(([tag, inner]) => new Tagged(Sym.parse(`my/${tag}`), inner)),
    ),
  };
});

const print = (v: Value): string => printValue(v, true) as string;

test("(= v (read (print v))), with the types and the order of entries", () => {
  fc.assert(
    fc.property(value, (v) => {
      const again = readData(print(v));
      expect(identical(again, v), print(v)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test("white space, commas, comments and discarded forms between tokens change nothing", () => {
  const gap = fc.constantFrom(" ", ",", "\n", "\r\n\t", " ; note (\n", " #_ [skipped] ", "\u3000");
  fc.assert(
    fc.property(value, fc.array(gap, { minLength: 1, maxLength: 9 }), (v, gaps) => {
      const { tokens } = tokenize(print(v));
      const spread = tokens.map((token, i) => token.image + gaps[i % gaps.length]).join("");
      expect(identical(readData(spread), v), spread).toBe(true);
    }),
    { numRuns: 150 },
  );
});

// Pieces of every kind of token, right and wrong.
const PIECES =
  `( ) [ ] { } #{ #( ' \` ~ ~@ @ ^ #' #_ #: #:a #::a # ## ##Inf #? #?@ #= #< #! #^ #tag #inst #uuid #"x" " "s"
  \\a \\newline \\u \\u{41} \\ : :a :a/b ::k ::s/k a a/b % %1 %& %9 +1+ nil true 1 -2 010 08 0xF 1/2 1/0 1.5 1e3 1N 1M _ 1_ / a/ ;c
  \\\\ \u201c \u0000 \ud800 \u202e "\\q" "\\ud800" ^:a #:n{:a #_#_ .5`.split(/\s+/);

test("any text is read or refused, with places inside it, and never anything else", () => {
  const soup = fc
    .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom("", " ", "\n")), { maxLength: 30 })
    .map((pairs) => pairs.flat().join(""));
  fc.assert(
    fc.property(fc.oneof({ weight: 3, arbitrary: soup }, fc.string({ unit: "binary" })), (script) => {
      const source = new Source("t.fm", script);
      const options = { ns: "here", alias: () => null };
      const { forms, errors } = readAll(source, options);
      for (const { span, code } of errors) {
        expect(code).toMatch(/^read\//);
        expect(span!.from).toBeGreaterThanOrEqual(0);
        expect(span!.to).toBeLessThanOrEqual(script.length);
        expect(span!.from).toBeLessThan(span!.to);
      }
      if (errors.length === 0) expect(oneByOne(source, options)).toEqual(forms.map(print));
    }),
    { numRuns: 1500 },
  );
});

function oneByOne(source: Source, options: { ns: string }): string[] {
  const printed: string[] = [];
  for (let next = readNext(source, 0, options); next !== null; next = readNext(source, next.end, options)) {
    printed.push(print(next.form));
  }
  return printed;
}

test("what was read prints as a text that reads the same", () => {
  const good = PIECES.filter((piece) => readAll(new Source("t.fm", `(${piece} a)`), { ns: "n" }).errors.length === 0);
  const soup = fc.array(fc.constantFrom(...good, "(x", "[y", ")", "]", "#(%", "#{}", "{1 2}"), { maxLength: 20 });
  let read = 0;
  fc.assert(
    fc.property(soup, (pieces) => {
      const { forms, errors } = readAll(new Source("t.fm", pieces.join(" ")), { ns: "n" });
      if (errors.length > 0) return;
      read++;
      const again = readForms(new Source("t.fm", forms.map(print).join("\n"))).forms;
      expect(again.length).toBe(forms.length);
      for (const [i, form] of forms.entries()) expect(sameKey(again[i], form), print(form)).toBe(true);
    }),
    { numRuns: 400 },
  );
  expect(read).toBeGreaterThan(100);
});
