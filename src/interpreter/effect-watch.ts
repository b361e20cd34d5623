// What those who watch are told of an effect that is carried out: a span, and figures.
import type { Clock } from "../base/clock.ts";
import type { OutgoingEffect, Performed } from "../connector/connector.ts";
import type { Outcome } from "../journal/effect.ts";
import type { Meters } from "./meters.ts";
import type { EffectFacts, Tracing } from "./tracing.ts";

export interface EffectWatch {
  /** What is sent along with it. */
  readonly sent: Pick<OutgoingEffect, "trace">;
  /** How it ended; null: it was given up. */
  end(outcome: Outcome | null, performed?: Performed): void;
}

interface Watchers {
  readonly clock: Pick<Clock, "monotonic">;
  readonly meters?: Meters;
  readonly tracing?: Tracing;
}

/** Begins to watch an effect that is about to be sent. `parent`: the trace context it belongs to. */
export function watchEffect(
  { clock, meters, tracing }: Watchers,
  facts: EffectFacts,
  parent: string | null,
): EffectWatch {
  const begun = clock.monotonic();
  const span = tracing?.effect(facts, parent);
  // Where nobody records, the context goes on as it came.
  const trace = span?.traceparent ?? parent;
  return {
    sent: trace === null ? {} : { trace },
    end(outcome, performed) {
      span?.end({ outcome: outcome ?? "given-up" }, performed?.ok === false ? performed.error.type : undefined);
      if (outcome === null) return;
      meters?.count("effects", 1, facts.kind, outcome);
      meters?.observe("effect_seconds", (clock.monotonic() - begun) / 1_000, facts.kind);
    },
  };
}
