// What a program sees of values is the same everywhere: orders, hashes, texts of numbers, numbering. Written down here once and for all.
import { expect, test } from "vitest";
import { bytesOfId, effectKey, nameId, newId } from "../../src/base/ids.ts";
import { seededBytes, seededRandom } from "../../src/base/random.ts";
import { sha256 } from "../../src/base/hash.ts";
import { ofBits } from "../../src/data/math/words.ts";
import { floatText } from "../../src/data/number-text.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { holds } from "../prelude/table.ts";
import { runProgram } from "../property/world.ts";

const raw = String.raw;
const image = await shippedImage();

test("hashes are a fixed function of the value", () =>
  holds(raw`
  (map hash [nil true false 0 1 -1 42 9007199254740993 -9007199254740993]) => (0 1231 1237 0 1 -1 42 659770657 -2017690287)
  (map hash [1/3 1.0 -0.0 0.5 1e300 ##NaN ##Inf]) => (1535116797 -1089080846 91454314 -1634149578 -50773187 2146959360 -1254949006)
  (map hash ["" "a" "Straße" "𝄞"]) => (-2128764932 -468852428 98151184 -622740473)
  (map hash [:a :a/b 'a 'a/b]) => (1638149126 1240107577 1698685889 1024860184)
  (map hash [[] [1 2] '(1 2) #{} #{1 2} #{2 1}]) => (1364076727 -782059616 -782059616 -383449968 -1098383048 -1098383048)
  (map hash [{} {:a 1, :b 2} {:b 2, :a 1} [[1] {:a [2]}]]) => (-1032050413 -1407953538 -1407953538 253547646)
  (map hash [#inst "2026-01-01T00:00:00Z" #duration "1h" #date "2026-01-01"]) => (-1233704446 939548788 -363683093)
  (hash #uuid "f81d4fae-7dec-11d0-a765-00a0c91e6bf6") => 408236136
  (hash #bytes "aGVsbG8=") => -2003995026
  (map hash [(map inc [1 2]) (range 3)]) => (1643748594 -1651114563)
  `));

test("maps and sets have the order in which entries came, whatever their keys look like and however many they are", () =>
  holds(raw`
  (keys {:z 1, :a 2, "b" 3, 10 4, 2 5, nil 6}) => (:z :a "b" 10 2 nil)
  (keys (into {} (map (fn [i] [(- 20 i) i]) (range 20)))) => (20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1)
  (vec (into #{} [9 1 8 2 7 3 6 4 5 0 19 11 18 12 17 13 16 14 15 10])) => [9 1 8 2 7 3 6 4 5 0 19 11 18 12 17 13 16 14 15 10]
  (vec (dissoc (assoc {:a 1, :b 2, :c 3} :a 9) :b)) => [[:a 9] [:c 3]]
  (vec (conj (disj #{3 1 2} 3) 3)) => [1 2 3]
  (let [m (into {} (map (fn [i] [(str i) i]) (range 1000)))] (= (vals m) (range 1000))) => true
  (keys (group-by odd? [3 1 4 1 5 9 2 6])) => (true false)
  (frequencies "mississippi") => {"m" 1, "i" 4, "s" 4, "p" 2}
  `));

test("keys of JSON keep their order, which the host's objects would not", () =>
  holds(raw`
  (keys (flow.json/read "{\"b\":1,\"2\":2,\"1\":3,\"__proto__\":4,\"10\":5}")) => (:b :2 :1 :__proto__ :10)
  (flow.json/write {"b" 1, "2" 2, "1" 3, "__proto__" 4}) => "{\"b\":1,\"2\":2,\"1\":3,\"__proto__\":4}"
  (flow.json/write (flow.json/read "{\"b\":1,\"2\":2,\"1\":3}")) => "{\"b\":1,\"2\":2,\"1\":3}"
  `));

test("sorting is stable, and strings are ordered by code point, not by a language", () =>
  holds(raw`
  (sort-by first [[1 :a] [0 :b] [1 :c] [0 :d] [1 :e]]) => ([0 :b] [0 :d] [1 :a] [1 :c] [1 :e])
  (let [xs (map (fn [i] [(mod (* 7 i) 5) i]) (range 500))] (= (sort-by first xs) (mapcat (fn [k] (filter (fn [[a]] (= a k)) xs)) (range 5)))) => true
  (sort (fn [a b] (< (quot a 10) (quot b 10))) [12 11 5 19 3 10]) => (5 3 12 11 19 10)
  (sort [3 1.5 1/2 -0.0 0 ##NaN ##Inf 2]) => (-0.0 0 1/2 1.5 2 3 ##Inf ##NaN)
  (sort ["b" "a" "B" "ä" "𝄞" "ﬁ" "z" "Z" "-" "a b"]) => ("-" "B" "Z" "a" "a b" "b" "z" "ä" "ﬁ" "𝄞")
  `));

test("numbers are written and read the same everywhere", () =>
  holds(raw`
  [0.1 1.0 -0.0 100.0 1e21 1e20 123456789012345680.0 1e-6 1e-7 1.5e-10] => [0.1 1.0 -0.0 100.0 1e+21 100000000000000000000.0 123456789012345680.0 0.000001 1e-7 1.5e-10]
  (map parse-double ["5e-324" "2.4703282292062328e-324" "2.4703282292062327e-324" "1.7976931348623157e308" "1.7976931348623159e308"]) => (5e-324 5e-324 0.0 1.7976931348623157e+308 ##Inf)
  (map parse-double ["9007199254740993" "9007199254740993.0000001" "0.1e-400" "  1.5\n" "1_0" "1e" "0x10" "Infinity" "-NaN" "1.5f"]) => (9007199254740992.0 9007199254740994.0 0.0 1.5 nil nil nil ##Inf ##NaN nil)
  (map parse-long ["9007199254740993" "-0" "+7" "٣" "1.0" ""]) => (9007199254740993 0 7 nil nil nil)
  (double 1/3) => 0.3333333333333333
  (double 10000000000000000000000001/3) => 3.3333333333333333e+24
  (str 1e100 " " 12345678901234567890123 " " -1/3) => "1e+100 12345678901234567890123 -1/3"
  [(rationalize 1e-7) (rationalize 123.456)] => [1/10000000 15432/125]
  `));

/** The text of doubles is the shortest that reads back: a table of hard cases, and one number for many more. */
test("floats have one text each", () => {
  const hard: [bigint, string][] = [
    [0x0000000000000001n, "5e-324"],
    [0x000fffffffffffffn, "2.225073858507201e-308"],
    [0x0010000000000000n, "2.2250738585072014e-308"],
    [0x7fefffffffffffffn, "1.7976931348623157e+308"],
    [0x3ff0000000000001n, "1.0000000000000002"],
    [0x4340000000000001n, "9007199254740994.0"],
    [0x44b52d02c7e14af6n, "1e+23"],
    [0x44b52d02c7e14af7n, "1.0000000000000001e+23"],
    [0x3eb0c6f7a0b5ed8dn, "0.000001"],
    [0x4415af1d78b58c40n, "100000000000000000000.0"],
    [0x444b1ae4d6e2ef50n, "1e+21"],
  ];
  expect(hard.map(([bits]) => floatText(ofBits(bits)))).toEqual(hard.map(([, text]) => text));
  let state = 1n;
  const texts: string[] = [];
  while (texts.length < 20_000) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    const x = ofBits(state);
    if (!Number.isFinite(x)) continue;
    const text = floatText(x);
    if (!Object.is(Number(text), x)) expect.fail(text);
    texts.push(text);
  }
  expect(sha256(texts.join(" "))).toBe("4e4ecda72946a926c52c4024c5d114f5edc45d92975ab83c8a3adb692330f0ad");
});

test("names that macros make are numbered anew in each top-level form, others by the program's counter", () => {
  const text =
    '(defmacro names [] `\'[a# b# a#]) (prn (names)) (prn (names) (names)) (prn (gensym) (do (atom 1) (gensym "x")))';
  const { outcome } = runProgram(image, text, { evaluator: "direct" });
  expect(outcome.output.split("\n")).toEqual([
    "[a__1__auto b__2__auto a__1__auto]",
    "[a__1__auto b__2__auto a__1__auto] [a__1__auto b__2__auto a__1__auto]",
    "g__3 x__5",
    "",
  ]);
});

test("ids, keys of effects and random bytes are functions of what they are made of", () => {
  const id = newId({ now: () => 1_764_000_000_000 }, seededRandom("ids"));
  expect(id).toBe("01kav9ft00e4j8v3sr0cta73q5");
  expect(nameId(id, "name")).toBe("70ea72g1yha1hvqk6gn68nj4kr");
  expect(effectKey(id, 0, 1, 2)).toBe("5pa5qy2p3eqrh6e3ye4427yfnt");
  expect(Buffer.from(bytesOfId(id)).toString("hex")).toBe("019ab697e80071248d8f380334a38ee5");
  expect(Buffer.from(seededBytes("seed", 3, 40)).toString("hex")).toBe(
    "7413102ddf6b24afdf52ee025c815cba7a8df63bc7c14e700836528d9131ee80a8409de19d05f3e6",
  );
});
