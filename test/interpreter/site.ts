// A store in a file that processes of the command line serve, and a test looks at.
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { Client } from "../../src/client/client.ts";
import { openClient } from "../../src/client/open.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { inFolder } from "../store/support.ts";

/** A store in a file, looked at by the test and served by processes. */
export class Site {
  constructor(
    readonly file: string,
    readonly store: Store,
    private readonly client: Client,
  ) {}

  async enqueue(text: string, args: readonly string[] = [], change: { queue?: string; priority?: number } = {}) {
    const options = { args, maxSteps: null, queue: "default", priority: 0, labels: {}, ...change };
    return this.client.enqueue({ name: "t.fm", text }, options);
  }

  async row(id: string): Promise<ProgramRow> {
    return (await this.store.readProgram({ program: id }))!;
  }

  rows(): Promise<readonly ProgramRow[]> {
    return this.store.listPrograms({});
  }

  /** Waits until a condition holds for all rows. */
  async all(what: string, holds: (row: ProgramRow) => boolean, ms = 10_000): Promise<void> {
    const deadline = Date.now() + ms;
    for (;;) {
      const others = (await this.rows()).filter((row) => !holds(row));
      if (others.length === 0) return;
      if (Date.now() > deadline) throw new Error(`in vain until ${what}: ${JSON.stringify(others[0])}`);
      await systemClock.sleep(20);
    }
  }
}

export async function atSite(work: (site: Site) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "s.db");
    const client = await openClient(`sqlite:${file}`, { create: true });
    const store = await openSqliteStore({ path: file, host: { clock: systemClock, random: systemRandom } });
    try {
      await work(new Site(file, store, client));
    } finally {
      await store.close();
      await client.close();
    }
  });
}

/** Throws unless the journal has no gap, and each turn once, in order. */
export async function checkJournal(store: Store, id: string): Promise<void> {
  const entries = await store.readJournal({ program: id });
  const gap = entries.findIndex(({ position }, i) => position !== i);
  const turns = entries
    .filter(({ kind }) => kind === "turn")
    .map(({ body }) => (JSON.parse(body) as { turn: number }).turn);
  const wrong = turns.findIndex((turn, i) => turn !== i + 1);
  if (gap >= 0 || wrong >= 0) throw new Error(`the journal of ${id} has a gap at ${gap}, or a wrong turn at ${wrong}`);
}
