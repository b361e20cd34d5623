// The names that mean something to the compiler itself.

/** Special forms that nothing can shadow. */
export const HARD_FORMS: ReadonlySet<string> = new Set([
  "def",
  "defmacro",
  "fn",
  "let",
  "letfn",
  "if",
  "do",
  "quote",
  "loop",
  "recur",
  "try",
  "throw",
  "var",
  "binding",
  "set!",
  "ns",
]);

/** Special forms that live in flow.core like any other name: locals and definitions of one's own come first. */
export const SOFT_FORMS: ReadonlySet<string> = new Set([
  "block",
  "exit",
  "perform",
  "handle",
  "prompt*",
  "locals",
  "set-local!",
  "with-scope*",
]);

/** Names that mean something inside special forms and are never globals: syntax-quote leaves them alone. */
export const PLAIN_NAMES: ReadonlySet<string> = new Set(["&", "&form", "&env", "catch", "finally"]);
