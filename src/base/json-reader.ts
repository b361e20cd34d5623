// A reader of JSON texts that keeps the order of keys and the text of numbers, and is iterative.
//
// `JSON.parse` puts integer-like keys first, rounds large integers, and overflows the host's stack on deep texts; so what
// comes from outside is read by this one wherever that would show.
import type { Json } from "./canonical-json.ts";
import { FlowmetalError } from "./errors.ts";
import { isWellFormed } from "./text.ts";

/** Makes values of what the reader finds; `T` is whatever the caller likes. */
export interface JsonBuilder<T> {
  /** null, true or false */
  constant(value: null | boolean): T;
  string(text: string): T;
  /** `text` is the number as it stands. */
  number(text: string, refuse: (code: string, message: string) => never): T;
  array(items: T[]): T;
  /** Of equal keys all come, in order. */
  object(keys: string[], values: T[]): T;
}

interface Frame<T> {
  readonly keys: string[] | null;
  readonly items: T[];
  /** Where the bracket stands. */
  readonly at: number;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const SIMPLE_STRING = /"[^"\\\x00-\x1f\ud800-\udfff]*"/y;
/** What of a string comes before an escape or its end. One pattern for all of it would need a stack as long as the string. */
const PLAIN_PART = /[^"\\\x00-\x1f]*/y;
const HEX = /[0-9a-fA-F]{4}/y;
const WORDS: Readonly<Record<string, readonly [text: string, value: null | boolean]>> = {
  n: ["null", null],
  t: ["true", true],
  f: ["false", false],
};

class JsonReader<T> {
  private at = 0;
  private readonly stack: Frame<T>[] = [];

  constructor(
    private readonly text: string,
    private readonly builder: JsonBuilder<T>,
  ) {}

  read(): T {
    for (;;) {
      let value = this.begin();
      while (value !== undefined) {
        const frame = this.stack.at(-1);
        if (frame === undefined) {
          if (this.peek() !== "") this.fail("the text should end here");
          return value;
        }
        frame.items.push(value);
        value = this.goOn(frame);
      }
    }
  }

  /** Reads a value, or opens a container that is not empty: then undefined. */
  private begin(): T | undefined {
    const char = this.peek();
    if (char === "[") return this.open(null, "]");
    if (char === "{") {
      const empty = this.open([], "}");
      if (empty === undefined) this.key(this.stack.at(-1) as Frame<T>);
      return empty;
    }
    if (char === '"') return this.builder.string(this.string());
    const word = WORDS[char];
    if (word === undefined) return this.number();
    if (!this.text.startsWith(word[0], this.at)) this.fail(`${word[0]} expected`);
    this.at += word[0].length;
    return this.builder.constant(word[1]);
  }

  private open(keys: string[] | null, closing: string): T | undefined {
    const frame: Frame<T> = { keys, items: [], at: this.at++ };
    if (this.peek() === closing) {
      this.at++;
      return this.close(frame);
    }
    this.stack.push(frame);
    return undefined;
  }

  private close({ keys, items }: Frame<T>): T {
    return keys === null ? this.builder.array(items) : this.builder.object(keys, items);
  }

  /** Behind an item: undefined if another one follows, else the finished container. */
  private goOn(frame: Frame<T>): T | undefined {
    const char = this.peek();
    const closing = frame.keys === null ? "]" : "}";
    if (char === ",") {
      this.at++;
      if (frame.keys !== null) this.key(frame);
      return undefined;
    }
    if (char !== closing) {
      const opened = frame.keys === null ? "[" : "{";
      this.fail(`, or ${closing} expected (${opened} opened at ${describe(this.text, frame.at)})`);
    }
    this.at++;
    this.stack.pop();
    return this.close(frame);
  }

  private key(frame: Frame<T>): void {
    if (this.peek() !== '"') this.fail("a key in double quotes expected");
    (frame.keys as string[]).push(this.string());
    if (this.peek() !== ":") this.fail(": expected");
    this.at++;
  }

  /** The next character that is not white space; "" at the end. */
  private peek(): string {
    const code = this.text.charCodeAt(this.at);
    if (code <= 32) {
      SPACE.lastIndex = this.at;
      SPACE.test(this.text);
      this.at = SPACE.lastIndex;
    }
    return this.text.charAt(this.at);
  }

  private string(): string {
    SIMPLE_STRING.lastIndex = this.at;
    const start = this.at;
    if (SIMPLE_STRING.test(this.text)) {
      this.at = SIMPLE_STRING.lastIndex;
      return this.text.slice(start + 1, this.at - 1);
    }
    this.at = this.endOfString(start + 1);
    const text = JSON.parse(this.text.slice(start, this.at)) as string;
    if (!isWellFormed(text)) this.refuse("json/surrogate", "this string holds half of a surrogate pair", start);
    return text;
  }

  /** Where a string ends whose content begins at `from`. */
  private endOfString(from: number): number {
    for (let at = from; ; ) {
      if (this.text[at] !== "\\") {
        PLAIN_PART.lastIndex = at;
        PLAIN_PART.test(this.text);
        at = PLAIN_PART.lastIndex;
      }
      if (this.text[at] === '"') return at + 1;
      const length = this.text[at] === "\\" ? this.escapeAt(at + 1) : 0;
      if (length === 0) this.fail("this string is not closed, or holds a control character or a wrong escape");
      at += length;
    }
  }

  /** How long the escape is whose second character stands at `at`; 0: it is none. */
  private escapeAt(at: number): number {
    const char = this.text.charAt(at);
    if (char !== "u") return char !== "" && '"\\/bfnrt'.includes(char) ? 2 : 0;
    HEX.lastIndex = at + 1;
    return HEX.test(this.text) ? 6 : 0;
  }

  private number(): T {
    const start = this.at;
    NUMBER.lastIndex = start;
    if (!NUMBER.test(this.text)) this.fail(this.at === this.text.length ? "a value expected" : "this is no JSON value");
    this.at = NUMBER.lastIndex;
    const refuse = (code: string, message: string): never => this.refuse(code, message, start);
    return this.builder.number(this.text.slice(start, this.at), refuse);
  }

  private fail(message: string): never {
    return this.refuse("json/syntax", message, this.at);
  }

  private refuse(code: string, message: string, at: number): never {
    throw new FlowmetalError(code, `${describe(this.text, at)}: ${message}`, { data: placeOf(this.text, at) });
  }
}

/** Line and column of an offset, from 1. */
function placeOf(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return { line, column: Array.from(before.slice(before.lastIndexOf("\n") + 1)).length + 1 };
}

function describe(text: string, at: number): string {
  const { line, column } = placeOf(text, at);
  return `line ${line} column ${column}`;
}

/** Reads a JSON text; throws FlowmetalError `json/...` with `{line, column}` as its data if it is none. */
export function readJson<T>(text: string, builder: JsonBuilder<T>): T {
  return new JsonReader(text, builder).read();
}

const PLAIN: JsonBuilder<Json> = {
  constant: (value) => value,
  string: (text) => text,
  number(text, refuse) {
    const value = Number(text);
    if (!Number.isFinite(value)) return refuse("json/number", "this number is too large");
    return /[.eE]/.test(text) || Number.isSafeInteger(value) ? value : BigInt(text);
  },
  array: (items) => items,
  object(keys, values) {
    const map = new Map<string, Json>();
    for (let i = 0; i < keys.length; i++) map.set(keys[i], values[i]);
    return map;
  },
};

/** A JSON text as plain JSON in memory: objects as Maps in the order of the text, large integers exact. */
export function parseJson(text: string): Json {
  return readJson(text, PLAIN);
}
