// Effects: what a program asks of the outside, as rows of the store, and the states such a row goes through (E-21).
//
//   pending --claim--> sending --answer--> settled
//                         |  \--lease expired, at-most-once--> unknown --a person decides--> settled
//                         \--lease expired, at-least-once--> sending again, same key, next attempt
//                         \--failed before anything was sent, to be tried later--> pending (due)
//
// - An effect is written in the commit of the turn that performed it; before that nothing leaves (guarantee 2).
// - `sending`, with its owner and term, is committed before the first byte. An effect that a connector in the process of the
//   interpreter carries out is *born* `sending`, owned by that interpreter (E-4).
// - `settled` is final. The first of answer, failure, expiry or user edit settles it; later ones get `already-settled` (E-6).
// - A foreign call answered in the same process has no row: it stands in the turn entry and in `programs.calls` (E-4).

import type { JsonText } from "./record.ts";

export const EFFECT_STATES = ["pending", "sending", "settled", "unknown"] as const;
export type EffectState = (typeof EFFECT_STATES)[number];

/** How often an effect may be carried out (design.md section 7, *Promises*). */
export type Delivery = "at-least-once" | "at-most-once";

/** What a program asks for. Payloads are plain JSON (S-12): outsiders read them. */
export interface Effect {
  /** Idempotency key and settle key (E-3): 26 characters, never used for another effect. */
  readonly key: string;
  /** `http`, `foreign`, `message`, `start` ... */
  readonly kind: string;
  /** For foreign functions the topic that workers claim; otherwise empty. */
  readonly topic: string;
  /** What a connector must be granted to claim it: `http`, `process`, `secret:NAME`, `foreign:TOPIC` (E-14). */
  readonly capability: string;
  readonly payload: JsonText;
  readonly delivery: Delivery;
  /** The rest of the contract: retries, time limits. A plain JSON object. */
  readonly contract: JsonText;
}

/** How an effect ended. `unknown`: sent at most once, and nobody can tell whether it happened. */
export type Outcome = "ok" | "error" | "unknown";
