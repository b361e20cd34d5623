// The reader of the Lisp surface: text to forms. Reading never runs code; positions go to a side table, never into values.
import type { Value } from "../data/value.ts";
import { type Diagnostic, SourceError } from "../source/diagnostic.ts";
import { Source } from "../source/source.ts";
import { Spans } from "../source/spans.ts";
import { FormReader, type ReadOptions } from "./form.ts";
import { lexed, tokenIndex } from "./lexed.ts";
import { Report } from "./report.ts";
import type { Token } from "./tokens.ts";

export type { ReadOptions } from "./form.ts";

/** The forms of a whole text. `places` holds from and to of each top-level form, in turn. */
export interface Forms {
  readonly forms: readonly Value[];
  readonly places: readonly (readonly [from: number, to: number])[];
  readonly spans: Spans;
  readonly comments: readonly Token[];
}

/** One top-level form; `end` is the offset behind it, where the next reading starts. */
export interface NextForm {
  readonly form: Value;
  readonly from: number;
  readonly end: number;
  readonly spans: Spans;
}

/** For whoever only reads a script and does not run it: aliases are taken for what they are called. */
export const UNLOADED: ReadOptions = { ns: "user", alias: (name) => name };

/** Reads all forms and reports as many problems as can be told apart; forms with problems are left out. */
export function readAll(source: Source, options: ReadOptions = {}): Forms & { readonly errors: readonly Diagnostic[] } {
  const { tokens, comments, unreadable } = lexed(source);
  const spans = new Spans();
  const forms: Value[] = [];
  const places: [number, number][] = [];
  if (unreadable !== null) return { forms, places, spans, comments, errors: [unreadable] };
  const report = new Report(source, tokens);
  const reader = new FormReader(source.text, tokens, spans, report, options);
  while (reader.index < tokens.length && !report.full) {
    const next = reader.next();
    if (next === null || !next.sound) continue;
    forms.push(next.form);
    places.push([next.from, next.to]);
  }
  return { forms, places, spans, comments, errors: report.diagnostics };
}

/** Reads all forms, or throws what is wrong with the text. */
export function readForms(source: Source, options: ReadOptions = {}): Forms {
  const result = readAll(source, options);
  throwAny(result.errors);
  return result;
}

/**
 * Reads the first top-level form at or behind `offset`, which must not lie inside a token; null if there is none. The
 * tokens of a source are kept, so reading form by form takes linear time in all. Problems further on are not looked for.
 */
export function readNext(source: Source, offset: number, options: ReadOptions = {}): NextForm | null {
  const { tokens, unreadable } = lexed(source);
  if (unreadable !== null) throwAny([unreadable]);
  const spans = new Spans();
  const report = new Report(source, tokens);
  const reader = new FormReader(source.text, tokens, spans, report, options);
  reader.index = tokenIndex(tokens, offset);
  const next = reader.next();
  throwAny(report.diagnostics);
  return next === null ? null : { form: next.form, from: next.from, end: next.to, spans };
}

/** Reads the first form of a text as data, as `read-string` does; a text without a form is a problem. */
export function readData(text: string, options: ReadOptions = {}): Value {
  const source = new Source("<data>", text);
  const next = readNext(source, 0, options);
  if (next === null) throwAny([nothingToRead(source)]);
  return next!.form;
}

/** A top-level form as a checker meets it; one that is not `sound` has problems, and is what could be made of it. */
export interface EachForm {
  readonly form: Value;
  readonly sound: boolean;
}

/**
 * Reads a whole text form by form and past its problems, which `errors` has when there are no more forms. The options are asked
 * at each form: between two the caller may change what they answer.
 */
export class EachReader {
  readonly spans = new Spans();
  private readonly tokens: readonly Token[];
  private readonly report: Report;
  private readonly unreadable: Diagnostic | null;
  private readonly reader: FormReader;

  constructor(source: Source, options: ReadOptions) {
    const { tokens, unreadable } = lexed(source);
    this.tokens = unreadable === null ? tokens : [];
    this.unreadable = unreadable;
    this.report = new Report(source, tokens);
    this.reader = new FormReader(source.text, this.tokens, this.spans, this.report, options);
  }

  get errors(): readonly Diagnostic[] {
    return this.unreadable === null ? this.report.diagnostics : [this.unreadable];
  }

  /** The next form; null at the end, and where there are so many problems that nobody would read on. */
  next(): EachForm | null {
    while (this.reader.index < this.tokens.length && !this.report.full) {
      const next = this.reader.next();
      if (next !== null) return next;
      const begun = this.reader.begun();
      if (begun !== null) return { form: begun, sound: false };
    }
    return null;
  }
}

function nothingToRead(source: Source): Diagnostic {
  return {
    code: "read/nothing",
    message: "there is no form in this text",
    span: { source, from: 0, to: source.text.length },
    hint: null,
    notes: [],
  };
}

function throwAny(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new SourceError(diagnostics);
}
