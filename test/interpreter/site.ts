// A store in a file that processes of the command line serve, and a test looks at.
import { join } from "node:path";
import { expect } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import type { Client } from "../../src/client/client.ts";
import { openClient } from "../../src/client/open.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type CliProcess, startFlowmetal, until } from "../support/cli.ts";
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

  /** A process that serves, once it does. `command`: `interpreter` unless it is `serve`. */
  async serving(...words: string[]): Promise<CliProcess> {
    const [command, ...options] = words[0] === "serve" ? words : ["interpreter", ...words];
    const process = startFlowmetal([command, "--store", this.file, "--json", ...options]);
    await until("it serves", () => process.stderr().includes('"serving"'));
    return process;
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

/** No gap in the journal, each turn once, in order. */
export async function checkJournal(store: Store, id: string): Promise<number> {
  const entries = await store.readJournal({ program: id });
  expect(entries.map(({ position }) => position)).toEqual(entries.map((_, i) => i));
  const turns = entries
    .filter(({ kind }) => kind === "turn")
    .map(({ body }) => (JSON.parse(body) as { turn: number }).turn);
  expect(turns).toEqual(turns.map((_, i) => i + 1));
  return turns.length;
}
