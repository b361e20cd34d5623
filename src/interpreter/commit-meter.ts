// What those who watch are told of a commit: a span, and figures.
import type { Clock } from "../base/clock.ts";
import { FlowmetalError } from "../base/errors.ts";
import type { TurnCommit } from "../store/rows.ts";
import type { CommitResult } from "../store/store.ts";
import type { Meters } from "./meters.ts";
import type { Tracing, TurnContexts } from "./tracing.ts";

/** A commit under way, counted when it is answered. */
export async function metered(
  commit: Promise<CommitResult>,
  turns: readonly TurnCommit[],
  meters: Meters,
  clock: Pick<Clock, "monotonic">,
): Promise<CommitResult> {
  const sent = clock.monotonic();
  try {
    const result = await commit;
    meters.observe("commit_seconds", (clock.monotonic() - sent) / 1_000);
    meters.observe("batch_turns", turns.length);
    meters.count("commits", 1, result.leaseLost ? "lease-lost" : "done");
    countTurns(result, turns, meters);
    return result;
  } catch (error) {
    meters.count("commits", 1, "failed");
    throw error;
  }
}

/** A commit under way, whose span ends when it is answered. */
export async function traced(
  commit: Promise<CommitResult>,
  turns: readonly TurnCommit[],
  tracing: Tracing,
  contexts: TurnContexts,
): Promise<CommitResult> {
  const known = turns.flatMap((turn) => contexts.get(turn) ?? []);
  const span = tracing.commit(turns.length, known);
  try {
    const result = await commit;
    span.end({ committed: result.committed.length }, result.leaseLost ? "lease-lost" : undefined);
    return result;
  } catch (error) {
    span.end({}, error instanceof FlowmetalError ? error.code : "failed");
    throw error;
  }
}

function countTurns(
  { committed, refused, lost, leaseLost }: CommitResult,
  turns: readonly TurnCommit[],
  meters: Meters,
): void {
  meters.count("refused_turns", refused.length);
  meters.count("lost_turns", leaseLost ? turns.length : lost.length);
  const there = committed.length === turns.length ? null : new Set(committed);
  const done = there === null ? turns : turns.filter(({ program }) => there.has(program));
  meters.count("turns", done.length);
  for (const { entries, snapshot, chunks = [], output = [] } of done) {
    meters.count("entries", entries.length);
    if (snapshot !== undefined) {
      meters.count("snapshots");
      meters.count("snapshot_bytes", sum([snapshot, ...chunks].map(({ body }) => body.length)));
    }
    meters.count("output_bytes", sum(output.map(({ text }) => text.length)));
  }
}

function sum(numbers: readonly number[]): number {
  let all = 0;
  for (const number of numbers) all += number;
  return all;
}
