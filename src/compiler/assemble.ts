// The last step of one unit: cells decided (S-8), live lists filled in, blocks numbered, texts and hashes made.
import { Block, type Code, type CodeBlock, type Debug, type End } from "../code/code.ts";
import { fieldsOf, successors } from "../code/grammar.ts";
import { codeHash, codeText, debugText, unitHash } from "../code/hash.ts";
import { runDeep } from "./deep.ts";
import type { Draft, NestedUnit } from "./draft.ts";
import { Emitter } from "./emit.ts";
import { Liveness } from "./liveness.ts";
import type { Fn, FnArity } from "./tree.ts";

/** Where the code comes from: the name of the text and its hash. */
export interface Origin {
  readonly file: string;
  readonly hash: string;
}

/** A unit as it is stored. */
export interface UnitText {
  readonly hash: string;
  readonly codeHash: string;
  readonly code: string;
  readonly debug: string;
}

/** Compiles functions, those inside a function before it and the whole form last; each hash comes once. */
export function assembleUnits(
  fns: readonly Fn[],
  origin: Origin,
): { readonly hash: string; readonly units: UnitText[] } {
  const units = new Map<string, UnitText>();
  const done = new Map<Fn, NestedUnit>();
  for (const fn of fns) {
    const text = assemble(fn, origin, (inside) => done.get(inside)!);
    units.set(text.hash, text);
    done.set(fn, { hash: text.hash, codeHash: text.codeHash });
  }
  return { hash: done.get(fns[fns.length - 1])!.hash, units: [...units.values()] };
}

/** Emits until no further local turns out to need a cell (S-8); the units of inner functions stay the same. */
function assemble(fn: Fn, origin: Origin, nested: (fn: Fn) => NestedUnit): UnitText {
  let emitter = emitted(fn, nested);
  let liveness = livenessOf(emitter);
  while (decideCells(emitter, liveness)) {
    emitter = emitted(fn, nested);
    liveness = livenessOf(emitter);
  }
  const { code, debug } = finish(emitter, liveness, origin);
  const text = codeText(code);
  const table = debugText(debug);
  const inner = codeHash(text);
  return { hash: unitHash(inner, table), codeHash: inner, code: text, debug: table };
}

function emitted(fn: Fn, nested: (fn: Fn) => NestedUnit): Emitter {
  const emitter = new Emitter(fn, nested);
  runDeep(emitter.run());
  return emitter;
}

function livenessOf(emitter: Emitter): Liveness {
  return new Liveness(emitter.builder.blocks, emitter.builder.names.length);
}

/** A local assigned where a marker's clause would not see it, though it is read there or later, becomes a cell (S-8). */
function decideCells(emitter: Emitter, liveness: Liveness): boolean {
  let changed = false;
  for (const { assigned, restored } of emitter.builder.closed) {
    for (const local of assigned) {
      if (local.cell || !liveness.isLive(restored, emitter.builder.slots.get(local)!)) continue;
      local.outlives = true;
      changed = true;
    }
  }
  return changed;
}

function finish(emitter: Emitter, liveness: Liveness, origin: Origin): { code: Code; debug: Debug } {
  const { fn, builder, self } = emitter;
  const shortcut = shortcuts(builder.blocks);
  const kept = reachable(emitter, shortcut);
  const number = new Map(kept.map((draft, i): [number, number] => [draft.id, i]));
  const target = (id: number): number => number.get(shortcut(id))!;
  const code: Code = {
    v: 1,
    arities: fn.arities.map((arity, i) => [
      arity.params.length,
      arity.rest === null ? 0 : 1,
      target(emitter.entries[i].id),
    ]),
    captures: fn.captures.locals.length,
    slots: builder.names.length,
    self,
    consts: builder.consts,
    globals: builder.globals,
    units: builder.units.map((unit) => unit.codeHash),
    blocks: kept.map((draft) => codeBlock(draft, liveness, self, builder.names.length, target)),
  };
  const { file, hash } = origin;
  const place = fn.place === 0 ? [0, 0] : fn.place;
  const debug: Debug = {
    name: fn.name,
    params: fn.arities.map(parameterNames),
    file,
    hash,
    span: [place[0], place[1]],
    slots: builder.names,
    captures: fn.captures.locals.map((local) => local.name),
    blocks: kept.map((draft) => draft.place),
    units: builder.units.map((unit) => unit.hash),
    ...(fn.doc === null ? {} : { doc: fn.doc }),
    ...(fn.macro ? { macro: true as const } : {}),
  };
  return { code, debug };
}

/** Parameters as people see them; one that is taken apart at once has no name. */
function parameterNames(arity: FnArity): string[] {
  const locals = arity.rest === null ? arity.params : [...arity.params, arity.rest];
  return locals.map((local) => local.name ?? "_");
}

/** Where a jump to a block ends up: PLAIN blocks that only jump on to another PLAIN block are passed over. */
function shortcuts(blocks: readonly Draft[]): (id: number) => number {
  const byId = new Map(blocks.map((draft): [number, Draft] => [draft.id, draft]));
  const onwards = (id: number): number => {
    const { kind, ops, end } = byId.get(id)!;
    if (kind !== Block.PLAIN || ops.length > 0 || end![0] !== "jump") return id;
    return byId.get(end![1])!.kind === Block.PLAIN ? end![1] : id;
  };
  return (id) => {
    let at = id;
    // A PLAIN block is only entered from before it, so this cannot go in circles.
    for (let next = onwards(at); next !== at; next = onwards(at)) at = next;
    return at;
  };
}

/** The blocks control can come to, in the order they were placed. */
function reachable(emitter: Emitter, shortcut: (id: number) => number): Draft[] {
  const { blocks } = emitter.builder;
  const byId = new Map(blocks.map((draft): [number, Draft] => [draft.id, draft]));
  const reached = new Set(emitter.entries.map((entry) => entry.id));
  const queue = [...reached];
  while (queue.length > 0) {
    const end = byId.get(queue.pop()!)!.end!;
    for (const id of successors(end)) {
      const target = shortcut(id);
      if (reached.has(target)) continue;
      reached.add(target);
      queue.push(target);
    }
  }
  return blocks.filter((draft) => reached.has(draft.id));
}

function codeBlock(
  draft: Draft,
  liveness: Liveness,
  self: number,
  slots: number,
  target: (id: number) => number,
): CodeBlock {
  const fields = fieldsOf(draft.end!);
  const end = draft.end!.map((part, i) => {
    const block = i > 0 && fields[i - 1].endsWith("-block") && part !== -1;
    return block ? target(part as number) : part;
  });
  const live = draft.kind === Block.PLAIN || draft.kind === Block.ENTRY ? [] : liveList(draft, liveness, self, slots);
  return [draft.kind, live, draft.result, draft.ops, end as unknown as End];
}

/** The closure, then every named local in scope (dead ones as ~slot), then what else is read later. */
function liveList(draft: Draft, liveness: Liveness, self: number, slots: number): number[] {
  const live = self >= 0 ? [self] : [];
  const named = new Set(draft.scope);
  for (const slot of draft.scope) {
    if (slot !== draft.result) live.push(liveness.isLive(draft, slot) ? slot : -1 - slot);
  }
  for (let slot = 0; slot < slots; slot++) {
    if (slot !== draft.result && slot !== self && !named.has(slot) && liveness.isLive(draft, slot)) live.push(slot);
  }
  return live;
}
