// No word of the host's own errors ever reaches a program: they differ from one version of V8 to the next.
import { expect, test } from "vitest";
import { Raise } from "../../src/data/meter.ts";
import { ErrorValue, type Value } from "../../src/data/value.ts";
import { primitives } from "../../src/primitive/registry.ts";
import { outcomes } from "../prelude/table.ts";
import { readData } from "../../src/reader/sexp.ts";
import type { Vector } from "../../src/data/vector.ts";

/** How V8 speaks. */
const HOST =
  /cannot read prop|is not a function|is not iterable|is not defined|call stack|invalid array length|unexpected (?:token|end)|in JSON|URI malformed|BigInt|invalid (?:string length|time value|count value|regular expression|code point)|undefined|\[object|cannot (?:convert|mix)|TypeError|RangeError|SyntaxError|NaN must|must be (?:an? )?(?:instance|of type)|ERR_|out of range index|Infinity digits/i;

const raw = String.raw;

/** Forms whose straightforward way through the host would end in an error of its own. */
const FORMS = raw`
(repeat-string 1000000000 "abc")
(bit-shift-left 1 100000000000)
(pow 10 100000000000)
(pow 2/3 -99999999)
(int ##NaN)
(int ##Inf)
(bigint ##-Inf)
(rationalize ##NaN)
(round ##Inf)
(nth [1 2] -1)
(nth [1 2] 4294967296)
(subs "abc" 2 1)
(subs "abc" -1)
(flow.json/read "{\"a\": }")
(flow.json/read "[1, 2")
(flow.json/read "")
(flow.json/read "nul")
(flow.json/read "{\"a\":1,}")
(flow.json/read "\"\\ud800\"")
(flow.json/read (apply str (repeat 5000 "[")))
(flow.json/write {:f inc})
(flow.json/write ##NaN)
(flow.url/decode "%E0%A4%A")
(flow.url/decode "%")
(flow.url/encode 5)
(flow.base64/decode "a")
(flow.base64/decode "****")
(flow.time/instant "2026-99-99T00:00:00Z")
(flow.time/instant 9e99)
(flow.time/instant 99999999999999999)
(flow.time/duration "1x")
(flow.time/duration 1e308)
(flow.time/date 2026 13 1)
(flow.time/date 99999 1 1)
(flow.time/plus #date "9999-12-31" {:days 1})
(flow.time/plus #date "2026-01-01" {:months 1e9})
(flow.time/plus #date "2026-01-01" {:years 99999999999999999999})
(flow.time/offset #inst "2026-01-01T00:00:00Z" "../../etc/passwd")
(flow.time/offset #inst "2026-01-01T00:00:00Z" "__proto__")
(flow.time/offset #inst "2026-01-01T00:00:00Z" "")
(flow.time/until #date "2026-01-01" #date "2026-01-02" :fortnights)
(flow.string/from-code-point 55296)
(flow.string/from-code-point -1)
(flow.string/from-code-point 1114112)
(flow.string/upper-case 5)
(flow.string/pad-left "a" 99999999999999999999)
(keyword "")
(symbol "")
(compare [1] {})
(sort [1 "a"])
(+ 1 "a")
(/ 1 0)
(quot 1 0)
(flow.math/factorial 100000000)
(flow.math/isqrt -1)
(flow.math/floor-div 1 0)
(flow.math/log "1")
(range 0 1 0.0000000001)
(vec (range 1000000000000))
(apply str (range 100000000000))
(apply vector (range 1000000000))
(nil 1)
(1 2)
("a" 0)
(get-in {:a 1} [:a :b :c])
(reduce + [1 nil])
(flow.json/read (apply str (repeat 400000 "9")))
(parse-long (apply str (repeat 400000 "9")))
(throw nil)
(fulfil! 1 2)
(perform 'flow.core/random -1)
(perform 'flow.core/random 1.5)
(perform 'flow.core/random nil)
(perform 'flow.core/compile 1 2)
(perform 'flow.core/effect 1 2 3 4)
(perform 'flow.core/effect "x" "y" inc :z)
`
  .trim()
  .split("\n");

test("errors of a program speak the language's words", () => {
  const found = outcomes(
    FORMS,
    "(require '[flow.math] '[flow.time] '[flow.json] '[flow.url] '[flow.base64] '[flow.string])",
  );
  const wrong = FORMS.map((form, i) => `${form} => ${found[i]}`).filter((_, i) => HOST.test(found[i]));
  expect(wrong).toEqual([]);
  expect(found.filter((one) => one.startsWith("!")).length).toBeGreaterThan(FORMS.length * 0.85);
});

const NASTY: readonly Value[] = (
  readData(raw`[nil true 0 -1 1.5 -0.0 1/3 ##NaN ##Inf 9007199254740992 -99999999999999999999999999999999 1e308
  "" "a" "\u0000" "%zz" "{" "𝄞" "9999999999999999999999" "__proto__" "constructor" :a :a/b 'a/b () (1 2) [] [[]] [1 2] {} {nil nil} {:a {:b 1}} #{} #{1}
  #inst "2026-01-01T00:00:00Z" #duration "-1ms" #uuid "f81d4fae-7dec-11d0-a765-00a0c91e6bf6" #bytes "" #date "2026-01-01" #date-time "2026-01-01T00:00:00"
  #unknown [1]]`) as Vector
).toArray();

test("no primitive, whatever it is given, throws an error of the host or says what one said", () => {
  const wrong: string[] = [];
  let state = 1;
  const pick = () => {
    state = (state * 48271) % 2147483647;
    return NASTY[state % NASTY.length];
  };
  for (const { name, min, max, call } of primitives) {
    for (let round = 0; round < 300; round++) {
      const most = max < 0 ? min + 3 : max;
      const args = Array.from({ length: min + (round % (most - min + 1)) }, pick);
      try {
        call(...args);
      } catch (thrown) {
        const said = thrown instanceof Raise && thrown.error instanceof ErrorValue ? thrown.error.message : null;
        if (said === null || HOST.test(said)) wrong.push(`${name}: ${said ?? String(thrown)}`);
      }
    }
  }
  expect([...new Set(wrong)]).toEqual([]);
});
