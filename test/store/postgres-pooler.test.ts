// Behind a pooler, which gives each transaction another connection of the server, the store holds the contract as well (E-18).
import { afterAll, beforeAll, expect, it } from "vitest";
import { Pooler } from "../support/postgres/pooler.ts";
import { postgresUrl } from "../support/postgres/shared.ts";
import { openTestPostgres } from "./postgres-support.ts";
import { describeStore } from "./store-contract.ts";
import { Bench, TestHost } from "./support.ts";

let pooler: Pooler;
let via = "";

beforeAll(async () => {
  pooler = await Pooler.start(await postgresUrl());
  via = pooler.through(await postgresUrl());
});

afterAll(() => pooler.stop());

describeStore({ name: "PostgreSQL behind a pooler", schema: 6, open: (host) => openTestPostgres(host, { via }) });

it("hears of other processes by asking, as nothing is said to it", async () => {
  const host = new TestHost();
  const { store, remove } = await openTestPostgres(host, { via });
  const bench = new Bench(store, host);
  await bench.register();
  const row = await bench.owned();
  await host.clock.sleep(20);
  let calls = 0;
  const stop = await store.watch(() => calls++);
  await host.clock.sleep(100);
  expect(calls).toBe(0);
  const other = await openTestPostgres(new TestHost("other"), { beside: store.url });
  await other.store.deliver({ program: row.id, key: "k", kind: "message", body: "1" });
  for (let i = 0; i < 100 && calls === 0; i++) await host.clock.sleep(10);
  expect(calls).toBeGreaterThan(0);
  await stop();
  await other.store.close();
  await remove();
});

it("has kept no state in a session", () => {
  expect(pooler.violations).toEqual([]);
  expect(pooler.transactions).toBeGreaterThan(1000);
});
