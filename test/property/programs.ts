// Random programs of the language, as texts: every expression is an integer, every name is always bound, all of them end.
import fc from "fast-check";

const NAMES = ["a", "b", "x", "y"] as const;

/** Kinds of expression the generator is asked to make, by what they exercise; counted by the tests. */
export const FEATURES = {
  closure: /\(fn /,
  loop: /\(loop /,
  recursion: /\(letfn /,
  finally: /\(finally /,
  exit: /\(exit /,
  cell: /\(swap! /,
  lazy: /\(iterate /,
  continuation: /call-with-continuation/,
  prompt: /\(prompt /,
  handler: /\(handle /,
  awaited: /\(ask /,
  timer: /flow\.time\/sleep /,
  timeout: /with-timeout/,
  binding: /\(binding /,
  task: /flow\.core\/spawn/,
} as const;

export type Feature = keyof typeof FEATURES;

const name = fc.constantFrom(...NAMES);
const literal = fc.integer({ min: -9, max: 99 }).map(String);

/** An expression whose parts may be any expression; `size` keeps programs near a hundred ticks. */
export const expression: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => {
  const e = tie("e");
  const form = (template: string, ...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((values) => {
      let index = 0;
      return template.replace(/%/g, () => values[index++]);
    });
  return {
    e: fc.oneof(
      { depthSize: "small", maxDepth: 5, withCrossShrink: true },
      literal,
      name,
      form("(+ % %)", e, e),
      form("(mod (* % %) 1009)", e, e),
      form("(if (< % %) % %)", e, e, e, e),
      form("(let [% %] %)", name, e, e),
      form("(let [[x y] [% %]] (- x y %))", e, e, e),
      form("(let [{:keys [x] :or {x 7}} {:y %}] (+ x %))", e, e),
      form("((fn [x] %) %)", e, e),
      form("(let [g (fn [x] %)] (+ (g %) (g %)))", e, e, e),
      form("(f %)", e),
      form("(loop [i 0 x %] (if (< i 3) (recur (inc i) %) x))", e, e),
      form("(letfn [(h [n x] (if (<= n 0) % (+ x (h (dec n) %))))] (h 3 %))", e, e, e),
      form("(letfn [(p [n] (if (<= n 0) % (q (dec n)))) (q [n] (if (<= n 0) % (p (dec n))))] (p 3))", e, e),
      form("(try % (catch :default err % ) (finally (swap! c + %)))", e, e, e),
      form("(try % (catch :test/odd err (+ % (:n (ex-data err)))))", e, e),
      form('(if (odd? %) (throw (error :test/odd "odd" {:n %})) %)', e, e, e),
      form("(block out (+ % (if (even? %) (exit out %) %)))", e, e, e, e),
      form("(block out (try (+ % ((fn [x] (exit out (+ x %))) %)) (finally (swap! c inc))))", e, e, e),
      form("(do (swap! c + %) @c)", e),
      form('(do (print (str % " ")) %)', e, e),
      form("(reduce + % (map (fn [x] %) [1 2 a]))", e, e),
      form("(reduce + (take 3 (map (fn [x] %) (iterate inc %))))", e, e),
      form(
        "(first (drop 2 (filter (fn [x] (= 0 (mod x 3))) (map (fn [x] (+ x %)) (iterate inc %)))))",
        fc.constantFrom("a", "b", "y"),
        e,
      ),
      form("(+ % (call-with-continuation (fn [k] (+ % (k %)))))", e, e, e),
      form(
        "(let [kk (atom nil) n (atom 0) v (call-with-continuation (fn [k] (reset! kk k) %))] (if (< @n 2) (do (swap! n inc) (@kk (+ v %))) v))",
        e,
        e,
      ),
      form("(prompt :p (+ % (control :p (fn [k] (+ (k %) (k %))))))", e, e, e),
      form("(handle (+ % (perform get %)) [get (fn [[v] k] (+ (k (+ v %)) (k 1)))])", e, e, e),
      form("(handle % [get (fn [[v] k] (k %))])", e, e),
      form("(ask %)", e),
      form("(do (flow.time/sleep 5) %)", e),
      form(
        "(try (flow.time/with-timeout 10 (do (flow.time/sleep %) %)) (catch :timeout err (+ 1 %)))",
        fc.constantFrom("5", "20"),
        e,
        e,
      ),
      form("(binding [*d* %] (+ *d* %))", e, e),
      form("(+ *d* %)", e),
      form("(let [t (perform 'flow.core/spawn (fn [] %))] (+ % (await t)))", e, e),
      form("(let [m (assoc {:k %} :l %)] (+ (:k m) (get m :l 0) (count m)))", e, e),
      form("(case (mod % 3) 0 % 1 % %)", e, e, e, e),
    ),
  };
}).e;

/** A whole script around two expressions, which can use everything the expressions mention. */
export function scriptOf(first: string, second: string): string {
  return `(def ^:dynamic *d* 5)
(def c (atom 1))
(defforeign ask :topic "test/ask")
(let [f (fn [x] (let [a x b 2 y 3] (+ a (* b y)))) a 1 b 2 x 3 y 4 v ${first}]
  (println v)
  [v @c ${second}])
`;
}

/** The features of which a script uses more than every script does. */
export function featuresOf(text: string): Feature[] {
  const times = (pattern: RegExp, of: string) => of.split(pattern).length;
  return (Object.keys(FEATURES) as Feature[]).filter(
    (feature) => times(FEATURES[feature], text) > times(FEATURES[feature], scriptOf("1", "1")),
  );
}

/** Random scripts. */
export const script: fc.Arbitrary<string> = fc
  .tuple(expression, expression)
  .map(([first, second]) => scriptOf(first, second));
