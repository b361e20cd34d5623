// What waits on the reader's stack: a collection for its closing bracket, a prefix for the one form behind it.
import { Sym, type Value } from "../data/value.ts";
import { type Token, tokenEnd } from "./tokens.ts";

/** What opens a form that ends with a closing bracket. */
export type Opener = "(" | "[" | "{" | "#{" | "#(";
export type FrameKind = Opener | "prefix" | "meta" | "discard" | "tag";

const CLOSERS: Readonly<Record<Opener, string>> = { "(": ")", "[": "]", "{": "}", "#{": "}", "#(": ")" };

/** The bracket that closes an opening one. */
export function closer(open: Token): string {
  return CLOSERS[open.image as Opener];
}

const PREFIXES: Readonly<Record<string, string>> = {
  "'": "quote",
  "`": "flow.core/syntax-quote",
  "~": "flow.core/unquote",
  "~@": "flow.core/unquote-splicing",
  "@": "flow.core/deref",
  "#'": "var",
};

/** The symbol that heads the list a prefix stands for, such as `quote`. */
export function prefixHead(prefix: Token): Sym {
  return Sym.parse(PREFIXES[prefix.image]);
}

/** The forms read so far of a form that is not complete. */
export class Frame {
  readonly items: Value[] = [];
  /** From and to of each item. */
  readonly places: number[] = [];
  /** The bracket that ends a collection; null in a prefix. */
  readonly closer: string | null;

  constructor(
    readonly kind: FrameKind,
    readonly token: Token,
    /** The symbol a prefix stands for, or the tag. */
    readonly head: Sym | null = null,
    /** Where the whole form begins: before the token in `#:ns{`. */
    readonly from: number = token.startOffset,
    /** The namespace for the keys of `#:ns{`. */
    readonly ns: string | null = null,
  ) {
    this.closer = CLOSERS[kind as Opener] ?? null;
  }

  /** Does the next form go into it? Else it completes the frame. */
  get takesMore(): boolean {
    return this.closer !== null || (this.kind === "meta" && this.items.length === 0);
  }

  /** The place of its token. */
  get tokenPlace(): [from: number, to: number] {
    return [this.token.startOffset, tokenEnd(this.token)];
  }
}
