// Content-addressed texts in PostgreSQL: units of code, base images, blobs. A row that is there stays; its use is noted once a day (E-19).

import { checkTexts } from "../changes.ts";
import type { NewTexts, UnitRow } from "../rows.ts";
import { textParameters } from "./batch.ts";
import type { PgDriver } from "./driver.ts";
import { plainText } from "./escape.ts";

const DAY = 86_400_000;
const WRITE = "SELECT 1 AS done FROM flowmetal.write_texts_1($1, $2, $3)";
const READ_UNITS = "SELECT hash, code, debug FROM flowmetal.code WHERE hash = ANY ($1)";
const READ_IMAGE = "SELECT body FROM flowmetal.images WHERE hash = $1";
const HAS_IMAGE = `SELECT 1 AS there FROM flowmetal.images WHERE hash = $1 AND used_at >= flowmetal.now_ms() - ${DAY}`;
const READ_BLOB = "SELECT body FROM flowmetal.blobs WHERE hash = $1";

/** The content-addressed texts of one store. */
export class PostgresTexts {
  readonly #driver: PgDriver;

  constructor(driver: PgDriver) {
    this.#driver = driver;
  }

  async writeTexts(texts: NewTexts): Promise<void> {
    checkTexts(texts);
    const parameters = textParameters(texts);
    await this.#driver.write(WRITE, () => parameters);
  }

  async readUnit({ hash }: { hash: string }): Promise<UnitRow | null> {
    return (await this.readUnits({ hashes: [hash] }))[0] ?? null;
  }

  async readUnits({ hashes }: { hashes: readonly string[] }): Promise<readonly UnitRow[]> {
    const rows = await this.#driver.all(READ_UNITS, [hashes]);
    return rows.map((row) => ({ hash: row.hash as string, code: row.code as string, debug: row.debug as string }));
  }

  readImage({ hash }: { hash: string }): Promise<string | null> {
    return this.#body(READ_IMAGE, hash);
  }

  async hasImage({ hash }: { hash: string }): Promise<boolean> {
    return (await this.#driver.all(HAS_IMAGE, [hash])).length > 0;
  }

  readBlob({ hash }: { hash: string }): Promise<string | null> {
    return this.#body(READ_BLOB, hash);
  }

  async #body(sql: string, hash: string): Promise<string | null> {
    const [row] = await this.#driver.all(sql, [hash]);
    return row === undefined ? null : plainText(row.body as string);
  }
}
