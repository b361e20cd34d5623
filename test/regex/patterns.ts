// Random patterns as trees, and how each is written: for Clojure's dialect, for Python's, and, where they agree, for the host's own regexes.
import fc from "fast-check";

export type Tree =
  | { readonly kind: "text"; readonly text: string }
  /** One character of a class, given as what stands between its brackets. */
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly items: readonly string[];
      readonly and: string | null;
    }
  | { readonly kind: "any" }
  /** `d`, `w`, `s` and their capitals. */
  | { readonly kind: "escape"; readonly letter: string }
  | { readonly kind: "place"; readonly text: string }
  | { readonly kind: "group"; readonly body: Tree; readonly named: boolean }
  | { readonly kind: "plain"; readonly body: Tree }
  | { readonly kind: "atomic"; readonly body: Tree }
  | { readonly kind: "ahead"; readonly negative: boolean; readonly body: Tree }
  | { readonly kind: "behind"; readonly negative: boolean; readonly text: string }
  /** The group `which` places back among those there are. */
  | { readonly kind: "back"; readonly which: number; readonly byName: boolean }
  | { readonly kind: "repeat"; readonly body: Tree; readonly times: string; readonly mode: "" | "?" | "+" }
  | { readonly kind: "flags"; readonly flags: string; readonly body: Tree }
  | { readonly kind: "sequence"; readonly items: readonly Tree[] }
  | { readonly kind: "choice"; readonly options: readonly Tree[] };

const CHARACTERS = [
  "a",
  "b",
  "c",
  "A",
  "B",
  "1",
  "2",
  " ",
  "_",
  "\n",
  "\u00e9",
  "\u00c9",
  "\u03bb",
  "\u{1f600}",
  "k",
  "\u212a",
];
const CLASS_ITEMS = [
  "a",
  "b",
  "A",
  "1",
  "_",
  "\u00e9",
  "\u{1f600}",
  "k",
  "a-c",
  "b-k",
  "A-C",
  "0-9",
  "a-z",
  "\u00e0-\u00fc",
  "\\d",
  "\\n",
  "\\x41",
];

/** Lookbehinds of one length, as Python wants them. */
const BEHIND = ["a", "ab", "[ab]c", "a|b", "\\d", "^a", "\\b"];
const TIMES = ["*", "+", "?", "{2}", "{1,2}", "{0,2}", "{1,}", "{0}", "{3}"];

const often = <T>(...values: readonly T[]) => fc.constantFrom(...values);

const isSingle = ({ kind }: Tree) => kind === "text" || kind === "class" || kind === "any" || kind === "escape";

const { tree } = fc.letrec<{ tree: Tree; atom: Tree; choice: Tree }>((tie) => {
  const items = fc.array(tie("atom"), { maxLength: 4 });
  const sequence = items.map((list): Tree => ({ kind: "sequence", items: list }));
  const choice = fc.oneof(
    { weight: 3, arbitrary: sequence },
    {
      weight: 1,
      arbitrary: fc
        .array(sequence, { minLength: 2, maxLength: 3 })
        .map((options): Tree => ({ kind: "choice", options })),
    },
  );
  const within = <T extends object>(shape: T) => tie("choice").map((body) => ({ ...shape, body }) as unknown as Tree);
  const leaf: fc.Arbitrary<Tree> = fc.oneof(
    { weight: 6, arbitrary: often("a", "b", "a", "b", ...CHARACTERS).map((text): Tree => ({ kind: "text", text })) },
    { weight: 2, arbitrary: fc.constant<Tree>({ kind: "any" }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("class" as const),
        negated: fc.boolean(),
        items: fc.array(often(...CLASS_ITEMS), { minLength: 1, maxLength: 3 }),
        and: fc.oneof(
          { weight: 4, arbitrary: fc.constant(null) },
          { weight: 1, arbitrary: often("a-z", "[^a]", "\\w") },
        ),
      }),
    },
    { weight: 1, arbitrary: often(..."dwsDWS").map((letter): Tree => ({ kind: "escape", letter })) },
    { weight: 1, arbitrary: often("^", "\\b", "\\B", "\\A").map((text): Tree => ({ kind: "place", text })) },
    { weight: 1, arbitrary: often("$", "\\z").map((text): Tree => ({ kind: "place", text })) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("back" as const),
        which: fc.nat({ max: 3 }),
        byName: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("behind" as const), negative: fc.boolean(), text: often(...BEHIND) }),
    },
  );
  const nested: fc.Arbitrary<Tree> = fc.oneof(
    { weight: 3, arbitrary: within({ kind: "group", named: false }) },
    { weight: 1, arbitrary: within({ kind: "group", named: true }) },
    { weight: 2, arbitrary: within({ kind: "plain" }) },
    { weight: 1, arbitrary: within({ kind: "atomic" }) },
    { weight: 1, arbitrary: within({ kind: "ahead", negative: false }) },
    { weight: 1, arbitrary: within({ kind: "ahead", negative: true }) },
    { weight: 1, arbitrary: often("i", "s", "m", "-i", "i-s").chain((flags) => within({ kind: "flags", flags })) },
  );
  const single = fc.oneof(
    { maxDepth: 3, depthIdentifier: "tree" },
    { weight: 2, arbitrary: leaf },
    { weight: 3, arbitrary: nested },
  );
  const repeated = fc
    .tuple(
      fc.oneof({ weight: 1, arbitrary: leaf.filter(isSingle) }, { weight: 2, arbitrary: nested }),
      often(...TIMES),
      often<"" | "?" | "+">("", "", "?", "+"),
    )
    .map(([body, times, mode]): Tree => ({ kind: "repeat", body, times, mode }));
  const atom = fc.oneof(
    { maxDepth: 3, depthIdentifier: "tree" },
    { weight: 3, arbitrary: single },
    { weight: 2, arbitrary: repeated },
  );
  return { atom, choice, tree: choice };
});

/** Patterns. */
export const trees: fc.Arbitrary<Tree> = tree;

/** Texts to be searched. */
export const subjects: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(often("a", "b", "a", "b", "c", "A", "1", " "), { maxLength: 12 })
      .map((chars) => chars.join("")),
  },
  { weight: 1, arbitrary: fc.array(often(...CHARACTERS), { maxLength: 10 }).map((chars) => chars.join("")) },
);

export type Dialect = "clojure" | "python" | "host";

/** A pattern as it is written. */
export interface Written {
  readonly source: string;
  /**
   * The groups that can be compared. The host forgets what a group took in an earlier round of a loop; Java keeps what one took in a
   * negative lookahead or a possessive loop that was left again, and does not tell what one took in a loop whose rounds may take nothing.
   */
  readonly comparable: readonly number[];
}

/** True if a tree may match without taking anything. */
function mayBeEmpty(node: Tree): boolean {
  switch (node.kind) {
    case "text":
    case "class":
    case "any":
    case "escape":
      return false;
    case "place":
    case "ahead":
    case "behind":
    case "back":
      return true;
    case "repeat":
      return !/^(?:\+|\{[1-9])/.test(node.times) || mayBeEmpty(node.body);
    case "sequence":
      return node.items.every(mayBeEmpty);
    case "choice":
      return node.options.some(mayBeEmpty);
    default:
      return mayBeEmpty(node.body);
  }
}

/** Writes a tree. For the host and its twin (`common`) what the two do differently is left out or written around. */
export function write(root: Tree, dialect: Dialect, common = false): Written {
  const writer = new Writer(dialect, common || dialect === "host");
  const source = writer.write(root);
  return { source, comparable: [0, ...writer.comparable] };
}

class Writer {
  readonly comparable: number[] = [];
  private count = 0;
  private readonly names = new Map<number, string>();
  private readonly open = new Set<number>();
  /** Groups that have taken part wherever we are, in the common part of the dialects. */
  private sure: number[] = [];
  private loops = 0;

  constructor(
    private readonly dialect: Dialect,
    private readonly common: boolean,
  ) {}

  write(node: Tree): string {
    switch (node.kind) {
      case "text":
        return node.text;
      case "class":
        return this.class(node.items, node.negated, node.and);
      case "any":
        return ".";
      case "escape":
        return this.common && /[sS]/.test(node.letter) ? "\\d" : `\\${node.letter}`;
      case "place":
        return this.place(node.text);
      case "group":
        return this.group(node.body, node.named);
      case "plain":
        return `(?:${this.write(node.body)})`;
      case "atomic":
        // The host has none.
        return this.common ? `(?:${this.write(node.body)})` : `(?>${this.write(node.body)})`;
      case "ahead":
        return this.unsure(() => `(?${node.negative ? "!" : "="}${this.write(node.body)})`, node.negative);
      case "behind":
        return `(?<${node.negative ? "!" : "="}${node.text})`;
      case "back":
        return this.back(node.which, node.byName);
      case "repeat":
        return this.repeat(node.body, node.times, node.mode);
      case "flags":
        return this.common ? `(?:${this.write(node.body)})` : `(?${node.flags}:${this.write(node.body)})`;
      case "sequence":
        return node.items.map((item) => this.write(item)).join("");
      case "choice":
        return node.options.map((option) => this.unsure(() => this.write(option))).join("|");
    }
  }

  private class(items: readonly string[], negated: boolean, and: string | null): string {
    const clojure = this.dialect === "clojure" && !this.common;
    const body = items.map((item) => (item === "\u00e0-\u00fc" && this.common ? "\u00e9" : item)).join("");
    return `[${negated ? "^" : ""}${body}${and === null || !clojure ? "" : `&&${and}`}]`;
  }

  private place(text: string): string {
    if (text === "\\A") return this.dialect === "host" ? "(?<![\\s\\S])" : "\\A";
    if (text === "\\z" || (text === "$" && this.common)) {
      return { host: "(?![\\s\\S])", python: "\\Z", clojure: "\\z" }[this.dialect];
    }
    return text;
  }

  private group(body: Tree, named: boolean): string {
    const index = ++this.count;
    const name = `n${index}`;
    if (named) this.names.set(index, name);
    this.open.add(index);
    const inside = this.write(body);
    this.open.delete(index);
    this.sure.push(index);
    if (this.loops === 0) this.comparable.push(index);
    return `(${named ? (this.dialect === "python" ? `?P<${name}>` : `?<${name}>`) : ""}${inside})`;
  }

  /** What `write` writes may not take part: groups in it are not sure behind it. */
  private unsure(write: () => string, hidden = false): string {
    const [sure, comparable] = [[...this.sure], this.comparable.length];
    const text = write();
    this.sure = sure;
    // What a group took inside a negative lookahead is gone behind it, except in Java.
    if (hidden) this.comparable.length = comparable;
    return text;
  }

  private back(which: number, byName: boolean): string {
    const known = this.common ? this.sure : this.comparable.filter((i) => !this.open.has(i));
    if (known.length === 0) return "b";
    const index = known[known.length - 1 - (which % known.length)];
    const name = byName ? this.names.get(index) : undefined;
    // Behind it a digit would be part of the number.
    if (name === undefined) return `(?:\\${index})`;
    return this.dialect === "python" ? `(?P=${name})` : `\\k<${name}>`;
  }

  private repeat(body: Tree, times: string, mode: string): string {
    const hides = this.common || mayBeEmpty(body) || mode === "+" ? 1 : 0;
    this.loops += hides;
    const once = this.unsure(() => this.write(body));
    this.loops -= hides;
    if (!this.common) return `${once}${times}${mode}`;
    // A round that takes nothing is another matter for the host: none does, if each takes an a first.
    return `(?:a${once})${times}${mode === "+" ? "" : mode}`;
  }
}
