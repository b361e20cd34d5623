// Deliveries, effects and output in PostgreSQL: how the outside reaches programs, once under each key (E-6, E-11, E-21).

import { INBOX_LENGTH_MAX, INBOX_ROWS_MAX } from "../../base/limits.ts";
import { decodeBody, encodeBody } from "../../journal/codec.ts";
import type { EffectState, Outcome } from "../../journal/effect.ts";
import type { CommandBody } from "../../journal/entry.ts";
import type { JsonText } from "../../journal/record.ts";
import type { Status } from "../../journal/status.ts";
import { newId } from "../../base/ids.ts";
import { checkBody, checkId, checkName } from "../check.ts";
import type { StoreHost, StoreTime } from "../host.ts";
import { unknownKey } from "../keys.ts";
import type { EffectRow, InboxKind, InboxRow } from "../rows.ts";
import { effectRow, inboxRow } from "../sqlite/decode.ts";
import type { DeliverResult, EffectClaim, SettleResult } from "../store.ts";
import type { PgDriver, SqlRow } from "./driver.ts";

const DELIVER = "SELECT outcome, id, status FROM flowmetal.deliver_1($1, $2, $3, $4, $5, $6, $7, $8, $9)";
// Rows as long as those before them have less than so many characters.
const INBOX = `
WITH first AS (SELECT id, rank, octet_length(body) AS size FROM flowmetal.inbox WHERE program = $1 AND position IS NULL
    ORDER BY rank, id LIMIT $2),
  summed AS (SELECT id, sum(size) OVER (ORDER BY rank, id) - size AS before FROM first)
SELECT i.* FROM summed JOIN flowmetal.inbox AS i ON i.id = summed.id WHERE before < ${INBOX_LENGTH_MAX} ORDER BY i.rank, i.id`;
const CLAIM = "SELECT * FROM flowmetal.claim_effects_1($1, $2, $3, $4, $5, $6, $7, $8)";
const DOUBT = "SELECT 1 AS done FROM flowmetal.doubt_2($1, $2)";
const SETTLE = "SELECT flowmetal.settle_1($1, $2, $3, $4, $5, $6, $7, $8) AS outcome";
const POSTPONE = "SELECT flowmetal.postpone_1($1, $2, $3, $4, $5, $6) AS postponed";
const EFFECT = "SELECT * FROM flowmetal.effects WHERE key = $1";
const OF_PROGRAM = `
SELECT * FROM flowmetal.effects WHERE program = $1 AND ($2::text[] IS NULL OR state = ANY ($2)) ORDER BY n`;

interface Delivery {
  readonly program: string;
  readonly key: string;
  readonly kind: InboxKind;
  readonly body: JsonText;
  readonly rank: number;
  /** Of an answer: what settles the effect it is for. */
  readonly answer: { readonly outcome: Outcome; readonly body: JsonText } | null;
}

/** The inbox and the effects of one store. */
export class PostgresDeliveries {
  readonly #driver: PgDriver;
  readonly #host: StoreHost;
  readonly #time: StoreTime;

  constructor(driver: PgDriver, host: StoreHost, time: StoreTime) {
    this.#driver = driver;
    this.#host = host;
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

  async #deliver({ program, key, kind, body, rank, answer }: Delivery): Promise<DeliverResult> {
    const values = [program, key, kind, rank, body, answer?.outcome ?? null, answer?.body ?? null, this.#time.seen];
    const [row] = await this.#driver.write(DELIVER, (again) => [...values, again]);
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
    const id = newId(this.#host.clock, this.#host.random);
    const values = [
      id,
      claim.owner,
      claim.limit,
      claim.queues,
      claim.capabilities,
      claim.program ?? null,
      this.#time.seen,
    ];
    const rows = await this.#driver.write(CLAIM, (again) => [...values, again]);
    const mine = rows.filter((row) => row.claim_id === id);
    const doubtful = rows.filter((row) => row.claim_id !== id);
    if (doubtful.length > 0) await this.#doubt(doubtful);
    return mine
      .sort((a, b) => (a.due as number) - (b.due as number) || (a.n as number) - (b.n as number))
      .map(effectRow);
  }

  /** Sent at most once, and their senders are gone: nobody knows, and their programs are told so (E-21). */
  async #doubt(effects: readonly SqlRow[]): Promise<void> {
    const rows = effects.map((row) => {
      const key = row.key as string;
      return { key, told: unknownKey(key), answer: encodeBody("answer", { key, outcome: "unknown", body: "null" }) };
    });
    await this.#driver.write(DOUBT, () => [JSON.stringify(rows), this.#time.seen]);
  }

  async settleEffect(params: {
    key: string;
    owner: string;
    term: number;
    outcome: Outcome;
    body: JsonText;
    answer?: JsonText;
  }): Promise<SettleResult> {
    const { key, owner, term, outcome, body, answer = encodeBody("answer", { key, outcome, body }) } = params;
    checkBody("answer", body);
    const values = [key, owner, term, outcome, body, answer, this.#time.seen];
    const [row] = await this.#driver.write(SETTLE, (again) => [...values, again]);
    return { outcome: row.outcome as SettleResult["outcome"] };
  }

  async postponeEffect(params: { key: string; owner: string; term: number; due: number }): Promise<boolean> {
    const { key, owner, term, due } = params;
    const [row] = await this.#driver.write(POSTPONE, (again) => [key, owner, term, due, this.#time.seen, again]);
    return row.postponed === 1;
  }

  async readEffect({ key }: { key: string }): Promise<EffectRow | null> {
    const [row] = await this.#driver.all(EFFECT, [key]);
    return row === undefined ? null : effectRow(row);
  }

  async listEffects(params: { program: string; states?: readonly EffectState[] }): Promise<readonly EffectRow[]> {
    return (await this.#driver.all(OF_PROGRAM, [params.program, params.states ?? null])).map(effectRow);
  }
}
