// Several processes on one database, killed and stopped at any moment: nothing that was committed is lost, and none is in another's way.

import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { seededRandom } from "../../src/base/random.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";
import { Child } from "./processes/spawn.ts";
import { program, turnOf } from "./support.ts";

const host = { clock: systemClock, random: seededRandom(`processes ${systemClock.now()}`) };
const id = (): string => newId(host.clock, host.random);
const schema = newSchema();
let url = "";
let store: Store;

beforeAll(async () => {
  url = withQuery(await postgresUrl(), { schema });
  store = await openPostgresStore({ url, host });
});

afterAll(async () => {
  await store.close();
  await sql(url, `DROP SCHEMA ${schema} CASCADE`);
});

async function newProgram(): Promise<string> {
  const born = id();
  await store.createProgram({ program: program(born) });
  return born;
}

async function expectWhole(born: string, atLeast: number): Promise<number> {
  const row = (await store.readProgram({ program: born }))!;
  expect(row.turn).toBeGreaterThanOrEqual(atLeast);
  const journal = await store.readJournal({ program: born });
  expect(journal.map((entry) => entry.position)).toEqual([...Array(row.position).keys()]);
  const output = (await store.readOutput({ program: born })).map((chunk) => chunk.text);
  expect(output).toEqual([...Array(row.turn).keys()].map((turn) => `${turn};`));
  return row.turn;
}

it("loses nothing that was committed when a process is killed at any moment", async () => {
  const born = await newProgram();
  let known = 0;
  for (let round = 0; round < 3; round++) {
    const child = new Child(["commit", url, born, "100000", "40"]);
    await child.until(() => child.committed >= 3 + round * 7);
    await systemClock.sleep(round * 3);
    child.process.kill("SIGKILL");
    await child.ended;
    expect(child.events[0]).toEqual({ claim: "claimed" });
    const said = child.events.at(-1)!.committed!;
    expect(said).toBeGreaterThan(known);
    // Its last statement may still be running on the server.
    await systemClock.sleep(60);
    known = await expectWhole(born, said);
  }
});

it("lets two processes commit at once, and stops nobody when one is stopped; its late commits are refused", async () => {
  const [a, b] = [await newProgram(), await newProgram()];
  const stopped = new Child(["commit", url, a, "100000", "200"]);
  const other = new Child(["commit", url, b, "200", "5000"]);
  await stopped.until(() => stopped.committed >= 3);
  stopped.process.kill("SIGSTOP");
  await other.ended;
  expect(other.committed).toBe(200);
  await expectWhole(b, 200);
  const interpreter = id();
  await store.registerInterpreter({ id: interpreter, engine: "test", lease: 60_000 });
  let claim = await store.claimProgram({ program: a, interpreter });
  while (claim.outcome === "owned") {
    await systemClock.sleep(20);
    claim = await store.claimProgram({ program: a, interpreter });
  }
  expect(claim).toMatchObject({ outcome: "claimed", takenOver: true, row: { crashes: 1 } });
  if (claim.outcome !== "claimed") return;
  const turn = turnOf(claim.row, { output: [{ branch: 0, number: claim.row.turn, text: `${claim.row.turn};` }] });
  const batch = { id: id(), interpreter, lease: 60_000, turns: [turn] };
  expect((await store.commitTurns(batch)).committed).toEqual([a]);
  stopped.process.kill("SIGCONT");
  await stopped.ended;
  expect(stopped.events.at(-1)).toMatchObject({ lost: claim.row.turn, leaseLost: false });
  expect(await expectWhole(a, claim.row.turn + 1)).toBe(claim.row.turn + 1);
});

it("never commits one turn twice where several claim the same programs", async () => {
  const born = await Promise.all(Array.from({ length: 10 }, newProgram));
  const turns = new Map<string, number>();
  const work = async (): Promise<void> => {
    const mine = await openPostgresStore({ url, host });
    const interpreter = id();
    await mine.registerInterpreter({ id: interpreter, engine: "e", lease: 60_000 });
    for (let i = 0; i < 15; i++) {
      const rows = await Promise.all(born.map((one) => mine.readProgram({ program: one })));
      // All of them, in another order each time, owned or not: what others were faster with is lost, and nothing waits for ever.
      const batch = rows.map((row, k) => [row!, (k * 7 + i * 3) % 10] as const).sort((x, y) => x[1] - y[1]);
      const commits = batch.map(([row]) => turnOf(row, { claim: true, after: { release: true } }));
      const result = await mine.commitTurns({ id: id(), interpreter, lease: 60_000, turns: commits });
      expect(result.refused).toEqual([]);
      for (const one of result.committed) turns.set(one, (turns.get(one) ?? 0) + 1);
    }
    await mine.close();
  };
  await Promise.all([work(), work(), work()]);
  for (const one of born) {
    const row = (await store.readProgram({ program: one }))!;
    expect(row.turn).toBe(turns.get(one));
    expect((await store.readJournal({ program: one })).length).toBe(row.position);
  }
});

it("holds the limit by the text of a label for several that claim at once", async () => {
  const queue = id();
  for (let i = 0; i < 60; i++)
    await store.createProgram({ program: program(id(), { queue, labels: { customer: "abc"[i % 3] } }) });
  const isOwned = ({ owner }: ProgramRow): boolean => owner !== null;
  const done: string[] = [];
  const work = async (): Promise<void> => {
    const mine = await openPostgresStore({ url, host });
    const interpreter = id();
    await mine.registerInterpreter({ id: interpreter, engine: "e", lease: 60_000 });
    const wish = { interpreter, limit: 9, queues: [{ name: queue, limit: 9, per: { label: "customer", limit: 2 } }] };
    while (done.length < 60) {
      const { claimed } = await mine.claimPrograms(wish);
      const rows = (await mine.listPrograms({ queue })).filter(isOwned);
      for (const text of "abc")
        expect(rows.filter(({ labels }) => labels.customer === text).length).toBeLessThanOrEqual(2);
      const turns = claimed.map(({ row }) => turnOf(row, { after: { status: "done" } }));
      if (turns.length === 0) continue;
      const { committed } = await mine.commitTurns({ id: id(), interpreter, lease: 60_000, turns });
      done.push(...committed);
    }
    await mine.close();
  };
  await Promise.all([work(), work(), work(), work()]);
  expect(new Set(done).size).toBe(60);
});

it("gives each program to one of several that claim at once, and all of them to somebody", async () => {
  const claimers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const mine = await openPostgresStore({ url, host });
      const interpreter = id();
      await mine.registerInterpreter({ id: interpreter, engine: "e", lease: 60_000 });
      return { mine, interpreter };
    }),
  );
  // A claim that is just committed when another comes to its rows is met in some rounds only.
  for (let round = 0; round < 8; round++) {
    const queue = id();
    const born = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const one = id();
        await store.createProgram({ program: program(one, { queue }) });
        return one;
      }),
    );
    const taken: string[] = [];
    const work = async ({ mine, interpreter }: (typeof claimers)[number]): Promise<void> => {
      const wish = { interpreter, limit: 7, queues: [{ name: queue, limit: 7 }] };
      for (let none = 0; none < 3; ) {
        const { claimed } = await mine.claimPrograms(wish);
        for (const { row } of claimed) expect(row).toMatchObject({ owner: interpreter, term: 1 });
        taken.push(...claimed.map(({ row }) => row.id));
        none = claimed.length === 0 ? none + 1 : 0;
      }
    };
    await Promise.all(claimers.map(work));
    expect(taken.sort()).toEqual([...born].sort());
  }
  for (const { mine } of claimers) await mine.close();
});
