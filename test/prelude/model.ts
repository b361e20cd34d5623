// A model of the sequence and collection functions in plain arrays and JavaScript maps: what a form must be written as.
import fc from "fast-check";
import type { Case } from "./table.ts";

/** A value of the model: nil, an integer, or a keyword's name with its colon. */
export type Atom = null | number | `:${string}`;

const show = (x: Atom): string => (x === null ? "nil" : String(x));
const list = (items: readonly string[]): string => `(${items.join(" ")})`;
const vector = (items: readonly string[]): string => `[${items.join(" ")}]`;
const lists = (parts: readonly (readonly Atom[])[]): string => list(parts.map((part) => list(part.map(show))));
const plain = (items: readonly Atom[]): string => list(items.map(show));
const map = (entries: readonly (readonly [string, string])[]): string =>
  `{${entries.map(([k, v]) => `${k} ${v}`).join(", ")}}`;

/** A sequence in the model and a form that makes it: each of the kinds of sequence there are. */
interface Sequence<T extends Atom> {
  readonly items: readonly T[];
  readonly form: string;
}

const KINDS: readonly ((text: string) => string)[] = [
  (text) => `[${text}]`,
  (text) => `'(${text})`,
  (text) => `(lazy-seq [${text}])`,
  (text) => `(map identity (lazy-seq '(${text})))`,
  (text) => `(concat [] (lazy-seq nil) [${text}])`,
  (text) => `(rest (cons 0 [${text}]))`,
  (text) => `(rest (list* :first [${text}]))`,
  (text) => `(take 100 (concat [${text}] (lazy-seq nil)))`,
  (text) => `(into [] [${text}])`,
  (text) => `(filterv any-value? [${text}])`,
];

/** What `MODEL_PROLOGUE` defines is used by the forms. */
export const MODEL_PROLOGUE = "(defn any-value? [_] true) (defn third [x] (mod x 3)) (defn square [x] (* x x))";

function sequence<T extends Atom>(atom: fc.Arbitrary<T>): fc.Arbitrary<Sequence<T>> {
  return fc
    .tuple(
      fc.oneof(fc.array(atom, { maxLength: 9 }), fc.array(atom, { maxLength: 70, size: "max" })),
      fc.nat(KINDS.length - 1),
    )
    .map(([items, kind]) => ({ items, form: KINDS[kind](items.map(show).join(" ")) }));
}

const integer = fc.integer({ min: -9, max: 9 });
const integers = sequence<number>(integer);
const atoms = sequence<Atom>(fc.oneof(integer, fc.constant(null), fc.constantFrom<Atom>(":a", ":b", ":c")));
const size = fc.integer({ min: -1, max: 12 });
const positive = fc.integer({ min: 1, max: 5 });

const mod3 = (x: number): number => ((x % 3) + 3) % 3;
const plus = (x: number): number => x + 0;
const f = fc.constantFrom<readonly [string, (x: number) => number]>(
  ["inc", (x) => x + 1],
  ["third", mod3],
  ["square", (x) => x * x],
  ["-", (x) => plus(-x)],
);
const pred = fc.constantFrom<readonly [string, (x: number) => boolean]>(
  ["odd?", (x) => x % 2 !== 0],
  ["pos?", (x) => x > 0],
  ["neg?", (x) => x < 0],
  ["any-value?", () => true],
  ["(complement any-value?)", () => false],
);

function takeWhile<T>(items: readonly T[], holds: (x: T) => boolean): T[] {
  const end = items.findIndex((x) => !holds(x));
  return end < 0 ? [...items] : items.slice(0, end);
}

function parts<T>(items: readonly T[], n: number, step: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += step) out.push(items.slice(i, i + n));
  return out;
}

function runs(items: readonly number[], key: (x: number) => number): number[][] {
  const out: number[][] = [];
  items.forEach((x, i) => {
    if (i > 0 && key(items[i - 1]) === key(x)) out[out.length - 1].push(x);
    else out.push([x]);
  });
  return out;
}

function grouped<T extends Atom, K>(items: readonly T[], key: (x: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const x of items) groups.set(key(x), [...(groups.get(key(x)) ?? []), x]);
  return groups;
}

const up = (a: number, b: number): number => a - b;
const first = (items: readonly Atom[]): string => (items.length === 0 ? "nil" : show(items[0]));
const orNil = (items: readonly Atom[]): string => (items.length === 0 ? "nil" : plain(items));

/** Forms over integers, with functions and predicates. */
const overIntegers: fc.Arbitrary<Case> = fc
  .tuple(integers, integers, f, pred, size, positive, positive)
  .chain(([xs, ys, [fn, apply], [p, holds], n, width, step]) => {
    const { items, form } = xs;
    const odd = (x: number): boolean => x % 2 !== 0;
    return fc.constantFrom<Case>(
      [`(map ${fn} ${form})`, plain(items.map(apply))],
      [`(mapv ${fn} ${form})`, vector(items.map((x) => show(apply(x))))],
      [`(map - ${form} ${ys.form})`, plain(items.slice(0, ys.items.length).map((x, i) => plus(x - ys.items[i])))],
      [`(filter ${p} ${form})`, plain(items.filter(holds))],
      [`(filterv ${p} ${form})`, vector(items.filter(holds).map(show))],
      [`(remove ${p} ${form})`, plain(items.filter((x) => !holds(x)))],
      [`(keep (fn [x] (if (${p} x) x nil)) ${form})`, plain(items.filter(holds))],
      [`(take-while ${p} ${form})`, plain(takeWhile(items, holds))],
      [`(drop-while ${p} ${form})`, plain(items.slice(takeWhile(items, holds).length))],
      [
        `(map vec (split-with ${p} ${form}))`,
        list(
          [takeWhile(items, holds), items.slice(takeWhile(items, holds).length)].map((part) => vector(part.map(show))),
        ),
      ],
      [`(partition-by ${fn} ${form})`, lists(runs(items, apply))],
      [`(sort ${form})`, plain([...items].sort(up))],
      [`(sort > ${form})`, plain([...items].sort((a, b) => b - a))],
      [`(sort-by ${fn} ${form})`, plain([...items].sort((a, b) => apply(a) - apply(b)))],
      [`(sort-by ${fn} > ${form})`, plain([...items].sort((a, b) => apply(b) - apply(a)))],
      [`(group-by ${fn} ${form})`, map([...grouped(items, apply)].map(([k, v]) => [String(k), vector(v.map(show))]))],
      [`(reduce (fn [a b] (- (third (* 2 a)) b)) 7 ${form})`, String(items.reduce((a, b) => mod3(2 * a) - b, 7))],
      [`(reductions + 0 ${form})`, plain([0, ...items].map((_, i) => items.slice(0, i).reduce((a, b) => a + b, 0)))],
      [
        `(reduce (fn [a x] (if (${p} x) (reduced [a]) (inc a))) 0 ${form})`,
        items.some(holds) ? `[${items.findIndex(holds)}]` : String(items.length),
      ],
      [`(some (fn [x] (if (${p} x) [x] nil)) ${form})`, items.some(holds) ? `[${items.find(holds)}]` : "nil"],
      [`(every? ${p} ${form})`, String(items.every(holds))],
      [`(mapcat (fn [x] [x (${fn} x)]) ${form})`, plain(items.flatMap((x) => [x, apply(x)]))],
      [`(map-indexed + ${form})`, plain(items.map((x, i) => plus(x + i)))],
      [`(keep-indexed (fn [i x] (if (odd? i) x nil)) ${form})`, plain(items.filter((_, i) => odd(i)))],
      [
        `(into [] (comp (map ${fn}) (filter ${p}) (take ${n})) ${form})`,
        vector(items.map(apply).filter(holds).slice(0, Math.max(0, n)).map(show)),
      ],
      [
        `(into [] (comp (drop ${n}) (remove ${p}) (map ${fn})) ${form})`,
        vector(
          items
            .slice(Math.max(0, n))
            .filter((x) => !holds(x))
            .map((x) => show(apply(x))),
        ),
      ],
      [
        `(into [] (comp (take-while ${p}) (mapcat (fn [x] [x x]))) ${form})`,
        vector(takeWhile(items, holds).flatMap((x) => [show(x), show(x)])),
      ],
      [
        `(for [x ${form} :when (${p} x) y ${ys.form} :while (< y x)] [x y])`,
        list(items.filter(holds).flatMap((x) => takeWhile(ys.items, (y) => y < x).map((y) => `[${x} ${y}]`))),
      ],
      [`(apply + ${form})`, String(items.reduce((a, b) => a + b, 0))],
      [
        `(range ${items[0] ?? 0} ${n} ${step})`,
        plain(
          Array.from({ length: Math.max(0, Math.ceil((n - (items[0] ?? 0)) / step)) }, (_, i) =>
            plus((items[0] ?? 0) + i * step),
          ),
        ),
      ],
      [`(= ${form} ${ys.form})`, String(plain(items) === plain(ys.items))],
      [`(compare (vec ${form}) (vec ${ys.form}))`, String(compared(items, ys.items))],
      [
        `(take ${width} (cycle ${form}))`,
        plain(items.length === 0 ? [] : Array.from({ length: width }, (_, i) => items[i % items.length])),
      ],
    );
  });

function compared(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Math.sign(a.length - b.length);
  const at = a.findIndex((x, i) => x !== b[i]);
  return at < 0 ? 0 : Math.sign(a[at] - b[at]);
}

/** Forms over any atoms: those that only move elements about. */
const overAtoms: fc.Arbitrary<Case> = fc
  .tuple(atoms, atoms, size, positive, positive)
  .chain(([xs, ys, n, width, step]) => {
    const { items, form } = xs;
    const count = Math.max(0, n);
    const whole = parts(items, width, step).filter((part) => part.length === width);
    const firstShort = parts(items, width, step).find((part) => part.length < width);
    const shorter = Math.min(items.length, ys.items.length);
    const kept = Math.max(0, items.length - count);
    return fc.constantFrom<Case>(
      [`(take ${n} ${form})`, plain(items.slice(0, count))],
      [`(drop ${n} ${form})`, plain(items.slice(count))],
      [`(take-last ${n} ${form})`, orNil(count === 0 ? [] : items.slice(-count))],
      [`(drop-last ${n} ${form})`, plain(items.slice(0, kept))],
      [`(take-nth ${step} ${form})`, plain(items.filter((_, i) => i % step === 0))],
      [`(nthnext ${form} ${n})`, orNil(items.slice(count))],
      [`(partition ${width} ${step} ${form})`, lists(whole)],
      [
        `(partition ${width} ${step} ${ys.form} ${form})`,
        lists(firstShort === undefined ? whole : [...whole, [...firstShort, ...ys.items].slice(0, width)]),
      ],
      [`(partition-all ${width} ${step} ${form})`, lists(parts(items, width, step))],
      [`(interleave ${form} ${ys.form})`, plain(items.slice(0, shorter).flatMap((x, i) => [x, ys.items[i]]))],
      [`(interpose :x ${form})`, plain(items.flatMap((x, i) => (i === 0 ? [x] : [":x" as const, x])))],
      [`(concat ${form} ${ys.form} ${form})`, plain([...items, ...ys.items, ...items])],
      [`(reverse ${form})`, plain([...items].reverse())],
      [`(distinct ${form})`, plain([...new Set(items)])],
      [`(dedupe ${form})`, plain(items.filter((x, i) => i === 0 || x !== items[i - 1]))],
      [`(frequencies ${form})`, map([...grouped(items, (x) => x)].map(([k, v]) => [show(k), String(v.length)]))],
      [`(into [] ${form})`, vector(items.map(show))],
      [`(into [:y] ${form})`, vector([":y", ...items.map(show)])],
      [`(into '(:y) ${form})`, list([...[...items].reverse().map(show), ":y"])],
      [`(set ${form})`, `#{${[...new Set(items)].map(show).join(" ")}}`],
      [
        `(zipmap ${form} ${ys.form})`,
        map([...new Map(items.slice(0, shorter).map((x, i) => [x, ys.items[i]]))].map(([k, v]) => [show(k), show(v)])),
      ],
      [`(nth ${form} ${n} :none)`, n >= 0 && n < items.length ? show(items[n]) : ":none"],
      [`(first ${form})`, first(items)],
      [`(last ${form})`, first([...items].reverse())],
      [`(rest ${form})`, plain(items.slice(1))],
      [`(next ${form})`, orNil(items.slice(1))],
      [`(butlast ${form})`, orNil(items.slice(0, -1))],
      [`(count ${form})`, String(items.length)],
      [`(cons :y ${form})`, list([":y", ...items.map(show)])],
      [
        `(flatten [(sequence ${form}) [(sequence ${ys.form}) :z]])`,
        list([...items, ...ys.items, ":z" as const].map(show)),
      ],
      [`(= (hash ${form}) (hash [${items.map(show).join(" ")}]))`, "true"],
      [
        `(map vec (split-at ${n} ${form}))`,
        list([items.slice(0, count), items.slice(count)].map((part) => vector(part.map(show)))),
      ],
    );
  });

/** A row of changes to one map or set, and what it comes to. */
const changes = fc.array(
  fc.tuple(
    fc.constantFrom("add", "add", "add", "take", "change", "many", "keep"),
    fc.nat(24),
    integer,
    fc.array(fc.nat(24), { maxLength: 8 }),
  ),
  { maxLength: 40, size: "max" },
);

const overMaps: fc.Arbitrary<Case> = changes.map((steps) => {
  const model = new Map<number, number>();
  const forms = steps.map(([what, k, v, others]) => {
    switch (what) {
      case "add":
        model.set(k, v);
        return `(assoc ${k} ${v})`;
      case "take":
        model.delete(k);
        return `(dissoc ${k})`;
      case "change":
        model.set(k, (model.get(k) ?? 100) + 1);
        return `(update ${k} (fnil inc 100))`;
      case "many":
        for (const other of others) model.set(other, v);
        return `(merge {${[...new Set(others)].map((other) => `${other} ${v}`).join(" ")}})`;
      default: {
        const entries = [...new Set([...others, k])].flatMap((key) =>
          model.has(key) ? [[key, model.get(key) as number] as const] : [],
        );
        model.clear();
        for (const [key, value] of entries) model.set(key, value);
        return `(select-keys [${[...others, k].join(" ")}])`;
      }
    }
  });
  const shown = map([...model].map(([k, v]) => [String(k), String(v)]));
  const turned = [...model].reverse().map(([k, v]) => `${k} ${v}`);
  return [
    `(let [m (-> {} ${forms.join(" ")})] [m (count m) (= m {${turned.join(" ")}}) (= (hash m) (hash {${turned.join(" ")}})) (get m 3 :none) (contains? m 4)])`,
    `[${shown} ${model.size} true true ${model.get(3) ?? ":none"} ${model.has(4)}]`,
  ];
});

const overSets: fc.Arbitrary<Case> = changes.map((steps) => {
  const model = new Set<number>();
  const forms = steps.map(([what, k, _, others]) => {
    const members = `#{${[...new Set(others)].join(" ")}}`;
    switch (what) {
      case "add":
        model.add(k);
        return `(conj ${k})`;
      case "take":
        model.delete(k);
        return `(disj ${k})`;
      case "many":
        for (const other of others) model.add(other);
        return `(union ${members})`;
      case "change":
        for (const other of others) model.delete(other);
        return `(difference ${members})`;
      default:
        for (const x of [...model]) if (x > 20 && !others.includes(x)) model.delete(x);
        return `(intersection (union (set (range 21)) ${members}))`;
    }
  });
  const turned = [...model].reverse().join(" ");
  return [
    `(let [s (-> #{} ${forms.join(" ")})] [s (= s #{${turned}}) (= (hash s) (hash #{${turned}})) (subset? s (set (range 25))) (s 7)])`,
    `[#{${[...model].join(" ")}} true true true ${model.has(7) ? 7 : "nil"}]`,
  ];
});

type Tree = Map<number, Tree | number>;

/** Changes deep inside nested maps. */
const overNested: fc.Arbitrary<Case> = fc
  .array(fc.tuple(fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }), integer, fc.boolean()), { maxLength: 12 })
  .map((steps) => {
    const model: Tree = new Map();
    const forms = steps.map(([path, v, change]) => {
      let at = model;
      for (const key of path.slice(0, -1)) {
        if (!at.has(key)) at.set(key, new Map());
        at = at.get(key) as Tree;
      }
      const last = path[path.length - 1];
      at.set(last, change ? ((at.get(last) as number | undefined) ?? 50) + v : v);
      return change ? `(update-in [${path.join(" ")}] (fnil + 50) ${v})` : `(assoc-in [${path.join(" ")}] ${v})`;
    });
    const leaf = ((model.get(1) as Tree | undefined)?.get(1) as Tree | undefined)?.get(1);
    return [
      `(let [m (-> {} ${forms.join(" ")})] [m (get-in m [1 1 1]) (get-in m [1 1 1] :none) (get-in m [])])`,
      `[${showTree(model)} ${leaf ?? "nil"} ${leaf ?? ":none"} ${showTree(model)}]`,
    ];
  });

function showTree(tree: Tree): string {
  return map([...tree].map(([k, v]) => [String(k), v instanceof Map ? showTree(v) : String(v)]));
}

/** A form of any kind with what it must be written as. */
export const anyCase: fc.Arbitrary<Case> = fc.oneof(
  { arbitrary: overIntegers, weight: 5 },
  { arbitrary: overAtoms, weight: 5 },
  { arbitrary: overMaps, weight: 1 },
  { arbitrary: overSets, weight: 1 },
  { arbitrary: overNested, weight: 1 },
);
