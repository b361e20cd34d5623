// The flags of a pattern, and the dialect it is written in.
import type { Fold, Lines } from "./syntax.ts";

/** Java's, which Clojure has, or that of Python's module `re`. */
export type Dialect = "clojure" | "python";

/** What the letters of flags switch on. */
export interface Flags {
  /** i: letters of either case. */
  readonly ignoreCase: boolean;
  /** m: ^ and $ at each line. */
  readonly multiline: boolean;
  /** s: the dot takes ends of lines too. */
  readonly dotAll: boolean;
  /** x: white space and comments in the pattern. */
  readonly extended: boolean;
  /** u: i goes for all letters, not just a to z. */
  readonly unicodeCase: boolean;
  /** U, in Python the absence of a: \d \w \s \b and POSIX classes go by Unicode. */
  readonly unicodeClasses: boolean;
  /** d: only \n ends a line. */
  readonly unixLines: boolean;
}

type Name = keyof Flags;

const NONE: Flags = {
  ignoreCase: false,
  multiline: false,
  dotAll: false,
  extended: false,
  unicodeCase: false,
  unicodeClasses: false,
  unixLines: false,
};

const CLOJURE: Readonly<Record<string, Name>> = {
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  x: "extended",
  u: "unicodeCase",
  U: "unicodeClasses",
  d: "unixLines",
};

const PYTHON: Readonly<Record<string, Name>> = {
  i: "ignoreCase",
  m: "multiline",
  s: "dotAll",
  x: "extended",
  u: "unicodeClasses",
};

/** The letters of a dialect's flags, as they are shown in messages. */
export function flagLetters(dialect: Dialect): string {
  return dialect === "python" ? "a i m s u x" : "d i m s u x U";
}

/** The flags before any is set. */
export function noFlags(dialect: Dialect): Flags {
  return dialect === "python" ? { ...NONE, unicodeCase: true, unicodeClasses: true } : NONE;
}

/** The flags with a letter switched on or off; null if the dialect does not have it. */
export function withFlag(flags: Flags, letter: string, on: boolean, dialect: Dialect): Flags | null {
  if (dialect === "python") {
    if (letter === "a") return { ...flags, unicodeClasses: !on, unicodeCase: !on };
    const name = PYTHON[letter];
    if (name === undefined) return null;
    return { ...flags, [name]: on, ...(letter === "u" ? { unicodeCase: on } : {}) };
  }
  const name = CLOJURE[letter];
  if (name === undefined) return null;
  // U brings u with it, in either direction, as in Java.
  return { ...flags, [name]: on, ...(letter === "U" ? { unicodeCase: on } : {}) };
}

export function linesOf(flags: Flags, dialect: Dialect): Lines {
  if (dialect === "python") return "python";
  return flags.unixLines ? "unix" : "all";
}

export function foldOf(flags: Flags): Fold {
  if (!flags.ignoreCase) return "none";
  return flags.unicodeCase ? "unicode" : "ascii";
}

const PREFIX = /^\(\?([dimsuxU]+|p[aimsux]*)\)/;

/**
 * A pattern as it is written, split into source and flags: `(?i)abc` is `abc` with the flag i. The letter p, which must come
 * first, says that what follows is in Python's dialect.
 */
export function splitFlags(text: string): { readonly source: string; readonly flags: string } {
  const prefix = PREFIX.exec(text);
  return prefix === null ? { source: text, flags: "" } : { source: text.slice(prefix[0].length), flags: prefix[1] };
}
