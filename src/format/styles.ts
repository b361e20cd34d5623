// How the arguments of known forms are indented. The rules and their names are cljfmt's: `inner` and `block`.

/**
 * `inner`: every line of the form is indented by two. `block n`: the same from argument n on, if that argument begins a line;
 * otherwise the form is indented like a call.
 */
export type Style = { readonly kind: "inner" } | { readonly kind: "block"; readonly from: number };

const INNER: Style = { kind: "inner" };

const inner = [
  "bound-fn",
  "def",
  "defmacro",
  "defmethod",
  "defmulti",
  "defn",
  "defn-",
  "defonce",
  "fn",
  "reify",
  "restart",
];
const blocks: readonly (readonly [from: number, names: readonly string[]])[] = [
  [
    0,
    [
      "call-with-continuation",
      "comment",
      "cond",
      "delay",
      "do",
      "finally",
      "lazy-seq",
      "scope",
      "time",
      "try",
      "with-out-str",
      "with-restarts",
    ],
  ],
  [
    1,
    [
      "binding",
      "block",
      "case",
      "cond->",
      "cond->>",
      "control",
      "defforeign",
      "defprotocol",
      "doseq",
      "dotimes",
      "doto",
      "extend",
      "extend-protocol",
      "extend-type",
      "for",
      "handle",
      "handler-bind",
      "if",
      "if-let",
      "if-not",
      "if-some",
      "let",
      "letfn",
      "loop",
      "ns",
      "prompt",
      "testing",
      "when",
      "when-first",
      "when-let",
      "when-not",
      "when-some",
      "while",
    ],
  ],
  [2, ["as->", "catch", "condp", "defrecord", "deftype"]],
];

const STYLES: ReadonlyMap<string, Style> = new Map<string, Style>([
  ...inner.map((name) => [name, INNER] as const),
  ...blocks.flatMap(([from, names]) => names.map((name) => [name, { kind: "block", from }] as const)),
]);

/** Forms whose directly nested lists are functions of theirs: `(area [this] ...)`. */
const HOLDS_METHODS: ReadonlySet<string> = new Set(["defrecord", "deftype", "extend-protocol", "extend-type", "reify"]);

/** The style of a form by the name of its head; null: a call. Names of one's own count by how they begin. */
export function styleOf(head: string): Style | null {
  const name = head.slice(head.lastIndexOf("/", head.length - 2) + 1);
  const known = STYLES.get(name);
  if (known !== undefined) return known;
  if (/^def(?!ault)./.test(name)) return INNER;
  return name.startsWith("with-") && name !== "with-meta" ? { kind: "block", from: 1 } : null;
}

/** Whether a list inside a form with these heads, from the outside in (null: a vector), is a function's. */
export function isMethod(outer: readonly (string | null)[]): boolean {
  const parent = outer.at(-1);
  if (parent === null) return outer.at(-2) === "letfn";
  return parent !== undefined && HOLDS_METHODS.has(parent);
}
