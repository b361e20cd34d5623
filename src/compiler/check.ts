// Compiles a top-level form for a checker: all that is wrong with it and all that is strange, and what of it may be
// evaluated (S-2): its definitions of functions and constants, and what only says which names mean what.
import type { Value } from "../data/value.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import { Analyzer } from "./analyzer.ts";
import { assembleUnits, type UnitText } from "./assemble.ts";
import { runDeep } from "./deep.ts";
import type { CompileEnv } from "./env.ts";
import { type Call, type Defined, type Found, topContext } from "./session.ts";
import { Fn, Loop, type Node } from "./tree.ts";
import { CORE } from "./vocabulary.ts";

export type { Call, Defined } from "./session.ts";

export interface CheckedForm {
  /** Errors: with one of them the form would not be compiled. */
  readonly problems: readonly Diagnostic[];
  readonly warnings: readonly Found[];
  readonly remarks: readonly Found[];
  readonly defined: ReadonlyMap<string, Defined>;
  /** Some part was not looked at, and may define something. */
  readonly passedOver: boolean;
  /** Calls of globals whose arities are not known when the form is read. */
  readonly calls: readonly Call[];
  /** What the form gives globals, in order. */
  readonly definitions: readonly Definition[];
  /** The code of what else may be evaluated, a function of no arguments; null if there is nothing, or it would fail. */
  readonly evaluated: Assembled | null;
}

/** What a form gives a global, where a checker can tell without evaluating the form. */
export interface Definition {
  readonly name: string;
  /** The value, or the code of the function that is the value: compiled when somebody asks for it. */
  readonly value: { readonly constant: Value } | { readonly code: () => Assembled };
  /** The metadata, if it is constant. */
  readonly meta: Value;
}

/** A unit by its hash, and the units it needs with it. */
export interface Assembled {
  readonly hash: string;
  readonly units: readonly UnitText[];
}

/** Checks one top-level form in an environment that has a `tolerance`. */
export function checkForm(form: Value, env: CompileEnv): CheckedForm {
  const session = new Analyzer(env);
  const place = session.places.of(form) ?? 0;
  const top = new Fn(null, null, place);
  const body = runDeep(session.analyze(form, topContext(top, place)));
  session.remarkUnused();
  const calls = session.judgeCalls();
  const { problems, warnings, remarks, defined, passedOver } = session;
  const isSound = problems.length === 0 && warnings.every(({ code }) => code !== "compile/arity");
  const nodes = isSound ? harmlessIn(body) : [];
  const definitions = nodes.flatMap((node) => definitionOf(session, node) ?? []);
  const others = nodes.filter((node) => definitionOf(session, node) === null);
  const evaluated = others.length === 0 ? null : assembleTop(session, top, { t: "do", body: others, place });
  return { problems, warnings, remarks, defined, passedOver, calls, definitions, evaluated };
}

function definitionOf(session: Analyzer, node: Node): Definition | null {
  if (node.t !== "def" || node.value === null) return null;
  const { name, value } = node;
  const meta = node.meta?.t === "const" ? node.meta.value : null;
  if (value.t === "const") return { name, value: { constant: value.value }, meta };
  return value.t === "fn" ? { name, value: { code: () => assembleFunction(session, value.fn) }, meta } : null;
}

function assembleFunction({ functions, env }: Analyzer, fn: Fn): Assembled {
  const inner = functions.filter((one) => one !== fn && isWithin(one, fn));
  return assembleUnits([...inner, fn], { file: env.source.name, hash: env.source.hash });
}

function isWithin(fn: Fn, outer: Fn): boolean {
  for (let at: Fn | null = fn; at !== null; at = at.outer) if (at === outer) return true;
  return false;
}

function assembleTop({ functions, env }: Analyzer, top: Fn, body: Node): Assembled {
  top.arities = [{ params: [], rest: null, body, loop: new Loop([]) }];
  return assembleUnits([...functions, top], { file: env.source.name, hash: env.source.hash });
}

/** Functions that say what names mean in a namespace: calls of them with constants belong to what `ns` does. */
const DECLARING: ReadonlySet<string> = new Set(
  ["in-ns*", "in-ns", "require", "refer", "alias", "ns-unalias", "create-ns", "intern", "define-record"].map(
    (name) => `${CORE}/${name}`,
  ),
);

/** Functions that make the value of a literal. */
const LITERAL: ReadonlySet<string> = new Set(
  ["vector", "hash-map", "hash-set", "with-meta"].map((name) => `${CORE}/${name}`),
);

/** The parts of a top-level form that a checker evaluates: of definitions those whose values are literals. */
function harmlessIn(node: Node): Node[] {
  if (node.t === "do") return node.body.flatMap(harmlessIn);
  if (node.t === "call") return isDeclaring(node) ? [node] : [];
  return node.t === "def" && node.value !== null && isConstant(node.value) ? [node] : [];
}

function isDeclaring({ head, args }: Extract<Node, { t: "call" }>): boolean {
  return head.t === "global" && DECLARING.has(head.name) && args.every(isConstant);
}

/** Literals may nest deeper than the host's stack. */
function isConstant(given: Node): boolean {
  const open = [given];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.t === "const" || node.t === "var" || node.t === "fn") continue;
    if (node.t === "global" && node.name === `${CORE}/*ns*`) continue;
    if ((node.t !== "prim" && node.t !== "call") || !LITERAL.has(makerOf(node))) return false;
    open.push(...node.args);
  }
  return true;
}

/** The function that a node calls by name; "" for any other. */
function makerOf(node: Extract<Node, { t: "prim" | "call" }>): string {
  if (node.t === "prim") return `${CORE}/${node.primitive.name}`;
  return node.head.t === "global" ? node.head.name : "";
}
