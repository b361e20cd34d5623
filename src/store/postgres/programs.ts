// Interpreters' leases and programs in PostgreSQL: who owns what, who may take what, and finding programs (E-2, E-12).

import type { Status } from "../../journal/status.ts";
import { checkId, checkName } from "../check.ts";
import { checkNewProgram, checkTexts } from "../changes.ts";
import type { StoreTime } from "../host.ts";
import { idPrefix } from "../ids.ts";
import type { InterpreterRow, NewProgram, NewTexts, ProgramRow } from "../rows.ts";
import { interpreterRow, programRow } from "../sqlite/decode.ts";
import type { ClaimResult, IdResult, ProgramFilter } from "../store.ts";
import { forkParameters, textParameters } from "./batch.ts";
import type { PgDriver } from "./driver.ts";

const INTERPRETERS = "SELECT * FROM flowmetal.interpreters ORDER BY started, id";
const OVER = "('done', 'cancelled', 'moved')";
const REGISTER = "SELECT * FROM flowmetal.register_1($1, $2, $3, $4)";
const RENEW = "UPDATE flowmetal.interpreters SET expires = flowmetal.now_ms() + $2 WHERE id = $1 RETURNING id";
const RETIRE = "SELECT 1 AS done FROM flowmetal.retire_1($1)";
const CREATE = `
SELECT c.created AS was_created, (c.program).* FROM flowmetal.create_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
  $14, $15, $16, $17) AS c`;
const CLAIM = "SELECT c.outcome, c.taken_over, c.lease_expires, (c.program).* FROM flowmetal.claim_1($1, $2) AS c";
const RELEASE = "SELECT flowmetal.release_1($1, $2, $3, $4) AS released";
const READ = "SELECT * FROM flowmetal.programs WHERE id = $1";
// Each arm has an index of its own; the outer query asks what they leave open.
const CLAIMABLE = `
SELECT p.* FROM flowmetal.programs AS p CROSS JOIN (SELECT flowmetal.now_ms() AS ms) AS now
  LEFT JOIN flowmetal.interpreters AS i ON i.id = p.owner AND i.expires > now.ms
WHERE p.id IN (
    SELECT id FROM flowmetal.programs WHERE runnable = 1 AND queue = ANY ($1)
    UNION SELECT id FROM flowmetal.programs WHERE wake IS NOT NULL AND wake <= flowmetal.now_ms() AND queue = ANY ($1)
    UNION SELECT program FROM flowmetal.inbox WHERE position IS NULL)
  AND i.id IS NULL AND p.status NOT IN ${OVER} AND p.queue = ANY ($1)
  AND (p.status <> 'paused'
    OR EXISTS (SELECT 1 FROM flowmetal.inbox WHERE program = p.id AND position IS NULL AND kind = 'command'))
ORDER BY p.priority DESC, p.n LIMIT $2`;
const LIST = `
SELECT * FROM flowmetal.programs
WHERE ($1::text[] IS NULL OR status = ANY ($1)) AND ($2::text IS NULL OR queue = $2)
  AND ($3::text IS NULL OR parent = $3) AND ($4::text IS NULL OR name = $4)
  AND NOT EXISTS (SELECT 1 FROM json_each_text($5::json) AS w
    WHERE NOT EXISTS (SELECT 1 FROM json_each_text(labels::json) AS l WHERE l.key = w.key AND l.value = w.value))
ORDER BY n DESC LIMIT $6`;
const LAST = "SELECT id FROM flowmetal.programs ORDER BY n DESC LIMIT 1";
const BY_PREFIX = "SELECT id FROM flowmetal.programs WHERE id >= $1 AND id < $1 || '~' ORDER BY id LIMIT 6";

/** The programs and interpreters of one store. */
export class PostgresPrograms {
  readonly #driver: PgDriver;
  readonly #time: StoreTime;

  constructor(driver: PgDriver, time: StoreTime) {
    this.#driver = driver;
    this.#time = time;
  }

  async registerInterpreter(params: { id: string; engine: string; lease: number }): Promise<InterpreterRow> {
    const { id, engine, lease } = params;
    checkId("interpreter", id);
    checkName("engine", engine);
    const [row] = await this.#driver.write(REGISTER, (again) => [id, engine, lease, again]);
    if (row === undefined) throw new Error(`the interpreter ${id} exists already`);
    this.#time.see(row.started as number);
    return interpreterRow(row);
  }

  async listInterpreters(): Promise<readonly InterpreterRow[]> {
    return (await this.#driver.all(INTERPRETERS)).map(interpreterRow);
  }

  async renewLease({ interpreter, lease }: { interpreter: string; lease: number }): Promise<boolean> {
    return (await this.#driver.write(RENEW, () => [interpreter, lease])).length === 1;
  }

  async retireInterpreter({ interpreter }: { interpreter: string }): Promise<void> {
    await this.#driver.write(RETIRE, () => [interpreter]);
  }

  async createProgram(params: {
    program: NewProgram;
    texts?: NewTexts;
  }): Promise<{ readonly created: boolean; readonly row: ProgramRow }> {
    const { program, texts = {} } = params;
    checkNewProgram(program);
    checkTexts(texts);
    const { id, name, parent = null, priority = 0, queue, image, start } = program;
    const labels = JSON.stringify(program.labels ?? {});
    const values = [id, name, labels, parent, priority, queue, image, start, this.#time.seen];
    const rows = [...textParameters(texts), ...forkParameters(program)];
    const [row] = await this.#driver.write(CREATE, (again) => [...values, again, ...rows]);
    return { created: row.was_created === 1, row: programRow(row) };
  }

  async claimProgram(params: { program: string; interpreter: string }): Promise<ClaimResult> {
    const [row] = await this.#driver.write(CLAIM, () => [params.program, params.interpreter]);
    switch (row.outcome) {
      case "claimed": {
        const claimed = programRow(row);
        this.#time.see(claimed.updated);
        return { outcome: "claimed", row: claimed, takenOver: row.taken_over === 1 };
      }
      case "owned":
        return { outcome: "owned", owner: row.owner as string, expires: row.lease_expires as number };
      case "over":
        return { outcome: "over", status: row.status as Status };
      default:
        return { outcome: row.outcome as "missing" | "lease-lost" };
    }
  }

  async releaseProgram(params: { program: string; interpreter: string; term: number }): Promise<boolean> {
    const { program, interpreter, term } = params;
    const [row] = await this.#driver.write(RELEASE, (again) => [program, interpreter, term, again]);
    return row.released === 1;
  }

  async listClaimable(params: { queues: readonly string[]; limit: number }): Promise<readonly ProgramRow[]> {
    return (await this.#driver.all(CLAIMABLE, [params.queues, params.limit])).map(programRow);
  }

  async readProgram({ program }: { program: string }): Promise<ProgramRow | null> {
    const [row] = await this.#driver.all(READ, [program]);
    return row === undefined ? null : programRow(row);
  }

  async resolveProgramId({ text }: { text: string }): Promise<IdResult> {
    if (text === "@last") {
      const [row] = await this.#driver.all(LAST);
      return row === undefined ? { outcome: "missing" } : { outcome: "found", id: row.id as string };
    }
    const prefix = idPrefix(text);
    if (prefix === null) return { outcome: "missing" };
    const ids = (await this.#driver.all(BY_PREFIX, [prefix])).map((row) => row.id as string);
    if (ids.length === 0) return { outcome: "missing" };
    return ids.length === 1 ? { outcome: "found", id: ids[0] } : { outcome: "ambiguous", ids };
  }

  async listPrograms(filter: ProgramFilter): Promise<readonly ProgramRow[]> {
    const { statuses = null, queue = null, parent = null, name = null, labels = {}, limit = null } = filter;
    // No name or label holds a NUL, which PostgreSQL would refuse to look for.
    const wanted = [queue, parent, name, ...Object.entries(labels).flat()];
    if (wanted.some((text) => text?.includes("\0"))) return [];
    const rows = await this.#driver.all(LIST, [statuses, queue, parent, name, JSON.stringify(labels), limit]);
    return rows.map(programRow);
  }
}
