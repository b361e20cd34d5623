// What a connector is: the doer of effects that lives in the same process as an interpreter, and the registry of them.

import type { Json } from "../base/canonical-json.ts";
import type { Clock } from "../base/clock.ts";
import type { Effect } from "../journal/effect.ts";
import type { JsonText } from "../journal/record.ts";

/** One effect on its way out, as the interpreter hands it over after its commit. */
export interface OutgoingEffect extends Pick<Effect, "key" | "kind" | "topic" | "payload" | "delivery"> {
  /** 1 for the first attempt; grows each time the effect is sent again under its key. */
  readonly attempt: number;
  /** The trace context that it belongs to, for those who are asked: `traceparent` of W3C Trace Context. */
  readonly trace?: string;
}

/** Why an attempt failed. Data, never an exception: it becomes an error value in the program. */
export interface Failure {
  /** A stable name such as `http/timeout`. */
  readonly type: string;
  /** One sentence for people. */
  readonly message: string;
  /** Plain JSON with what a program may want to decide by. */
  readonly data: Readonly<Record<string, Json>>;
}

/** What became of an attempt. `body` is canonical plain JSON (E-9). `sent` is false only when certainly nothing reached the outside. */
export type Performed =
  | { readonly ok: true; readonly body: JsonText }
  | { readonly ok: false; readonly error: Failure; readonly sent: boolean };

/** What an attempt runs in. */
export interface PerformContext {
  /** Aborted when nobody wants the answer any more: the program was cancelled or its owner lets go of it. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "after">;
}

/** Carries out the effects of one kind. */
export interface Connector {
  readonly kind: string;
  /** Whether this connector can carry out effects of this topic (empty for most kinds; E-4: only such an effect is born claimed). */
  accepts(topic: string): boolean;
  /**
   * Makes one attempt. Never throws and never rejects. What can be answered without waiting is answered without a
   * promise: a local step should cost no round through the event loop.
   */
  perform(effect: OutgoingEffect, context: PerformContext): Performed | Promise<Performed>;
  /** Lets go of what it holds open. Attempts in flight end as failures. */
  close(): Promise<void>;
}

/** A failed attempt. */
export function failure(
  type: string,
  message: string,
  data: Readonly<Record<string, Json>>,
  sent: boolean,
): Performed & { ok: false } {
  return { ok: false, error: { type, message, data }, sent };
}

/** The connectors of one process, by kind. */
export class Connectors {
  readonly #byKind = new Map<string, Connector>();

  constructor(connectors: Iterable<Connector> = []) {
    for (const connector of connectors) this.add(connector);
  }

  /** Adds a connector; a second one for the same kind is a mistake of the host program. */
  add(connector: Connector): void {
    if (this.#byKind.has(connector.kind)) throw new Error(`there is already a connector for ${connector.kind}`);
    this.#byKind.set(connector.kind, connector);
  }

  /** The connector that can carry out such an effect, or null: then the effect waits in the store for another process. */
  find(kind: string, topic: string): Connector | null {
    const connector = this.#byKind.get(kind);
    return connector?.accepts(topic) ? connector : null;
  }

  /** Closes all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#byKind.values()].map((connector) => connector.close()));
  }
}
