// A fresh PostgreSQL store for a test: a schema of its own in the shared server, its clock that of the test.

import { afterAll } from "vitest";
import type { PgDriver } from "../../src/store/postgres/driver.ts";
import { openPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/store/store.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";
import type { TestHost } from "./support.ts";

export interface OpenedPostgres {
  readonly store: Store;
  readonly url: string;
  readonly remove: () => Promise<void>;
}

/** Schemas whose tables are empty again: making all tables anew takes longer than most tests. */
const free: string[] = [];
const made: string[] = [];

/** Lets `now_ms` say what a table says. */
const TEST_CLOCK = (schema: string): string => `
CREATE TABLE ${schema}.test_clock (ms bigint NOT NULL);
INSERT INTO ${schema}.test_clock VALUES (0);
CREATE OR REPLACE FUNCTION ${schema}.now_ms() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT ms FROM ${schema}.test_clock'`;

const TABLES =
  "interpreters programs journal snapshots chunks inbox effects output code images blobs callbacks schedules collected";

/** Deleting a few rows is much faster than TRUNCATE, which makes all files anew. */
const EMPTY = [
  "UPDATE flowmetal.meta SET seal = NULL, min_reader = 1, min_writer = 1",
  ...TABLES.split(" ").map((table) => `DELETE FROM flowmetal.${table}`),
  "ALTER TABLE flowmetal.programs ALTER n RESTART",
  "ALTER TABLE flowmetal.effects ALTER n RESTART",
  "ALTER TABLE flowmetal.inbox ALTER id RESTART",
].join("; ");

afterAll(async () => {
  if (made.length === 0) return;
  await sql(await postgresUrl(), ...made.splice(0).map((schema) => `DROP SCHEMA ${schema} CASCADE`));
  free.length = 0;
});

/** `via`: the URL of a pooler in front of the server. `beside`: what a store that is open calls itself, to be opened once more. */
export async function openTestPostgres(
  host: TestHost,
  { via, beside, patience = 10_000 }: { via?: string; beside?: string; patience?: number } = {},
): Promise<OpenedPostgres> {
  const direct = await postgresUrl();
  const again = beside === undefined ? free.pop() : new URL(beside).searchParams.get("schema")!;
  const schema = again ?? newSchema();
  const url = withQuery(via ?? direct, { schema });
  const clock = new ClockOfTest(host);
  const store = await openPostgresStore({ url, host, patience, wrapDriver: clock.wrap });
  if (again === undefined) {
    made.push(schema);
    await sql(direct, TEST_CLOCK(schema));
  }
  clock.on = true;
  const remove = async (): Promise<void> => {
    await clock.driver?.transaction((tx) => tx.all(EMPTY));
    await store.close();
    free.push(schema);
  };
  return { store, url, remove };
}

/** Tells the server what time it is in the test, before each statement behind which time has moved. */
class ClockOfTest {
  on = false;
  driver: PgDriver | null = null;
  #told = Number.NaN;
  readonly #host: TestHost;

  constructor(host: TestHost) {
    this.#host = host;
  }

  wrap = (driver: PgDriver): PgDriver => {
    this.driver = driver;
    const tell = async (): Promise<void> => {
      const { time } = this.#host.clock;
      if (!this.on || time === this.#told) return;
      this.#told = time;
      await driver.all("UPDATE flowmetal.test_clock SET ms = $1", [time]);
    };
    return {
      all: (sql, params) => tell().then(() => driver.all(sql, params)),
      write: (sql, params) => tell().then(() => driver.write(sql, params)),
      transaction: (work) => tell().then(() => driver.transaction(work)),
      close: () => driver.close(),
    };
  };
}
