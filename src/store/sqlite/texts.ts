// Content-addressed texts in SQLite: units of code, base images, blobs. A row that is there stays; its use is noted once a day (E-19).

import { checkTexts } from "../changes.ts";
import type { StoreTime } from "../host.ts";
import type { NewTexts, UnitRow } from "../rows.ts";
import type { SqlCalls, SqlDriver } from "./driver.ts";

const DAY = 86_400_000;
const AGAIN = `ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at WHERE used_at < excluded.used_at - ${DAY}`;
const WRITE_UNITS = `
INSERT INTO code (hash, code, debug, used_at)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, ?1 FROM json_each(?2) AS j WHERE true ${AGAIN}`;
const write = (table: string): string => `
INSERT INTO ${table} (hash, body, used_at) SELECT j.value ->> 0, j.value ->> 1, ?1 FROM json_each(?2) AS j WHERE true ${AGAIN}`;
const WRITE_IMAGES = write("images");
const WRITE_BLOBS = write("blobs");
const READ_UNITS = "SELECT hash, code, debug FROM code WHERE hash IN (SELECT value FROM json_each(?1))";
const READ_IMAGE = "SELECT body FROM images WHERE hash = ?1";
const HAS_IMAGE = `SELECT 1 AS there FROM images WHERE hash = ?1 AND used_at >= ?2 - ${DAY}`;
const READ_BLOB = "SELECT body FROM blobs WHERE hash = ?1";

/** Writes texts inside a transaction. */
export async function writeTexts(tx: SqlCalls, now: number, texts: NewTexts): Promise<void> {
  const { units = [], images = [], blobs = [] } = texts;
  if (units.length > 0) {
    await tx.run(WRITE_UNITS, [now, JSON.stringify(units.map(({ hash, code, debug }) => [hash, code, debug]))]);
  }
  if (images.length > 0)
    await tx.run(WRITE_IMAGES, [now, JSON.stringify(images.map(({ hash, body }) => [hash, body]))]);
  if (blobs.length > 0) await tx.run(WRITE_BLOBS, [now, JSON.stringify(blobs.map(({ hash, body }) => [hash, body]))]);
}

/** The content-addressed texts of one store. */
export class SqliteTexts {
  readonly #driver: SqlDriver;
  readonly #time: StoreTime;

  constructor(driver: SqlDriver, time: StoreTime) {
    this.#driver = driver;
    this.#time = time;
  }

  async writeTexts(texts: NewTexts): Promise<void> {
    checkTexts(texts);
    await this.#driver.transaction([], (tx) => writeTexts(tx, this.#time.now(), texts));
  }

  async readUnit({ hash }: { hash: string }): Promise<UnitRow | null> {
    return (await this.readUnits({ hashes: [hash] }))[0] ?? null;
  }

  async readUnits({ hashes }: { hashes: readonly string[] }): Promise<readonly UnitRow[]> {
    const rows = await this.#driver.all(READ_UNITS, [JSON.stringify(hashes)]);
    return rows.map((row) => ({ hash: row.hash as string, code: row.code as string, debug: row.debug as string }));
  }

  async readImage({ hash }: { hash: string }): Promise<string | null> {
    return ((await this.#driver.get(READ_IMAGE, [hash]))?.body as string | undefined) ?? null;
  }

  async hasImage({ hash }: { hash: string }): Promise<boolean> {
    return (await this.#driver.get(HAS_IMAGE, [hash, this.#time.now()])) !== null;
  }

  async readBlob({ hash }: { hash: string }): Promise<string | null> {
    return ((await this.#driver.get(READ_BLOB, [hash]))?.body as string | undefined) ?? null;
  }
}
