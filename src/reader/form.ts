// One top-level form from tokens: lists are built with a stack of our own, so nesting is bounded by memory alone.
//
// The reader goes on after a problem (a bad token becomes nil, a stray bracket is passed over), so that one run reports
// several; whoever calls it does not hand out a form with problems. Discarded forms (`#_`) are read like any other.
import { List } from "../data/list.ts";
import { type Obj, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import type { Spans } from "../source/spans.ts";
import { ShortFunction } from "./anonymous.ts";
import { type Naming, readKeyword, readSymbol, readSymbolic, resolveNamespace } from "./atoms.ts";
import { nextTopLevel } from "./brackets.ts";
import { Duplicate, mapOf, qualifyKey, setOf } from "./collections.ts";
import { readCharacter, readRegex, readString } from "./escapes.ts";
import { Frame, type Opener, prefixHead } from "./frame.ts";
import { metadataOf, withMetadata } from "./metadata.ts";
import { readNumber } from "./numbers.ts";
import { Problem } from "./problem.ts";
import type { Report } from "./report.ts";
import { readTagged, type TagReaders, tagOf } from "./tags.ts";
import { nameOf, type Token, tokenEnd } from "./tokens.ts";

/** What reading depends on besides the text. */
export interface ReadOptions extends Naming {
  /** Readers of tagged literals besides `#inst`, `#uuid` and their like, or in their place, by tag. */
  readonly tags?: TagReaders | undefined;
  /** Refuse what edn does not have: quotes, short functions, regexes. */
  readonly edn?: boolean | undefined;
}

/** A form that was read, and where it stands. */
interface PlacedForm {
  readonly form: Value;
  readonly from: number;
  readonly to: number;
  /** From and to of each of its items; absent in atoms and tagged literals. */
  readonly items?: number[] | undefined;
}

/** A form of the top level with all that stands in front of it, metadata for example. */
export interface TopForm {
  readonly form: Value;
  readonly from: number;
  readonly to: number;
  /** No problem was found in it. */
  readonly sound: boolean;
}

/** Is it a token of code, which edn does not have? */
function isCode(token: Token): boolean {
  const name = nameOf(token);
  return name === "Prefix" || name === "Regex" || (name === "Open" && token.image === "#(");
}

/** Of a form that does not end so many tokens say what it was to be: `(defrecord Name`. */
const BEGUN_MAX = 3;

/** Reads the forms of a text, one at a time, from its tokens. */
export class FormReader {
  /** The index of the next token. */
  index = 0;
  /** The index of the first token of the current top-level form. */
  private start = 0;
  /** How many problems there were before it. */
  private countBefore = 0;
  private readonly stack: Frame[] = [];
  private result: PlacedForm | null = null;
  private short: { readonly frame: Frame; readonly function: ShortFunction } | null = null;
  private shortCount = 0;
  /** A bracket or string problem in this top-level form was reported: its end is a consequence. */
  private broken = false;

  constructor(
    private readonly text: string,
    private readonly tokens: readonly Token[],
    private readonly spans: Spans,
    private readonly report: Report,
    private readonly options: ReadOptions,
  ) {}

  /**
   * Reads the next top-level form. Null at the end of the text, when too many problems were reported, or when a form
   * does not end: then `index` is where reading can go on.
   */
  next(): TopForm | null {
    this.result = null;
    while (this.index < this.tokens.length && !this.report.full) {
      if (this.stack.length === 0) this.begin();
      this.take(this.tokens[this.index++]);
      const read = this.result as PlacedForm | null;
      if (read !== null) return this.topForm(read);
    }
    if (this.stack.length > 0) this.endInside();
    return null;
  }

  /** Of a form that did not end the beginning, as far as it is a list of symbols; null if there is none. */
  begun(): List | null {
    const tokens = this.tokens.slice(this.start, this.start + BEGUN_MAX);
    if (tokens.length === 0 || tokens[0].image !== "(") return null;
    const names: Sym[] = [];
    for (const token of tokens.slice(1)) {
      const symbol = nameOf(token) === "Symbol" ? readSymbol(token.image) : null;
      if (!(symbol instanceof Sym)) break;
      names.push(symbol);
    }
    return List.from(names);
  }

  private topForm({ form, to }: PlacedForm): TopForm {
    const from = this.tokens[this.start].startOffset;
    return { form, from, to, sound: this.report.count === this.countBefore };
  }

  private begin(): void {
    this.start = this.index;
    this.countBefore = this.report.count;
    this.shortCount = 0;
    this.broken = false;
  }

  private take(token: Token): void {
    const name = nameOf(token);
    if (this.options.edn === true && isCode(token)) this.report.notEdn(token);
    if (name === "Open") this.open(token, token.startOffset, null);
    else if (name === "Close") this.close(token);
    else if (name === "Prefix") this.push(new Frame("prefix", token, prefixHead(token)));
    else if (name === "Meta") this.push(new Frame("meta", token));
    else if (name === "Discard") this.push(new Frame("discard", token));
    else if (name === "Tag") this.tag(token);
    else if (name === "MapPrefix") this.prefixedMap(token);
    else if (name === "Shebang" || name === "Refused" || name === "Stray" || name === "UnclosedString")
      this.refuse(token);
    else this.atom(token);
  }

  private refuse(token: Token): void {
    const name = nameOf(token);
    if (name === "Stray") {
      this.report.stray(token);
    } else if (name === "UnclosedString") {
      this.broken = true;
      this.report.unclosedString(token, this.start);
    } else if (name === "Refused" || !this.isFirstLine(token)) {
      this.report.refused(token);
    }
  }

  /** `#!` may begin the first line, behind a byte order mark at most. */
  private isFirstLine(token: Token): boolean {
    return token.startOffset === 0 || (token.startOffset === 1 && this.text[0] === "\ufeff");
  }

  private push(frame: Frame): void {
    this.stack.push(frame);
  }

  private open(token: Token, from: number, ns: string | null): void {
    const frame = new Frame(token.image as Opener, token, null, from, ns);
    if (frame.kind === "#(") {
      if (this.short !== null) this.report.nestedFunction(token, this.short.frame.token);
      else this.short = { frame, function: new ShortFunction(++this.shortCount) };
    }
    this.push(frame);
  }

  private tag(token: Token): void {
    const tag = tagOf(token.image);
    if (tag instanceof Problem) this.report.problem(tag, token);
    else this.push(new Frame("tag", token, tag));
  }

  /** `#:ns{`, `#::{` and `#::alias{`. */
  private prefixedMap(token: Token): void {
    const next = this.tokens[this.index];
    if (next === undefined || next.image !== "{") {
      this.report.prefixWithoutMap(token);
      return;
    }
    this.index++;
    const ns = this.mapNamespace(token.image);
    if (ns instanceof Problem) this.report.problem(ns, token);
    this.open(next, token.startOffset, ns instanceof Problem ? null : ns);
  }

  private mapNamespace(image: string): string | Problem {
    if (image.startsWith("#::")) {
      const alias = image.slice(3);
      if (alias !== "") return resolveNamespace(alias, this.options);
      return (
        this.options.ns ?? new Problem("read/namespace", "#::{ } needs a current namespace, and there is none here")
      );
    }
    const name = readKeyword(image.slice(1), this.options);
    if (name instanceof Problem) return name.shifted(1);
    const ns = image.slice(2);
    return ns.includes("/") ? new Problem("read/namespace", `${ns} is not the name of a namespace`) : ns;
  }

  private atom(token: Token): void {
    const value = this.atomValue(token);
    if (value instanceof Problem) this.report.problem(value, token);
    const known = value instanceof Problem ? null : value;
    if (known instanceof Sym) this.spans.set(known, token.startOffset, tokenEnd(token));
    this.deliver({ form: known, from: token.startOffset, to: tokenEnd(token) });
  }

  private atomValue(token: Token): Value | Problem {
    const { image } = token;
    switch (nameOf(token)) {
      case "Symbol":
        return this.short?.function.parameter(image) ?? readSymbol(image);
      case "Keyword":
        return readKeyword(image, this.options);
      case "Number":
        // Names of constants are written +so+, and `+1+` is one of them; `+1e` has always been a name too.
        return /^\+(?:.+\+|\d+e)$/.test(image) ? readSymbol(image) : readNumber(image);
      case "String":
        return readString(image);
      case "Regex":
        return readRegex(image);
      case "Character":
        return readCharacter(image);
      case "Symbolic":
        return readSymbolic(image);
      default:
        throw new Error(`the reader does not know the token ${nameOf(token)}`);
    }
  }

  /** Hands a form to whatever waits for it. */
  private deliver(form: PlacedForm): void {
    let placed = form;
    for (;;) {
      const frame = this.stack.at(-1);
      if (frame === undefined) {
        this.result = placed;
        return;
      }
      if (frame.takesMore) {
        frame.items.push(placed.form);
        frame.places.push(placed.from, placed.to);
        return;
      }
      this.stack.pop();
      if (frame.kind === "discard") return;
      placed = this.completed(frame, placed);
    }
  }

  /** The form that a prefix makes of the form behind it. */
  private completed(frame: Frame, placed: PlacedForm): PlacedForm {
    if (frame.kind === "meta") return this.decorated(frame, placed);
    const { form, from, to } = placed;
    const [start, end] = frame.tokenPlace;
    if (frame.kind === "tag") return { form: this.tagged(frame, form), from: start, to };
    this.spans.set(frame.head!, start, end);
    return this.placed(List.of(frame.head, form), start, to, [start, end, from, to]);
  }

  private tagged(frame: Frame, form: Value): Value {
    const value = readTagged(frame.head!, form, this.options.tags);
    if (!(value instanceof Problem)) return value;
    this.report.problem(value, frame.token);
    return null;
  }

  private decorated(frame: Frame, placed: PlacedForm): PlacedForm {
    const { form, from, to, items } = placed;
    const meta = metadataOf(frame.items[0]);
    const result = meta instanceof Problem ? meta : withMetadata(form, meta);
    if (result instanceof Problem) {
      this.report.at(result, meta instanceof Problem ? frame.places : [frame.token.startOffset, to]);
      return placed;
    }
    if (items === undefined) this.spans.set(result, from, to);
    return items === undefined ? { form: result, from, to } : this.placed(result, from, to, items);
  }

  private close(token: Token): void {
    this.dropPrefixes(token);
    const frame = this.stack.at(-1);
    if (frame === undefined || frame.closer !== token.image) {
      this.broken = true;
      if (!this.recover(token)) return;
    }
    this.finish(this.stack.pop()!, tokenEnd(token));
  }

  /** A closing bracket that does not fit: closes what is open down to the bracket it fits, or passes over it. */
  private recover(token: Token): boolean {
    const fits = this.stack.findLastIndex((frame) => frame.closer === token.image);
    const innermost = this.innermost();
    if (fits < 0) {
      this.report.unexpectedClose(token, innermost?.token ?? null);
      return false;
    }
    this.report.mismatched(token, innermost!.token, this.start, this.index - 1);
    while (this.stack.length > fits + 1) this.drop();
    return true;
  }

  /** The innermost collection that is open. */
  private innermost(): Frame | undefined {
    return this.stack.findLast((frame) => frame.closer !== null);
  }

  private drop(): void {
    const frame = this.stack.pop();
    if (this.short?.frame === frame) this.short = null;
  }

  /** Prefixes in front of a closing bracket or the end of the text have no form to apply to. */
  private dropPrefixes(before: Token | null): void {
    let outermost: Frame | null = null;
    for (let top = this.stack.at(-1); top?.closer === null; top = this.stack.at(-1)) {
      outermost = top;
      this.stack.pop();
    }
    if (outermost !== null) this.report.nothingFollows(outermost.token, before);
  }

  private finish(frame: Frame, to: number): void {
    const isShort = frame === this.short?.frame;
    this.deliver(
      isShort ? this.shortFunction(frame, to) : this.placed(this.collection(frame, to), frame.from, to, frame.places),
    );
  }

  private collection(frame: Frame, to: number): Obj | null {
    const { items, kind } = frame;
    if (kind === "[") return Vector.from(items);
    if (kind === "{") return this.map(frame, to);
    if (kind === "#{") return this.unique(frame, setOf(items));
    return List.from(items);
  }

  private map(frame: Frame, to: number): Obj | null {
    const { items, places } = frame;
    if (items.length % 2 === 1) {
      this.report.oddMap([frame.from, to], items.length, places.slice(-2));
      return null;
    }
    if (frame.ns !== null) this.qualifyKeys(frame, frame.ns);
    return this.unique(frame, mapOf(items));
  }

  private qualifyKeys({ items, places }: Frame, ns: string): void {
    for (let i = 0; i < items.length; i += 2) {
      const key = qualifyKey(items[i], ns);
      if (key instanceof Sym) this.spans.set(key, places[2 * i], places[2 * i + 1]);
      items[i] = key;
    }
  }

  private unique({ places }: Frame, value: Obj | Duplicate): Obj | null {
    if (!(value instanceof Duplicate)) return value;
    const { first, second } = value;
    this.report.duplicate(places.slice(2 * second, 2 * second + 2), places.slice(2 * first, 2 * first + 2));
    return null;
  }

  private shortFunction(frame: Frame, to: number): PlacedForm {
    const { from } = frame;
    const body = List.from(frame.items);
    const { head, parameters } = this.short!.function.signature();
    this.short = null;
    // What nobody wrote stands where the whole function stands.
    const whole = (count: number): number[] => Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? from : to));
    for (const symbol of [head, ...parameters]) this.spans.set(symbol, from, to);
    const vector = Vector.from(parameters);
    this.placed(vector, from, to, whole(vector.count));
    this.placed(body, from, to, frame.places);
    return this.placed(List.of(head, vector, body), from, to, whole(3));
  }

  /** Notes where a collection and its items stand. Empty collections are shared objects: only their parents know their place. */
  private placed(form: Obj | null, from: number, to: number, items: number[]): PlacedForm {
    if (items.length > 0 && form !== null) this.spans.setItems(form, from, to, items);
    return { form, from, to, items };
  }

  /** The text ended inside the form that starts at tokens[start], or there are too many problems. */
  private endInside(): void {
    const innermost = this.innermost();
    if (this.report.full) {
      this.index = this.tokens.length;
    } else if (innermost === undefined) {
      this.dropPrefixes(null);
    } else {
      if (!this.broken) this.report.unclosed(innermost.token, this.start);
      this.index = nextTopLevel(this.text, this.tokens, this.start);
      if (this.index < this.tokens.length) this.report.forgetFrom(this.tokens[this.index].startOffset);
    }
    this.stack.length = 0;
    this.short = null;
  }
}
