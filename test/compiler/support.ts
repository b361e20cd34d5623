// A small environment to compile in: a few globals of flow.core, macros written in TypeScript, one namespace `user`.
import { decodeUnit } from "../../src/code/decode.ts";
import { disassemble } from "../../src/code/disassemble.ts";
import { validatePrimitives } from "../../src/code/validate.ts";
import { type CompileEnv, type Compiled, compileForm, type GlobalInfo } from "../../src/compiler/compile.ts";
import { List } from "../../src/data/list.ts";
import { Keyword, Sym, type Value } from "../../src/data/value.ts";
import { Vector } from "../../src/data/vector.ts";
import { findPrimitiveVersion } from "../../src/primitive/registry.ts";
import { readForms } from "../../src/reader/sexp.ts";
import { Source } from "../../src/source/source.ts";

const sym = (text: string): Sym => Sym.parse(text);
const list = (...items: Value[]): List => List.from(items);

type Macro = (args: readonly Value[], form: Value, locals: readonly string[]) => Value;

/** Macros as the prelude has them. */
const MACROS: Readonly<Record<string, Macro>> = {
  "flow.core/when": ([test, ...body]) => list(sym("if"), test, list(sym("do"), ...body)),
  "flow.core/and": ([first = true, ...rest]) =>
    rest.length === 0
      ? first
      : list(
          sym("let"),
          Vector.from([sym("and__1"), first]),
          list(sym("if"), sym("and__1"), list(sym("flow.core/and"), ...rest), sym("and__1")),
        ),
  "flow.core/or": ([first = null, ...rest]) =>
    rest.length === 0
      ? first
      : list(
          sym("let"),
          Vector.from([sym("or__1"), first]),
          list(sym("if"), sym("or__1"), sym("or__1"), list(sym("flow.core/or"), ...rest)),
        ),
  "flow.core/assert": ([test]) => list(sym("if"), test, null, list(sym("flow.core/fail"), "assert")),
  "flow.core/defn": ([name, ...rest]) => list(sym("def"), name, list(sym("fn"), ...rest)),
  "flow.core/env-names": (_args, _form, locals) => Vector.from([...locals]),
  "flow.core/the-form": (_args, form) => list(sym("quote"), form),
  "flow.core/for-ever": (args) => list(sym("flow.core/for-ever"), ...args),
};

const INLINE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  "flow.core/+": { 2: "add" },
  "flow.core/-": { 1: "neg", 2: "sub" },
  "flow.core/*": { 2: "mul" },
  "flow.core/<": { 2: "lt" },
  "flow.core/=": { 2: "eq" },
  "flow.core/inc": { 1: "inc" },
  "flow.core/dec": { 1: "dec" },
  "flow.core/nil?": { 1: "nil?" },
};

const FUNCTIONS = [
  "list",
  "concat",
  "apply",
  "vector",
  "hash-map",
  "hash-set",
  "print",
  "fail",
  "map",
  "conj",
  "catch-matches?",
  "set-binding!",
  "in-ns*",
  "rest",
  "str",
];

const GLOBALS = new Map<string, GlobalInfo>([
  ...FUNCTIONS.map((name): [string, GlobalInfo] => [`flow.core/${name}`, {}]),
  ...Object.keys(MACROS).map((name): [string, GlobalInfo] => [name, { macro: true }]),
  ...Object.entries(INLINE).map(([name, inline]): [string, GlobalInfo] => [name, { inline }]),
  ["flow.core/*out*", { dynamic: true }],
  [
    "flow.core/print-string",
    {
      dynamic: false,
      arities: [
        [1, 0],
        [2, 1],
      ],
    },
  ],
  ["user/f", { arities: [[1, 0]] }],
  ["user/g", {}],
  ["user/h", {}],
  ["user/*level*", { dynamic: true }],
  ["flow.string/join", {}],
  ["flow.string/secret", { private: true }],
]);

export interface Options {
  readonly ns?: string;
  readonly file?: string;
  readonly globals?: Readonly<Record<string, GlobalInfo>>;
  /** Names of flow.core that ns leaves out. */
  readonly excluded?: readonly string[];
}

export function environment(source: Source, spans: CompileEnv["spans"], options: Options = {}): CompileEnv {
  const extra = new Map(Object.entries(options.globals ?? {}));
  return {
    ns: options.ns ?? "user",
    source,
    spans,
    lookup: (name) => extra.get(name) ?? GLOBALS.get(name),
    namespaceNames: (ns) =>
      [...GLOBALS.keys(), ...extra.keys()]
        .filter((name) => name.startsWith(`${ns}/`))
        .map((name) => name.slice(ns.length + 1)),
    alias: (name) => (name === "str" ? "flow.string" : undefined),
    refer: (name) => (name === "join" ? "flow.string/join" : undefined),
    seesCore: (name) => options.excluded?.includes(name) !== true,
    namespaces: () => ["str", "flow.core", "flow.string", "user"],
    macroNote: (name) => ({ message: `the macro ${name}`, span: null }),
    expandMacro: (name, form, args, locals) => MACROS[name](args, form, locals),
    realise: (form) => form,
  };
}

/** Compiles the first form of a text, and checks that every unit is what the evaluators may trust. */
export function compile(text: string, options: Options = {}): Compiled {
  const source = new Source(options.file ?? "test.fm", text);
  const { forms, spans } = readForms(source, options.ns === undefined ? { ns: "user" } : { ns: options.ns });
  const compiled = compileForm(forms[0], environment(source, spans, options));
  for (const unit of compiled.units) {
    const { code } = decodeUnit(unit.hash, unit.code, unit.debug);
    validatePrimitives(code, unit.hash, findPrimitiveVersion);
  }
  return compiled;
}

/** The listings of all units of a form, callee first. */
export function listing(text: string, options: Options = {}): string {
  return compile(text, options)
    .units.map(({ hash, code, debug }) => {
      const unit = decodeUnit(hash, code, debug);
      return disassemble(unit.code, unit.debug);
    })
    .join("\n");
}

/** The listing of the first unit: the innermost function. */
export function first(text: string, options: Options = {}): string {
  return listing(text, options).split("\n\n")[0].trimEnd();
}

export { Keyword };
