// Deliveries, effects and output in SQLite: how the outside reaches programs, once under each key (E-6, E-11, E-21).

import { INBOX_LENGTH_MAX, INBOX_ROWS_MAX } from "../../base/limits.ts";
import { decodeBody, encodeBody } from "../../journal/codec.ts";
import type { EffectState, Outcome } from "../../journal/effect.ts";
import type { CommandBody } from "../../journal/entry.ts";
import type { JsonText } from "../../journal/record.ts";
import { isOver, type Status } from "../../journal/status.ts";
import { checkBody, checkId, checkName } from "../check.ts";
import type { StoreTime } from "../host.ts";
import { unknownKey } from "../keys.ts";
import type { EffectRow, InboxKind, InboxRow } from "../rows.ts";
import type { DeliverResult, EffectClaim, SettleResult } from "../store.ts";
import { effectRow, inboxRow } from "./decode.ts";
import type { SqlCalls, SqlDriver } from "./driver.ts";

const NOW = "max(?1, (SELECT last_time FROM meta))";
const STATUS =
  "SELECT coalesce((SELECT status FROM programs WHERE id = ?1), (SELECT status FROM collected WHERE id = ?1)) AS status";
const EFFECT = "SELECT * FROM effects WHERE key = ?1";
const PUT = `
INSERT INTO inbox (program, key, kind, rank, body, time) VALUES (?2, ?3, ?4, ?5, ?6, ${NOW})
ON CONFLICT (program, key) DO NOTHING RETURNING id`;
const OVER = "('done', 'cancelled', 'moved')";
// A delivery is one statement, like a batch of turns (batch.ts): each call of the driver costs as much as a statement does. What
// became of it stands in a table in memory, since a trigger answers nothing.
const DELIVERY = `
CREATE TEMP TABLE IF NOT EXISTS delivered (one INTEGER PRIMARY KEY, outcome TEXT NOT NULL, status TEXT);
CREATE TEMP VIEW IF NOT EXISTS delivery AS SELECT NULL AS now, NULL AS program, NULL AS key, NULL AS kind, NULL AS rank, NULL AS body,
  NULL AS outcome, NULL AS answer;
CREATE TEMP TRIGGER IF NOT EXISTS delivery_put INSTEAD OF INSERT ON delivery BEGIN
  INSERT OR REPLACE INTO delivered (one, outcome, status)
    SELECT 1, CASE WHEN p.status IS NULL THEN 'missing' WHEN p.status IN ${OVER} THEN 'gone'
      WHEN NEW.outcome IS NOT NULL
        AND EXISTS (SELECT 1 FROM effects WHERE key = NEW.key AND program = NEW.program AND state = 'settled') THEN 'already-settled'
      WHEN EXISTS (SELECT 1 FROM inbox WHERE program = NEW.program AND key = NEW.key) THEN 'duplicate' ELSE 'delivered' END, p.status
    FROM (SELECT coalesce((SELECT status FROM programs WHERE id = NEW.program), (SELECT status FROM collected WHERE id = NEW.program))
      AS status) AS p;
  UPDATE effects SET state = 'settled', outcome = NEW.outcome, body = NEW.answer, owner = NULL,
      updated = max(NEW.now, (SELECT last_time FROM meta))
    WHERE NEW.outcome IS NOT NULL AND key = NEW.key AND program = NEW.program
      AND (SELECT outcome FROM delivered) IN ('delivered', 'duplicate');
  INSERT INTO inbox (program, key, kind, rank, body, time)
    SELECT NEW.program, NEW.key, NEW.kind, NEW.rank, NEW.body, max(NEW.now, (SELECT last_time FROM meta))
    WHERE (SELECT outcome FROM delivered) = 'delivered';
END;`;
const DELIVER = `
INSERT INTO delivery (now, program, key, kind, rank, body, outcome, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
RETURNING (SELECT outcome FROM delivered) AS outcome, (SELECT status FROM delivered) AS status,
  (SELECT i.id FROM inbox AS i WHERE i.program = delivery.program AND i.key = delivery.key) AS id`;
// Rows as long as those before them have less than so many characters.
const INBOX = `
WITH first AS (SELECT id, rank, length(body) AS size FROM inbox WHERE program = ?1 AND position IS NULL ORDER BY rank, id LIMIT ?2),
  summed AS (SELECT id, sum(size) OVER (ORDER BY rank, id) - size AS before FROM first)
SELECT inbox.* FROM summed JOIN inbox ON inbox.id = summed.id WHERE before < ${INBOX_LENGTH_MAX} ORDER BY inbox.rank, inbox.id`;
const SETTLE = `
UPDATE effects SET state = ?3, outcome = ?4, body = ?5, owner = iif(?3 = 'settled', NULL, owner), updated = ${NOW} WHERE key = ?2`;
const FREE =
  "effects.owner IS NULL OR effects.owner NOT IN (SELECT id FROM interpreters WHERE expires > max(?1, (SELECT last_time FROM meta)))";
/** The condition of the index of open effects, which SQLite only recognises as it is written there. */
const OPEN = "state IN ('pending', 'sending')";
const ALLOWED = `
queue IN (SELECT value FROM json_each(?2)) AND capability IN (SELECT value FROM json_each(?3)) AND (?4 IS NULL OR program = ?4)`;
const OUT_OF_LEASE = `
SELECT * FROM effects WHERE ${OPEN} AND state = 'sending' AND delivery = 'at-most-once' AND ${ALLOWED} AND (${FREE}) ORDER BY rowid`;
const CLAIM = `
UPDATE effects SET state = 'sending', owner = ?5, term = term + 1, attempts = attempts + 1, updated = ${NOW}
WHERE key IN (SELECT key FROM effects
  WHERE ${OPEN} AND ${ALLOWED} AND (state = 'pending' AND due <= ${NOW} OR state = 'sending' AND delivery = 'at-least-once' AND (${FREE}))
  ORDER BY due, rowid LIMIT ?6)
RETURNING *`;
const POSTPONE = `
UPDATE effects SET state = 'pending', owner = NULL, due = ?5, updated = ${NOW}
WHERE key = ?2 AND state = 'sending' AND owner = ?3 AND term = ?4`;
const OF_PROGRAM = `
SELECT * FROM effects WHERE program = ?1 AND (?2 IS NULL OR state IN (SELECT value FROM json_each(?2))) ORDER BY rowid`;

interface Delivery {
  readonly program: string;
  readonly key: string;
  readonly kind: InboxKind;
  readonly rank: number;
  readonly body: JsonText;
  /** Of an answer: what settles the effect it is for. */
  readonly answer: { readonly outcome: Outcome; readonly body: JsonText } | null;
}

/** The inbox and the effects of one store. */
export class SqliteDeliveries {
  readonly #driver: SqlDriver;
  readonly #time: StoreTime;
  /** This connection has the view that deliveries are put into. */
  #isReady = false;

  constructor(driver: SqlDriver, time: StoreTime) {
    this.#driver = driver;
    this.#time = time;
  }

  async deliver(params: {
    program: string;
    key: string;
    kind: Exclude<InboxKind, "command">;
    body: JsonText;
    answer?: { readonly outcome: Outcome; readonly body: JsonText };
  }): Promise<DeliverResult> {
    checkName("key", params.key);
    checkBody(params.kind, params.body);
    const answer = params.kind === "answer" ? (params.answer ?? decodeBody("answer", params.body)) : null;
    return this.#deliver({ ...params, rank: 1, answer });
  }

  async putCommand(params: { program: string; command: CommandBody; body?: JsonText }): Promise<DeliverResult> {
    const { program, command, body = encodeBody("command", command) } = params;
    checkName("command", command.id);
    checkName("author", command.author);
    checkBody("command", body);
    // A cancel is delivered before others (E-6).
    const rank = command.command === "cancel" ? 0 : 1;
    return this.#deliver({ program, key: command.id, kind: "command", body, rank, answer: null });
  }

  async #deliver({ program, key, kind, rank, body, answer }: Delivery): Promise<DeliverResult> {
    if (!this.#isReady) await this.#driver.exec(DELIVERY);
    this.#isReady = true;
    const binds = [this.#time.now(), program, key, kind, rank, body, answer?.outcome ?? null, answer?.body ?? null];
    const [row] = await this.#driver.all(DELIVER, binds);
    switch (row.outcome) {
      case "delivered":
        return { outcome: "delivered", id: row.id as number };
      case "gone":
        return { outcome: "gone", status: row.status as Status };
      default:
        return { outcome: row.outcome as "missing" | "duplicate" | "already-settled" };
    }
  }

  async readInbox(params: { program: string; limit?: number }): Promise<readonly InboxRow[]> {
    const limit = Math.min(params.limit ?? INBOX_ROWS_MAX, INBOX_ROWS_MAX);
    return (await this.#driver.all(INBOX, [params.program, limit])).map(inboxRow);
  }

  async claimEffects(claim: EffectClaim): Promise<readonly EffectRow[]> {
    checkId("owner", claim.owner);
    const scope = [JSON.stringify(claim.queues), JSON.stringify(claim.capabilities), claim.program ?? null];
    return this.#driver.transaction([OUT_OF_LEASE, CLAIM], async (tx) => {
      const now = this.#time.now();
      for (const row of await tx.all(OUT_OF_LEASE, [now, ...scope])) await this.#doubt(tx, effectRow(row));
      const rows = await tx.all(CLAIM, [now, ...scope, claim.owner, claim.limit]);
      return rows.map(effectRow).sort((a, b) => a.due - b.due);
    });
  }

  async settleEffect(params: {
    key: string;
    owner: string;
    term: number;
    outcome: Outcome;
    body: JsonText;
    answer?: JsonText;
  }): Promise<SettleResult> {
    const { key, outcome, body, answer = encodeBody("answer", { key, outcome, body }) } = params;
    checkBody("answer", body);
    return this.#driver.transaction([EFFECT, SETTLE, STATUS, PUT], async (tx): Promise<SettleResult> => {
      const found = await tx.get(EFFECT, [key]);
      if (found === null) return { outcome: "missing" };
      const effect = effectRow(found);
      if (effect.state === "settled") return { outcome: "already-settled" };
      if (effect.owner !== params.owner || effect.term !== params.term) return { outcome: "lost" };
      const late = effect.state === "unknown";
      await tx.run(SETTLE, [this.#time.now(), key, late ? "unknown" : "settled", outcome, body]);
      if (late) return { outcome: "kept" };
      await this.#answer(tx, effect.program, key, answer);
      return { outcome: "settled" };
    });
  }

  async postponeEffect(params: { key: string; owner: string; term: number; due: number }): Promise<boolean> {
    const { key, owner, term, due } = params;
    return (await this.#driver.run(POSTPONE, [this.#time.now(), key, owner, term, due])) === 1;
  }

  async readEffect({ key }: { key: string }): Promise<EffectRow | null> {
    const row = await this.#driver.get(EFFECT, [key]);
    return row === null ? null : effectRow(row);
  }

  async listEffects(params: { program: string; states?: readonly EffectState[] }): Promise<readonly EffectRow[]> {
    const states = params.states === undefined ? null : JSON.stringify(params.states);
    return (await this.#driver.all(OF_PROGRAM, [params.program, states])).map(effectRow);
  }

  /** Sent at most once, and its sender is gone: nobody knows, and its program is told so (E-21). */
  async #doubt(tx: SqlCalls, effect: EffectRow): Promise<void> {
    const { key, program } = effect;
    await tx.run(SETTLE, [this.#time.now(), key, "unknown", "unknown", "null"]);
    await this.#answer(tx, program, unknownKey(key), encodeBody("answer", { key, outcome: "unknown", body: "null" }));
  }

  /** Delivers an answer unless the program is over: then nobody waits for it. */
  async #answer(tx: SqlCalls, program: string, key: string, body: JsonText): Promise<void> {
    if ((await this.#gone(tx, program)) === null) await this.#put(tx, { program, key, kind: "answer", body, rank: 1 });
  }

  async #gone(tx: SqlCalls, program: string): Promise<DeliverResult | null> {
    const status = (await tx.get(STATUS, [program]))!.status as Status | null;
    if (status === null) return { outcome: "missing" };
    return isOver(status) ? { outcome: "gone", status } : null;
  }

  async #put(
    tx: SqlCalls,
    row: { program: string; key: string; kind: InboxKind; body: JsonText; rank: number },
  ): Promise<DeliverResult> {
    const put = await tx.get(PUT, [this.#time.now(), row.program, row.key, row.kind, row.rank, row.body]);
    return put === null ? { outcome: "duplicate" } : { outcome: "delivered", id: put.id as number };
  }
}
