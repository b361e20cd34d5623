// Interpreters' leases and programs in SQLite: who owns what, who may take what, and finding programs (E-2, E-12).

import { isOver } from "../../journal/status.ts";
import { checkId, checkName } from "../check.ts";
import { checkNewProgram, checkTexts } from "../changes.ts";
import type { StoreTime } from "../host.ts";
import { idPrefix } from "../ids.ts";
import type { ForkRows, InterpreterRow, NewProgram, NewTexts, ProgramRow } from "../rows.ts";
import type { ClaimResult, IdResult, ProgramFilter } from "../store.ts";
import { interpreterRow, programRow } from "./decode.ts";
import type { SqlCalls, SqlDriver } from "./driver.ts";
import { writeTexts } from "./texts.ts";

const INTERPRETERS = "SELECT * FROM interpreters ORDER BY started, id";
const OVER = "('done', 'cancelled', 'moved')";
/** An interpreter's row is kept so long after its lease, for people to see; then its owner's programs are as unowned anyway. */
const KEPT_MS = 600_000;

const NOW = "max(?1, (SELECT last_time FROM meta))";
const REGISTER = `INSERT INTO interpreters (id, engine, started, expires) VALUES (?2, ?3, ${NOW}, ${NOW} + ?4) RETURNING *`;
const FORGET = `DELETE FROM interpreters WHERE expires < ${NOW} - ${KEPT_MS}`;
const RENEW = `UPDATE interpreters SET expires = ${NOW} + ?3 WHERE id = ?2`;
const RELEASE_ALL = "UPDATE programs SET owner = NULL WHERE owner = ?1";
const RETIRE = "DELETE FROM interpreters WHERE id = ?1";
const CREATE = `
INSERT INTO programs (id, name, status, waiting, labels, parent, priority, queue, image, cut, runnable, position, term, turn, branch,
  crashes, calls, output, shown, created, updated)
VALUES (?2, ?3, 'ready', '[]', ?4, ?5, ?6, ?7, ?8, 0, 1, 1, 0, 0, 0, 0, '[]', 0, 0, ${NOW}, ${NOW})
ON CONFLICT (id) DO NOTHING`;
const START = `INSERT INTO journal (program, position, kind, body, time) VALUES (?2, 0, 'start', ?3, ${NOW})`;
const FORK = "UPDATE programs SET base = 1, snapshot = 1 WHERE id = ?1";
const FORK_SNAPSHOT =
  "INSERT INTO snapshots (program, position, turn, hash, pinned, body) VALUES (?1, 1, 0, ?2, 1, ?3)";
const FORK_ANSWERS = `
INSERT INTO inbox (program, key, kind, rank, body, time) SELECT ?2, j.value ->> 0, 'answer', 1, j.value ->> 1, ${NOW} FROM json_each(?3) AS j`;
const FORK_EFFECTS = `
INSERT INTO effects (key, program, position, queue, kind, topic, capability, payload, delivery, contract, state, attempts, due, owner,
    term, created, updated)
  SELECT j.value ->> 0, ?2, 0, ?3, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value ->> 6, 'pending',
    0, j.value ->> 7, NULL, 0, ${NOW}, ${NOW}
  FROM json_each(?4) AS j`;
const READ = "SELECT * FROM programs WHERE id = ?1";
const LEASES = `
SELECT (SELECT count(*) FROM interpreters WHERE id = ?2) AS mine,
  (SELECT expires FROM interpreters WHERE id = ?3 AND expires > ${NOW}) AS theirs`;
const CLAIM = "UPDATE programs SET owner = ?2, term = term + 1, crashes = crashes + ?3 WHERE id = ?1 RETURNING *";
// What the owner of a program has sent has no sender any more when the program is no longer its own: also where its lease goes on.
const ABANDON = "UPDATE effects SET owner = NULL WHERE program = ?1 AND owner = ?2 AND state = 'sending'";
const RELEASE = "UPDATE programs SET owner = NULL WHERE id = ?1 AND owner = ?2 AND term = ?3";
// Each arm has an index of its own; the outer query asks what they leave open.
const CLAIMABLE = `
SELECT p.* FROM programs AS p LEFT JOIN interpreters AS i ON i.id = p.owner AND i.expires > ${NOW}
WHERE p.id IN (
    SELECT id FROM programs WHERE runnable = 1 AND queue IN (SELECT value FROM json_each(?2))
    UNION SELECT id FROM programs
      WHERE wake IS NOT NULL AND wake <= ${NOW} AND queue IN (SELECT value FROM json_each(?2))
    UNION SELECT program FROM inbox WHERE position IS NULL)
  AND i.id IS NULL AND p.status NOT IN ${OVER} AND p.queue IN (SELECT value FROM json_each(?2))
  AND (p.status <> 'paused'
    OR EXISTS (SELECT 1 FROM inbox WHERE program = p.id AND position IS NULL AND kind = 'command'))
ORDER BY p.priority DESC, p.rowid LIMIT ?3`;
const LIST = `
SELECT * FROM programs
WHERE (?1 IS NULL OR status IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR queue = ?2)
  AND (?3 IS NULL OR parent = ?3) AND (?4 IS NULL OR name = ?4)
  AND NOT EXISTS (SELECT 1 FROM json_each(?5) AS w
    WHERE NOT EXISTS (SELECT 1 FROM json_each(labels) AS l WHERE l.key = w.key AND l.value = w.value))
ORDER BY rowid DESC LIMIT ?6`;
const LAST = "SELECT id FROM programs ORDER BY rowid DESC LIMIT 1";
const BY_PREFIX = "SELECT id FROM programs WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id LIMIT 6";

/** The programs and interpreters of one store. */
export class SqlitePrograms {
  readonly #driver: SqlDriver;
  readonly #time: StoreTime;

  constructor(driver: SqlDriver, time: StoreTime) {
    this.#driver = driver;
    this.#time = time;
  }

  async registerInterpreter(params: { id: string; engine: string; lease: number }): Promise<InterpreterRow> {
    checkId("interpreter", params.id);
    checkName("engine", params.engine);
    return this.#driver.transaction([FORGET, REGISTER], async (tx) => {
      const now = this.#time.now();
      await tx.run(FORGET, [now]);
      const row = interpreterRow((await tx.get(REGISTER, [now, params.id, params.engine, params.lease]))!);
      this.#time.see(row.started);
      return row;
    });
  }

  async listInterpreters(): Promise<readonly InterpreterRow[]> {
    return (await this.#driver.all(INTERPRETERS)).map(interpreterRow);
  }

  async renewLease(params: { interpreter: string; lease: number }): Promise<boolean> {
    return (await this.#driver.run(RENEW, [this.#time.now(), params.interpreter, params.lease])) === 1;
  }

  async retireInterpreter({ interpreter }: { interpreter: string }): Promise<void> {
    await this.#driver.transaction([RELEASE_ALL, RETIRE], async (tx) => {
      await tx.run(RELEASE_ALL, [interpreter]);
      await tx.run(RETIRE, [interpreter]);
    });
  }

  async createProgram(params: {
    program: NewProgram;
    texts?: NewTexts;
  }): Promise<{ readonly created: boolean; readonly row: ProgramRow }> {
    const { program, texts = {} } = params;
    checkNewProgram(program);
    checkTexts(texts);
    return this.#driver.transaction([CREATE, START, READ], async (tx) => {
      const now = this.#time.now();
      const labels = JSON.stringify(program.labels ?? {});
      const { id, name, parent = null, priority = 0, queue, image } = program;
      const created = (await tx.run(CREATE, [now, id, name, labels, parent, priority, queue, image])) === 1;
      if (created) {
        await tx.run(START, [now, id, program.start]);
        if (program.fork !== undefined) await writeFork(tx, now, program, program.fork);
        await writeTexts(tx, now, texts);
      }
      return { created, row: programRow((await tx.get(READ, [id]))!) };
    });
  }

  async claimProgram(params: { program: string; interpreter: string }): Promise<ClaimResult> {
    return this.#driver.transaction([READ, LEASES, CLAIM, ABANDON], async (tx): Promise<ClaimResult> => {
      const found = await tx.get(READ, [params.program]);
      if (found === null) return { outcome: "missing" };
      const row = programRow(found);
      if (isOver(row.status)) return { outcome: "over", status: row.status };
      const leases = (await tx.get(LEASES, [this.#time.now(), params.interpreter, row.owner]))!;
      if (leases.mine === 0) return { outcome: "lease-lost" };
      const foreign = row.owner !== null && row.owner !== params.interpreter;
      if (foreign && leases.theirs !== null) {
        return { outcome: "owned", owner: row.owner, expires: leases.theirs as number };
      }
      const claimed = programRow((await tx.get(CLAIM, [params.program, params.interpreter, foreign ? 1 : 0]))!);
      this.#time.see(claimed.updated);
      if (row.owner !== null) await tx.run(ABANDON, [params.program, row.owner]);
      return { outcome: "claimed", row: claimed, takenOver: foreign };
    });
  }

  async releaseProgram(params: { program: string; interpreter: string; term: number }): Promise<boolean> {
    return this.#driver.transaction([RELEASE, ABANDON], async (tx) => {
      const released = (await tx.run(RELEASE, [params.program, params.interpreter, params.term])) === 1;
      if (released) await tx.run(ABANDON, [params.program, params.interpreter]);
      return released;
    });
  }

  async listClaimable(params: { queues: readonly string[]; limit: number }): Promise<readonly ProgramRow[]> {
    const binds = [this.#time.now(), JSON.stringify(params.queues), params.limit];
    return (await this.#driver.all(CLAIMABLE, binds)).map(programRow);
  }

  async readProgram({ program }: { program: string }): Promise<ProgramRow | null> {
    const row = await this.#driver.get(READ, [program]);
    return row === null ? null : programRow(row);
  }

  async resolveProgramId({ text }: { text: string }): Promise<IdResult> {
    if (text === "@last") {
      const row = await this.#driver.get(LAST);
      return row === null ? { outcome: "missing" } : { outcome: "found", id: row.id as string };
    }
    const prefix = idPrefix(text);
    if (prefix === null) return { outcome: "missing" };
    const ids = (await this.#driver.all(BY_PREFIX, [prefix])).map((row) => row.id as string);
    if (ids.length === 0) return { outcome: "missing" };
    return ids.length === 1 ? { outcome: "found", id: ids[0] } : { outcome: "ambiguous", ids };
  }

  async listPrograms(filter: ProgramFilter): Promise<readonly ProgramRow[]> {
    const statuses = filter.statuses === undefined ? null : JSON.stringify(filter.statuses);
    const { queue = null, parent = null, name = null, labels = {}, limit = -1 } = filter;
    return (await this.#driver.all(LIST, [statuses, queue, parent, name, JSON.stringify(labels), limit])).map(
      programRow,
    );
  }
}

async function writeFork(tx: SqlCalls, now: number, { id, queue }: NewProgram, fork: ForkRows): Promise<void> {
  await tx.run(FORK, [id]);
  await tx.run(FORK_SNAPSHOT, [id, fork.snapshot.hash, fork.snapshot.body]);
  const answers = fork.answers.map(({ key, body }) => [key, body]);
  if (answers.length > 0) await tx.run(FORK_ANSWERS, [now, id, JSON.stringify(answers)]);
  const effects = fork.effects.map(({ key, kind, topic, capability, payload, delivery, contract, due = 0 }) => [
    key,
    kind,
    topic,
    capability,
    payload,
    delivery,
    contract,
    due,
  ]);
  if (effects.length > 0) await tx.run(FORK_EFFECTS, [now, id, queue, JSON.stringify(effects)]);
}
