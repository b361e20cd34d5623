// Where a program belongs in the traces of those who watch it, and what is told of its turns, commits and effects (decision 20).
//
// A program's own context is a label, `traceparent`: given at its start, kept in its row, moved and forked with it, and no part of its
// state or its journal. What a turn's effects belong to stands in their rows, in the contract: whoever carries one out, also another
// process after a crash, finds it there. So nothing of it can influence evaluation or replay.
import { parseTraceparent } from "../base/traceparent.ts";
import type { TurnCommit } from "../store/rows.ts";

/** The label that holds a program's context. */
export const TRACE_LABEL = "traceparent";

/** The context in a program's labels; null: none, or no such text. */
export function traceOfLabels(labels: Readonly<Record<string, string>> | undefined): string | null {
  const text = labels?.[TRACE_LABEL];
  return parseTraceparent(text) === null ? null : (text as string);
}

/** The rest of the contract of an effect that belongs to a context. */
export function contractWith(trace: string | null): string {
  return trace === null ? "{}" : `{"${TRACE_LABEL}":"${trace}"}`;
}

/** The context in an effect's contract. */
export function traceOfContract(contract: string): string | null {
  if (contract === "{}") return null;
  const { [TRACE_LABEL]: text } = JSON.parse(contract) as { readonly [TRACE_LABEL]?: unknown };
  return typeof text === "string" && parseTraceparent(text) !== null ? text : null;
}

/** Something that is told when it is over. */
export interface OpenSpan {
  /** Its own context, for what belongs to it. */
  readonly traceparent: string;
  /** `error`: why it failed, if it did. */
  end(facts: Readonly<Record<string, string | number>>, error?: string): void;
}

export interface TurnFacts {
  readonly program: string;
  readonly name: string;
  readonly queue: string;
  readonly interpreter: string;
  /** Its number, from 1. */
  readonly turn: number;
  /** Milliseconds since 1970. */
  readonly begun: number;
}

export interface EffectFacts {
  readonly program: string;
  readonly key: string;
  readonly kind: string;
  readonly topic: string;
  readonly payload: string;
  readonly attempt: number;
}

/** Begins spans. `parent` is the context they belong to; null: they begin traces of their own. */
export interface Tracing {
  turn(facts: TurnFacts, parent: string | null): OpenSpan;
  /** A commit of turns; those of which a span is known are told by their contexts. */
  commit(turns: number, contexts: readonly string[]): OpenSpan;
  effect(facts: EffectFacts, parent: string | null): OpenSpan;
}

/** Which context the turn in a commit has, between its making and its answer. */
export type TurnContexts = WeakMap<TurnCommit, string>;
