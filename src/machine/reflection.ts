// Operations that look at the program itself: its globals, its functions, where it stands. They need no host and no record, since
// all they tell is a function of the state and of the base image the program is pinned to.
//
//   flow.core/find-var NAME              the var of a qualified name, or nil
//   flow.core/names NS                   the names of the vars of a namespace, a vector of strings in the order they were made
//   flow.core/define NAME META VALUE?    makes a var, or gives one its value; answers it
//   flow.core/get-var VAR                its value: of the innermost binding, else its own;  flow.core/get-root VAR   its own
//   flow.core/is-bound VAR               whether it has one
//   flow.core/function-data F            a map about a function: :name :params :macro :doc :file :unit
//   flow.core/place                      where the program's own text is being evaluated, "file:line:column", or nil
import { Closure, Sym, UNBOUND, type Value, Var } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeElements } from "../primitive/charge.ts";
import { dataMap } from "../primitive/raise.ts";
import { isLibrary } from "../source/source.ts";
import { BOTTOM } from "./builtin.ts";
import { type Operation, type Operator, wrong } from "./operator.ts";
import { errorOf } from "./problems.ts";
import { isMarkerFrame } from "./state.ts";
import type { Unit } from "./unit.ts";

/** Names of one namespace that are looked through, at the price of one element each. */
const NAMES_TYPICAL = 1_024;

export const reflection: readonly (readonly [string, Operation])[] = [
  ["flow.core/find-var", findVar],
  ["flow.core/names", names],
  ["flow.core/define", define],
  ["flow.core/get-var", getVar],
  ["flow.core/get-root", getRoot],
  ["flow.core/is-bound", isBound],
  ["flow.core/function-data", functionData],
  ["flow.core/place", (m) => m.ret(placeOf(m))],
];

function findVar(m: Operator, [name]: Value[]): number {
  if (typeof name !== "string") return wrong(m, "find-var", "a qualified name", name);
  return m.ret(m.findVariable(name) ?? null);
}

function names(m: Operator, [ns]: Value[]): number {
  if (typeof ns !== "string") return wrong(m, "names", "the name of a namespace", ns);
  chargeElements(NAMES_TYPICAL + m.state.vars.size);
  return m.ret(Vector.from(m.names(ns)));
}

function define(m: Operator, [name, meta, value = UNBOUND]: Value[]): number {
  if (typeof name !== "string") return wrong(m, "intern", "a qualified name", name);
  const variable: Var = m.variable(name);
  m.define(variable, value, meta);
  return m.ret(variable);
}

function getVar(m: Operator, [variable]: Value[]): number {
  return variable instanceof Var ? m.readVariable(variable) : wrong(m, "var-get", "a var", variable);
}

function getRoot(m: Operator, [variable]: Value[]): number {
  if (!(variable instanceof Var)) return wrong(m, "alter-var-root", "a var", variable);
  if (variable.value !== UNBOUND) return m.ret(variable.value);
  const error = errorOf("unbound", `${variable.name} has no value yet`, { name: variable.name });
  return m.raise(error, { kind: "throw", error });
}

function isBound(m: Operator, [variable]: Value[]): number {
  if (!(variable instanceof Var)) return wrong(m, "bound?", "vars", variable);
  return m.ret(variable.value !== UNBOUND || m.bindingOf(variable) !== null);
}

function functionData(m: Operator, [f]: Value[]): number {
  if (!(f instanceof Closure)) return wrong(m, "function-data", "a function", f);
  const { debug, hash, name } = f.unit as Unit;
  const macro = debug.macro === true;
  return m.ret(
    dataMap({
      name: name === null ? null : Sym.parse(name),
      params: Vector.from(parameterLists(f.unit as Unit)),
      macro,
      doc: debug.doc ?? null,
      file: debug.file,
      unit: hash,
    }),
  );
}

/** The parameters of each arity of a function or macro, as they are written. */
export function parameterLists({ debug, code }: Unit): Vector[] {
  const hidden = debug.macro === true ? 2 : 0;
  return debug.params.map((one, i) => parameters(one, code.arities[i]?.[1] === 1, hidden));
}

/** The parameters of an arity as they are written, without the hidden ones of a macro. */
function parameters(given: readonly string[], gathers: boolean, hidden: number): Vector {
  const symbols = given.map((name) => new Sym(null, name));
  const last = gathers ? [new Sym(null, "&"), symbols.pop() as Sym] : [];
  return Vector.from([...symbols, ...last].slice(hidden));
}

/** The innermost place that is in a text of the program's own. */
function placeOf(m: Operator): string | null {
  let { stack: frame, segment } = m;
  for (;;) {
    for (; frame !== BOTTOM; frame = frame.next) {
      if (frame.unit.builtin || isMarkerFrame(frame) || isLibrary(frame.unit.debug.file)) continue;
      const place = frame.unit.debug.blocks[frame.unit.origin(frame.block)];
      if (place !== 0) return `${frame.unit.debug.file}:${place[2]}:${place[3]}`;
    }
    if (segment === null) return null;
    frame = segment.stack;
    segment = segment.next;
  }
}
