// Reads a language test: one tiny program a file, with what it must do beside the line.
//
// The first line says what it is about: `; assoc-in, edge: a missing path is made of maps`: names, kind, sentence. Names
// are public names (qualified unless of flow.core) or special forms; the kind is `ordinary`, `edge` or `wrong`. Behind a
// top-level form stand its expectations:
//
//   ;=> text   its value as pr-str writes it
//   ;>> text   a line it prints; several for several
//   ;!> type   the program stops there with an error of this type, or code; further text must be part of the message
import { List } from "../../src/data/list.ts";
import { PMap } from "../../src/data/map.ts";
import { PSet } from "../../src/data/set.ts";
import { Sym, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { readAll, UNLOADED } from "../../src/reader/sexp.ts";
import { Source } from "../../src/source/source.ts";

export type Kind = "ordinary" | "edge" | "wrong";

/** The error a program stops with. */
export interface Stop {
  readonly type: string;
  /** Part of the message; may be empty. */
  readonly message: string;
}

export interface LanguageTest {
  readonly names: readonly string[];
  readonly kind: Kind;
  /** The program to run: the file, with each form whose value is expected put into a call that prints it, on the same lines. */
  readonly script: string;
  readonly output: string;
  readonly stop: Stop | null;
  /** The forms without their literals: two programs of one shape count once. */
  readonly shape: string;
  /** The names of the symbols in the program, without their namespaces. */
  readonly used: ReadonlySet<string>;
}

/** Aliases stand for themselves: what they mean shows when the program runs. */
const READING = { ns: "user", alias: (name: string) => name };

const HEADER = /^; ([^\n]+?), (ordinary|edge|wrong): (\S[^\n]*)\n/;
const EXPECTATION = /^[^\n;"]*;(=>|>>|!>) ?(.*)$/gm;
/** Stands in front of the value of a form, which a program is not likely to print. */
const MARK = "\u0001";

/** Reads a language test; throws what is wrong with it as one. */
export function readLanguageTest(text: string): LanguageTest {
  const header = HEADER.exec(text);
  if (header === null) throw new Error("the first line must be `; names, ordinary|edge|wrong: what it shows`");
  const [, names, kind] = header as unknown as [string, string, Kind];
  const { forms, errors } = readAll(new Source("language.fm", text), UNLOADED);
  const expected = readExpected(text);
  if (expected.output === "" && expected.stop === null) throw new Error("nothing is expected of this program");
  if (kind === "wrong" && expected.stop === null) throw new Error("a wrong use must stop with an error (`;!>`)");
  const used = new Set<string>(errors.length > 0 ? text.split(/[\s()[\]{}"';]+/) : []);
  const shape = forms.map((form) => shapeOf(form, used)).join(" ");
  return { names: names.split(" "), kind, shape: `${shape}${errors.length}`, used, ...expected };
}

/** Reads a program with expectations beside its forms. */
export function readExpected(text: string): Expected {
  const { places, errors } = readAll(new Source("language.fm", text), READING);
  return errors.length > 0 ? unreadable(text) : expectations(text, places);
}

export type Expected = Pick<LanguageTest, "script" | "output" | "stop">;

/** A text that does not read can only be expected to stop. */
function unreadable(text: string): Expected {
  const [stop, ...others] = [...text.matchAll(/;(=>|>>|!>) ?(.*)$/gm)];
  if (stop === undefined || stop[1] !== "!>" || others.length > 0) {
    throw new Error("this text does not read, so one `;!>` is all that can be expected");
  }
  return { script: text, output: "", stop: stopOf(stop[2] as string) };
}

function expectations(text: string, places: readonly (readonly [number, number])[]): Expected {
  let script = text.slice(0, places[0]?.[0]);
  let output = "";
  let stop: Stop | null = null;
  places.forEach(([from, to], i) => {
    if (stop !== null) throw new Error("nothing can come after the form that stops the program");
    const form = text.slice(from, to);
    const gap = text.slice(to, places[i + 1]?.[0]);
    const found = [...gap.matchAll(EXPECTATION)].map(([, sign, what]) => [sign, (what as string).trimEnd()] as const);
    const printed = found.filter(([sign]) => sign === ">>").map(([, what]) => `${what}\n`);
    const values = found.filter(([sign]) => sign === "=>").map(([, what]) => what);
    const stops = found.filter(([sign]) => sign === "!>").map(([, what]) => stopOf(what));
    if (values.length + stops.length > 1) throw new Error(`more than one value or error is expected of ${form}`);
    output += printed.join("") + values.map((value) => `${MARK}${value}\n`).join("");
    script += values.length === 0 ? form : shown(form);
    script += gap;
    stop = stops[0] ?? null;
  });
  return { script, output, stop };
}

function shown(form: string): string {
  return `(flow.core/print (flow.core/str "\\u{1}" (flow.core/pr-str ${form}) "\\n"))`;
}

function stopOf(what: string): Stop {
  const [, type, message] = /^:?(\S+)\s*(.*)$/.exec(what) ?? [];
  if (type === undefined) throw new Error("`;!>` names the type of the error");
  return { type, message: message as string };
}

function shapeOf(form: Value, used: Set<string>): string {
  if (form instanceof Sym) {
    used.add(form.name);
    return form.text;
  }
  const within = (items: Iterable<Value>) => [...items].map((item) => shapeOf(item, used)).join(" ");
  if (form instanceof List) return `(${within(form)})`;
  if (form instanceof Vector) return `[${within(form)}]`;
  if (form instanceof PMap) return `{${within([...form.entries()].flat())}}`;
  if (form instanceof PSet) return `#{${within(form.values())}}`;
  return "_";
}
