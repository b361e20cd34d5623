// What a process that serves and its evaluation process say to each other (decision 19). Everything is plain data.
//
// The evaluation process asks (`Up`), the process that serves answers and tells (`Down`). Errors cross with all that people and programs
// are shown of them; errors that are no FlowmetalError keep their names, messages and stacks.
import { FlowmetalError, type Place } from "../base/errors.ts";
import type { OutgoingEffect, Performed } from "../connector/connector.ts";
import type { Store } from "../store/store.ts";
import type { FleetEvent, QueueWish } from "./fleet.ts";

/** What can be asked of the store. */
export type StoreMethod = Exclude<keyof Store, "url" | "close">;

export type Up =
  /** It is there and waits for its order. */
  | { readonly kind: "ready" }
  | { readonly kind: "call"; readonly id: number; readonly method: StoreMethod; readonly params: unknown }
  | { readonly kind: "perform"; readonly id: number; readonly effect: OutgoingEffect }
  /** Nobody wants the answer any more. */
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "tell"; readonly event: FleetEvent }
  /** Everything was let go of. */
  | { readonly kind: "ended" };

export type Down =
  | { readonly kind: "begin"; readonly order: EvaluationOrder }
  | {
      readonly kind: "answer";
      readonly id: number;
      readonly value: unknown;
      readonly unreadable?: readonly Unreadable[];
    }
  | { readonly kind: "failure"; readonly id: number; readonly error: SentError }
  | { readonly kind: "performed"; readonly id: number; readonly performed: Performed }
  /** The store's watch has seen something; `programs`: as it says it. */
  | { readonly kind: "changed"; readonly programs?: readonly string[] | undefined }
  | { readonly kind: "drain" };

/** What is being done there, or was last. */
export interface Note {
  /** Null: nothing yet. */
  readonly program: string | null;
  /** To evaluate the program, or to read or write its state. */
  readonly work: "program" | "engine";
}

/** What an evaluation process is to do. */
export interface EvaluationOrder {
  /** Of the store. */
  readonly url: string;
  readonly queues: readonly QueueWish[];
  readonly concurrency: number;
  /** Kinds of effects that the process that serves carries out. */
  readonly kinds: readonly string[];
  /** Bytes that one program may take in memory. */
  readonly memory: number;
  readonly compactAfter?: number;
}

/** An error on its way. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: SentError;
  /** It is a FlowmetalError. */
  readonly code?: string;
  readonly hint?: string | undefined;
  readonly data?: unknown;
  readonly place?: Place | undefined;
}

/** Causes of causes are told so far. */
const CAUSES_MAX = 8;

/** An error, or whatever was thrown, as plain data. */
export function sentError(error: unknown, depth = 0): SentError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    stack,
    ...(cause === undefined || depth === CAUSES_MAX ? {} : { cause: sentError(cause, depth + 1) }),
    ...(error instanceof FlowmetalError ? flowmetalParts(error) : {}),
  };
}

function flowmetalParts({ code, hint, data, place }: FlowmetalError): Partial<SentError> {
  return { code, hint, data: plain(data), place };
}

/** Facts of an error are plain JSON; what is not would end the way of all of it. */
function plain(data: unknown): unknown {
  try {
    return data === undefined ? undefined : JSON.parse(JSON.stringify(data));
  } catch {
    return undefined;
  }
}

/** The error that was sent. */
export function receivedError(sent: SentError): Error {
  const cause = sent.cause === undefined ? {} : { cause: receivedError(sent.cause) };
  const { code, hint, data, place, message } = sent;
  const error =
    code === undefined
      ? new Error(message, cause)
      : new FlowmetalError(code, message, {
          ...cause,
          ...(hint === undefined ? {} : { hint }),
          ...(data === undefined ? {} : { data }),
          ...(place === undefined ? {} : { place }),
        });
  error.name = sent.name;
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

/** A field that fails when it is read: it was sealed, and somebody changed it. That is trouble for its own program alone. */
export interface Unreadable {
  readonly path: readonly string[];
  readonly error: SentError;
}

/** The part of an answer that can be sent, and what is to be said of the rest. */
export function readablePart(value: unknown): { readonly value: unknown; readonly unreadable: readonly Unreadable[] } {
  const unreadable: Unreadable[] = [];
  const copy = (from: unknown, path: readonly string[]): unknown => {
    if (typeof from !== "object" || from === null) return from;
    const to = (Array.isArray(from) ? [] : {}) as Record<string, unknown>;
    for (const name of Object.keys(from)) {
      const here = [...path, name];
      try {
        to[name] = copy((from as Readonly<Record<string, unknown>>)[name], here);
      } catch (error) {
        to[name] = null;
        unreadable.push({ path: here, error: sentError(error) });
      }
    }
    return to;
  };
  return { value: copy(value, []), unreadable };
}

/** The answer as it was: what could not be read fails when it is read. */
export function receivedAnswer(value: unknown, unreadable: readonly Unreadable[] = []): unknown {
  for (const { path, error } of unreadable) {
    const within = path
      .slice(0, -1)
      .reduce((at, name) => at[name] as Record<string, unknown>, value as Record<string, unknown>);
    Object.defineProperty(within, path.at(-1) as string, {
      enumerable: true,
      get: () => {
        throw receivedError(error);
      },
    });
  }
  return value;
}

/** An event as it is sent, and as it was: some have an error. */
export function sentEvent(event: FleetEvent): FleetEvent {
  return "error" in event ? { ...event, error: sentError(event.error) } : event;
}

export function receivedEvent(event: FleetEvent): FleetEvent {
  return "error" in event ? { ...event, error: receivedError(event.error as SentError) } : event;
}
