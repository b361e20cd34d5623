// What the model takes for claimable is what the stores take for it: all combinations of what a row, its inbox and its owner can say.
import { expect, test } from "vitest";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { openTestPostgres } from "../store/postgres-support.ts";
import { Bench, inFolder, LEASE, TestHost } from "../store/support.ts";
import { isClaimable } from "./protocol.ts";

const OWNERS = ["nobody", "alive", "expired"] as const;
const WAKES = ["never", "later", "due"] as const;
const INBOXES = ["none", "message", "command", "consumed"] as const;
const STATUSES = ["waiting", "paused", "faulted", "done"] as const;

interface Case {
  readonly ran: boolean;
  readonly cut: boolean;
  readonly calls: boolean;
  readonly wake: (typeof WAKES)[number];
  readonly status: (typeof STATUSES)[number];
  readonly inbox: (typeof INBOXES)[number];
  readonly owner: (typeof OWNERS)[number];
}

function allCases(): Case[] {
  const cases: Case[] = [];
  for (const owner of OWNERS)
    for (const inbox of INBOXES) {
      if (inbox !== "consumed")
        cases.push({ ran: false, cut: false, calls: false, wake: "never", status: "waiting", inbox, owner });
      for (const cut of [false, true])
        for (const calls of [false, true])
          for (const wake of WAKES)
            for (const status of STATUSES) cases.push({ ran: true, cut, calls, wake, status, inbox, owner });
    }
  return cases;
}

/** What the model says of it. While a person has paused it only commands count, which the model does not know of (E-2). */
function expected({ ran, cut, calls, wake, status, inbox, owner }: Case): boolean {
  const open = inbox === "message" || inbox === "command" ? 1 : 0;
  if (status === "paused" && inbox !== "command") return false;
  const times = { never: 0, later: 1, due: 2 } as const;
  return isClaimable({ ran, cut, calls, wake: times[wake], over: status === "done", open }, owner === "alive");
}

const WAKE = 10_000;

/** Programs that are as the cases say, each in a queue of its own. */
class Cases {
  private readonly owners: Readonly<Record<"alive" | "expired", string>>;

  constructor(
    private readonly bench: Bench,
    private readonly host: TestHost,
  ) {
    this.owners = { alive: host.newId(), expired: host.newId() };
  }

  async begin(): Promise<void> {
    const { store } = this.bench;
    await store.registerInterpreter({ id: this.owners.alive, engine: "e", lease: 1_000_000 });
    await store.registerInterpreter({ id: this.owners.expired, engine: "e", lease: LEASE });
  }

  async make(one: Case, queue: string): Promise<void> {
    const { bench, owners } = this;
    bench.interpreter = owners[one.owner === "expired" ? "expired" : "alive"];
    const row = await bench.owned({ queue });
    if (one.inbox === "command") await bench.command(row, "resume");
    else if (one.inbox !== "none") await bench.answer(row, `key-${queue}`);
    if (one.ran) await this.run(row, one);
    else if (one.owner === "nobody") {
      await bench.store.releaseProgram({ program: row.id, interpreter: owners.alive, term: row.term });
    }
  }

  private async run(row: ProgramRow, { cut, calls, wake, status, inbox, owner }: Case): Promise<void> {
    const { bench, host } = this;
    const [open] = inbox === "consumed" ? await bench.store.readInbox({ program: row.id }) : [];
    const entries = open === undefined ? {} : { consumed: [{ id: open.id, position: row.position }] };
    const now = host.clock.time;
    await bench.step(row, {
      ...entries,
      after: {
        status,
        cut,
        calls: calls ? [{ key: `call-${row.id}`, topic: "t", position: 1 }] : [],
        wake: { never: null, later: now + 2 * WAKE, due: now + WAKE }[wake],
        release: owner === "nobody",
      },
    });
  }
}

async function compare(store: Store, host: TestHost, oneOf = 1): Promise<void> {
  const bench = new Bench(store, host);
  const cases = allCases().filter((_, n) => n % oneOf === 0);
  const made = new Cases(bench, host);
  await made.begin();
  for (const [n, one] of cases.entries()) await made.make(one, `q${n}`);
  host.clock.time += WAKE;
  const claimer = host.newId();
  await store.registerInterpreter({ id: claimer, engine: "e", lease: LEASE });
  const said = [];
  for (const [n, one] of cases.entries()) {
    const queues = [`q${n}`];
    const listed = (await store.listClaimable({ queues, limit: 9 })).length;
    const work = await store.readWork({ interpreter: claimer, queues, capabilities: [] });
    const wish = { interpreter: claimer, queues: [{ name: queues[0], limit: 9 }], limit: 9 };
    const { claimed } = await store.claimPrograms(wish);
    const takenOver = claimed.some((claim) => claim.takenOver);
    said.push({ one, listed: listed === 1, seen: work.claimable, claimed: claimed.length === 1, takenOver });
  }
  const wanted = cases.map((one) => {
    const is = expected(one);
    return { one, listed: is, seen: is, claimed: is, takenOver: is && one.owner === "expired" };
  });
  expect(said).toEqual(wanted);
  expect(wanted.filter(({ claimed }) => claimed).length).toBeGreaterThan(100 / oneOf);
}

test("in memory", async () => {
  const host = new TestHost("claimable");
  await compare(openMemoryStore(host), host);
});

test("in a file", () =>
  inFolder(async (folder) => {
    const host = new TestHost("claimable");
    const store = await openSqliteStore({ path: `${folder}/s.db`, host, synchronous: "NORMAL" });
    await compare(store, host, 3).finally(() => store.close());
  }));

// The tests of the store compare what it answers with what the memory store does; here some are enough.
test("at a server", async () => {
  const host = new TestHost("claimable");
  const { store, remove } = await openTestPostgres(host);
  await compare(store, host, 7).finally(remove);
});
