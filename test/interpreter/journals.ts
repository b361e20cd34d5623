// Journals of one program in each status, in a real SQLite file, and what somebody could do to them who has the file.
import { StoreClient } from "../../src/client/store-client.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { findImage } from "../../src/client/find-image.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import type { Status } from "../../src/journal/status.ts";
import type { SnapshotRow } from "../../src/store/rows.ts";
import type { SqlDriver } from "../../src/store/sqlite/driver.ts";
import type { CommitBatch } from "../../src/store/store.ts";
import { surroundings } from "../support/surroundings.ts";
import { atStore, type Attempt, type Bench, type Process, until } from "./bench.ts";

/** The statuses a program can have in this engine, and how it gets there. */
export const ENDINGS = ["done", "waiting", "paused", "faulted", "cancelled"] as const;
export type Ending = (typeof ENDINGS)[number];

const ENDS: Readonly<Record<Ending, string>> = {
  done: "@log",
  waiting: "(ask 5)",
  paused: "(ask 5)",
  faulted: '(note "wrong" (+ 1 (throw (error :app/no "no" {:a @log}))))',
  cancelled: '(try (ask 5) (finally (note "cleaned")))',
};

/** Answers, two of them in one turn; timers; observations; an answer that nobody waits for any more. Each leaves its trace in the log. */
const TEXT = `
  (defforeign ask :topic "ask")
  (require '[flow.time :as time])
  (defn spawn [f] (perform 'flow.core/spawn f))
  (def log (atom []))
  (defn note [& words] (swap! log conj (vec words)) (apply println (count @log) words))
  (note "begun" (time/now))
  (note "one" (ask 1))
  (run! await (mapv (fn [i] (spawn (fn [] (note i (ask i))))) [2 3]))
  (time/sleep 100)
  (note "slept" (time/now))
  (note "late" (try (time/with-timeout 50 (ask 4)) (catch :timeout _ :timeout)))
`;

/** A program at rest, or over. */
export interface Kept {
  readonly bench: Bench;
  readonly driver: SqlDriver;
  readonly id: string;
  /** Every snapshot that was written, those included that were thinned out. */
  readonly snapshots: readonly SnapshotRow[];
}

/** Brings a program to a status, and calls `work` with it. */
export function withJournal(ending: Ending, work: (kept: Kept) => Promise<void>): Promise<void> {
  let driver: SqlDriver | null = null;
  return atStore(
    "sqlite",
    async (bench) => {
      const snapshots: SnapshotRow[] = [];
      const process = await bench.process();
      keepSnapshots(process, snapshots);
      process.start(`${TEXT} ${ENDS[ending]}`);
      await bringTo(ending, bench, process, snapshots);
      const { status } = await bench.row(process.id);
      if (status !== (ending satisfies Status)) throw new Error(`it is ${status}, not ${ending}`);
      await work({ bench, driver: driver as SqlDriver, id: process.id, snapshots });
    },
    (own) => {
      driver ??= own;
      return own;
    },
  );
}

function keepSnapshots(process: Process, snapshots: SnapshotRow[]): void {
  process.tap.before = (method, params) => {
    if (method !== "commitTurns") return;
    const [{ position, entries, turn, snapshot }] = (params as CommitBatch).turns;
    if (snapshot) snapshots.push({ position: position + entries.length, turn: turn + 1, ...snapshot });
  };
}

async function bringTo(ending: Ending, bench: Bench, first: Process, snapshots: SnapshotRow[]): Promise<void> {
  const { id } = first;
  (await first.call(0)).answer("first");
  await first.call(2);
  first.calls.attempts[1].answer("second");
  first.calls.attempts[2].answer("third");
  await waiting(bench, id, "sleep");
  await bench.command(id, "pause");
  await first.ended();
  await bench.command(id, "resume");
  const second = await bench.process();
  keepSnapshots(second, snapshots);
  await second.resume(id);
  await second.waiting();
  await bench.clock.advance(100);
  const late = await second.call(0);
  await waiting(bench, id, "foreign");
  await bench.clock.advance(50);
  if (ending !== "done") await takenLate(ending, second, late);
  // While somebody runs it, it could commit amid a test's own changes.
  if (ending === "waiting") await second.running.letGo();
  if (ending === "paused") await bench.command(id, "pause");
  if (ending === "cancelled") await bench.command(id, "cancel");
  await second.ended();
}

/** The answer to the call whose time ran out comes when the program is at its last turn. */
async function takenLate(ending: Ending, process: Process, late: Attempt): Promise<void> {
  const { tap, calls } = process;
  if (ending !== "faulted") await until("it has gone on", () => calls.attempts.length === 2);
  else await until("it has stopped", () => tap.count("commitTurns") === 3);
  late.answer("too late");
  await until("that was taken in", () => process.outcome !== null || tap.count("commitTurns") === 4);
}

async function waiting(bench: Bench, id: string, kind: string): Promise<void> {
  for (let left = 1_000; left > 0; left--) {
    if ((await bench.row(id)).waiting[0]?.kind === kind) return;
  }
  throw new Error(`it never waits for ${kind}`);
}

/** Changes the store in a way of its own, looks, and takes the change back. */
export async function tampered<T>({ driver }: Kept, sql: string, look: () => Promise<T>): Promise<T> {
  await driver.exec("BEGIN");
  try {
    await driver.exec(sql);
    return await look();
  } finally {
    await driver.exec("ROLLBACK");
  }
}

/** What `flowmetal replay ID --verify` says. */
export async function verify({ bench, id }: Kept, ...flags: readonly string[]) {
  const client = new StoreClient({
    store: bench.store,
    image: shippedImage,
    findImage,
    startInterpreter: () => Promise.reject(new Error("a verification runs nothing")),
  });
  const world = surroundings({ client: { replay: (program) => client.replay(program) } });
  const code = await runCommandLine(["replay", id, "--verify", ...flags], world);
  return { code, stdout: world.stdout.text, stderr: world.stderr.text };
}
