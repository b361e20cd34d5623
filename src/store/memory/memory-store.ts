// The memory store: the same promises as the file, except durability. It is the oracle the others are compared with.

import { INBOX_LENGTH_MAX, INBOX_ROWS_MAX } from "../../base/limits.ts";
import { newId } from "../../base/ids.ts";
import { decodeBody, encodeBody } from "../../journal/codec.ts";
import type { EffectState } from "../../journal/effect.ts";
import { isOver, type Status } from "../../journal/status.ts";
import { checkNewProgram, checkTexts, partition, planBatch } from "../changes.ts";
import { checkBody, checkId, checkName } from "../check.ts";
import { commitRefused } from "../errors.ts";
import { type StoreHost, StoreTime } from "../host.ts";
import { idPrefix } from "../ids.ts";
import { inTurns } from "../in-turns.ts";
import { unknownKey } from "../keys.ts";
import { unreachable } from "../reachable.ts";
import type { CollectedTexts, EffectRow, InboxKind, ProgramRow, StoreMeta } from "../rows.ts";
import { withinLimits } from "../per-label.ts";
import {
  type ClaimQueue,
  FIGURES_DEPTH_MAX,
  type CommitBatch,
  type CommitResult,
  type DeliverResult,
  type IdResult,
  type ProgramFilter,
  type Store,
  SUSPECT_CRASHES,
  type WatchCallback,
} from "../store.ts";
import { readBodies, replaceBodies } from "./bodies.ts";
import { commitChange, newProgramTables, writeFork } from "./commit.ts";
import { importProgram, moveProgram, readRows } from "./moving.ts";
import { openInbox, type ProgramTables, Tables, type Writable } from "./tables.ts";

/** A store that ends with the process. */
export function openMemoryStore(host: StoreHost): Store {
  return new MemoryStore(host);
}

const KEPT_MS = 600_000;

class MemoryStore implements Store {
  readonly url = "memory:";
  readonly #host: StoreHost;
  readonly #tables = new Tables();
  readonly #time: StoreTime;
  readonly #meta: StoreMeta;
  readonly #watchers = new Set<WatchCallback>();
  #seal: string | null = null;

  constructor(host: StoreHost) {
    this.#host = host;
    this.#time = new StoreTime(host.clock);
    this.#meta = { schema: 8, minReader: 1, minWriter: 1, incarnation: 1, clusterId: newId(host.clock, host.random) };
  }

  async close(): Promise<void> {
    this.#watchers.clear();
  }

  readMeta: Store["readMeta"] = async () => this.#meta;
  readTime: Store["readTime"] = async () => this.#time.now();

  registerInterpreter: Store["registerInterpreter"] = async ({ id, engine, lease }) => {
    checkId("interpreter", id);
    checkName("engine", engine);
    const now = this.#time.now();
    const { interpreters } = this.#tables;
    for (const [old, row] of interpreters) if (row.expires < now - KEPT_MS) interpreters.delete(old);
    if (interpreters.has(id)) throw new Error(`the interpreter ${id} exists already`);
    const row = { id, engine, started: now, expires: now + lease };
    interpreters.set(id, row);
    this.#changed();
    return { ...row };
  };

  listInterpreters: Store["listInterpreters"] = async () =>
    [...this.#tables.interpreters.values()]
      .sort((a, b) => a.started - b.started || (a.id < b.id ? -1 : 1))
      .map((row) => ({ ...row }));

  renewLease: Store["renewLease"] = async ({ interpreter, lease }) => {
    const row = this.#tables.interpreters.get(interpreter);
    if (row !== undefined) row.expires = this.#time.now() + lease;
    return row !== undefined;
  };

  retireInterpreter: Store["retireInterpreter"] = async ({ interpreter }) => {
    for (const { row } of this.#tables.programs.values()) if (row.owner === interpreter) row.owner = null;
    this.#tables.interpreters.delete(interpreter);
    this.#changed();
  };

  disownPrograms: Store["disownPrograms"] = async ({ interpreter, crashed, except }) => {
    for (const { row } of this.#tables.programs.values()) {
      if (row.owner !== interpreter) continue;
      if (row.id === crashed) row.crashes++;
      if (except.includes(row.id)) continue;
      row.owner = null;
      this.#tables.abandon(row.id, interpreter);
    }
    this.#changed();
  };

  createProgram: Store["createProgram"] = async ({ program, texts = {} }) => {
    checkNewProgram(program);
    checkTexts(texts);
    const existing = this.#tables.programs.get(program.id);
    if (existing !== undefined) return { created: false, row: { ...existing.row } };
    const time = this.#time.now();
    const created = newProgramTables(program, time);
    created.journal.push({ position: 0, kind: "start", body: program.start, time });
    this.#tables.programs.set(program.id, created);
    if (program.fork !== undefined) writeFork(this.#tables, created, program.fork, time);
    this.#tables.addTexts(texts, time);
    this.#changed();
    return { created: true, row: { ...created.row } };
  };

  claimProgram: Store["claimProgram"] = async ({ program, interpreter }) => {
    const row = this.#tables.programs.get(program)?.row;
    if (row === undefined) return { outcome: "missing" };
    if (isOver(row.status)) return { outcome: "over", status: row.status };
    if (!this.#tables.interpreters.has(interpreter)) return { outcome: "lease-lost" };
    const foreign = row.owner !== null && row.owner !== interpreter;
    if (foreign && this.#tables.isAlive(row.owner, this.#time.now())) {
      return { outcome: "owned", owner: row.owner!, expires: this.#tables.interpreters.get(row.owner!)!.expires };
    }
    if (row.owner !== null) this.#tables.abandon(program, row.owner);
    row.owner = interpreter;
    row.term++;
    if (foreign) row.crashes++;
    return { outcome: "claimed", row: { ...row }, takenOver: foreign };
  };

  releaseProgram: Store["releaseProgram"] = async ({ program, interpreter, term }) => {
    const row = this.#tables.programs.get(program)?.row;
    if (row === undefined || row.owner !== interpreter || row.term !== term) return false;
    row.owner = null;
    this.#tables.abandon(program, interpreter);
    this.#changed();
    return true;
  };

  listClaimable: Store["listClaimable"] = async ({ queues, limit }) =>
    this.#claimable(queues)
      .slice(0, limit)
      .map((row) => ({ ...row }));

  /** By priority, then by age. */
  #claimable(queues: readonly string[]): Writable<ProgramRow>[] {
    const now = this.#time.now();
    const claimable = (program: ProgramTables): boolean => {
      const { row } = program;
      if (isOver(row.status) || !queues.includes(row.queue) || this.#tables.isAlive(row.owner, now)) return false;
      const inbox = openInbox(program);
      if (row.status === "paused") return inbox.some(({ kind }) => kind === "command");
      const runnable = row.turn === 0 || row.cut || row.calls.length > 0;
      return runnable || (row.wake !== null && row.wake <= now) || inbox.length > 0;
    };
    const found = [...this.#tables.programs.values()].filter(claimable).map(({ row }) => row);
    return found.sort((a, b) => b.priority - a.priority);
  }

  claimPrograms: Store["claimPrograms"] = async ({ interpreter, queues, limit, suspects = false }) => {
    if (!this.#tables.interpreters.has(interpreter)) return { leaseLost: true, claimed: [] };
    const lists = queues.map((queue) =>
      this.#withinLimits(
        this.#claimable([queue.name]).filter((row) => isSuspect(row) === suspects),
        { ...queue, limit: Math.min(queue.limit, limit) },
      ),
    );
    const claimed = inTurns(lists, limit).map((row) => {
      const takenOver = row.owner !== null;
      if (row.owner !== null) this.#tables.abandon(row.id, row.owner);
      row.owner = interpreter;
      row.term++;
      if (takenOver) row.crashes++;
      return { row: { ...row }, takenOver };
    });
    return { leaseLost: false, claimed };
  };

  #withinLimits(rows: Writable<ProgramRow>[], { name, limit: most, per }: ClaimQueue): Writable<ProgramRow>[] {
    if (per === undefined) return rows.slice(0, most);
    const { label, limit } = per;
    const textOf = (row: ProgramRow): string | null => (Object.hasOwn(row.labels, label) ? row.labels[label] : null);
    const owned = new Map<string, number>();
    for (const { row } of this.#tables.programs.values()) {
      const text = row.queue === name && this.#tables.isAlive(row.owner, this.#time.now()) ? textOf(row) : null;
      if (text !== null) owned.set(text, (owned.get(text) ?? 0) + 1);
    }
    return withinLimits(
      rows.map((row) => ({ row, text: textOf(row) })),
      owned,
      { most, limit },
    ).map(({ row }) => row);
  }

  releasePrograms: Store["releasePrograms"] = async ({ interpreter, programs }) => {
    const released: string[] = [];
    for (const { program, term } of programs) {
      if (await this.releaseProgram({ program, interpreter, term })) released.push(program);
    }
    return released;
  };

  readWork: Store["readWork"] = async ({ interpreter, queues, capabilities }) => {
    const time = this.#time.now();
    const rows = this.#claimable(queues);
    const programs = [...this.#tables.programs.values()];
    const addressed = programs.filter((one) => one.row.owner === interpreter && openInbox(one).length > 0);
    const effects = [...this.#tables.effects.values()].filter(
      (effect) => queues.includes(effect.queue) && capabilities.includes(effect.capability),
    );
    const unowned = programs
      .map(({ row }) => row)
      .filter((row) => queues.includes(row.queue) && !isOver(row.status) && !this.#tables.isAlive(row.owner, time));
    const times = [
      ...unowned.flatMap(({ wake }) => wake ?? []),
      ...effects.flatMap((effect) => (effect.state === "pending" ? effect.due : [])),
    ].filter((due) => due > time);
    return {
      time,
      claimable: rows.some((row) => !isSuspect(row)),
      suspects: rows.some(isSuspect),
      effects: effects.some(
        (effect) => (effect.state === "pending" && effect.due <= time) || this.#isAbandoned(effect, time),
      ),
      addressed: addressed.map(({ row }) => row.id),
      next: times.length === 0 ? null : Math.min(...times),
    };
  };

  readFigures: Store["readFigures"] = async ({ queues }) => {
    const now = this.#time.now();
    const live = [...this.#tables.programs.values()].filter(({ row }) => !isOver(row.status));
    const open = [...this.#tables.effects.values()].filter(({ state }) => state !== "settled");
    return {
      time: now,
      programs: counted(live.map(({ row }) => [row.queue.startsWith("local:") ? "local" : row.queue, row.status])).map(
        ([queue, status, count]) => ({ queue, status: status as Status, count }),
      ),
      crashed: live.filter(({ row }) => row.crashes > 0).length,
      effects: counted(open.map(({ capability, state }) => [capability, state])).map(([capability, state, count]) => {
        const due = open.filter((one) => one.capability === capability && one.state === state).map((one) => one.due);
        return { capability, state: state as EffectState, count, due: state === "unknown" ? null : Math.min(...due) };
      }),
      queues: queues.map((queue) => {
        const times = this.#claimable([queue]).map(({ id }) => hasWorkSince(this.#tables.programs.get(id)!, now));
        return {
          queue,
          claimable: Math.min(times.length, FIGURES_DEPTH_MAX),
          since: times.length === 0 ? null : Math.min(...times),
        };
      }),
      interpreters: [...this.#tables.interpreters.values()].filter(({ expires }) => expires > now).length,
    };
  };

  /** Its sender is gone. */
  #isAbandoned(effect: EffectRow, now: number): boolean {
    return effect.state === "sending" && !this.#tables.isAlive(effect.owner, now);
  }

  readProgram: Store["readProgram"] = async ({ program }) => {
    const row = this.#tables.programs.get(program)?.row;
    return row === undefined ? null : { ...row };
  };

  resolveProgramId: Store["resolveProgramId"] = async ({ text }): Promise<IdResult> => {
    const ids = [...this.#tables.programs.keys()];
    if (text === "@last") {
      const last = ids.at(-1);
      return last === undefined ? { outcome: "missing" } : { outcome: "found", id: last };
    }
    const prefix = idPrefix(text);
    const found = prefix === null ? [] : ids.filter((id) => id.startsWith(prefix)).sort();
    if (found.length === 0) return { outcome: "missing" };
    return found.length === 1 ? { outcome: "found", id: found[0] } : { outcome: "ambiguous", ids: found.slice(0, 6) };
  };

  listPrograms: Store["listPrograms"] = async (filter) => {
    const rows = [...this.#tables.programs.values()].map(({ row }) => row).filter((row) => matches(row, filter));
    return rows
      .reverse()
      .slice(0, filter.limit)
      .map((row) => ({ ...row }));
  };

  async commitTurns(batch: CommitBatch): Promise<CommitResult> {
    checkId("commit", batch.id);
    const { changes, refused } = planBatch(batch.turns);
    const time = this.#time.now();
    const lease = this.#tables.interpreters.get(batch.interpreter);
    const committed: string[] = [];
    let leaseLost = false;
    let written = false;
    const context = { tables: this.#tables, interpreter: batch.interpreter, commitId: batch.id, time };
    for (const change of partition(changes).flat()) {
      if (batch.again && this.#tables.programs.get(change.program)?.row.commitId === batch.id) {
        committed.push(change.program);
      } else if (lease === undefined) {
        leaseLost = true;
      } else {
        try {
          if (commitChange(context, change)) committed.push(change.program);
          written = true;
        } catch (cause) {
          refused.push({ program: change.program, error: commitRefused(change.program, cause) });
        }
      }
    }
    const eighth = Math.floor(batch.lease / 8);
    if (lease !== undefined && written && lease.expires < time + batch.lease - eighth)
      lease.expires = time + batch.lease;
    const settled = new Set([...committed, ...refused.map(({ program }) => program)]);
    const lost = [...new Set(batch.turns.map((turn) => turn.program))].filter((program) => !settled.has(program));
    return { time, committed, refused, lost, leaseLost };
  }

  readJournal: Store["readJournal"] = async ({ program, from = 0, limit }) => {
    const journal = this.#tables.programs.get(program)?.journal ?? [];
    const whole = journal.length === 0 || journal[journal.length - 1].position === journal.length - 1;
    const first = whole ? from : journal.filter(({ position }) => position < from).length;
    return journal.slice(first, limit === undefined ? undefined : first + limit);
  };

  trimJournal: Store["trimJournal"] = async ({ program, limit }) => {
    const found = this.#tables.programs.get(program);
    if (found === undefined) return 0;
    const { journal, row } = found;
    const count = Math.min(limit, journal.filter(({ position }) => position > 0 && position < row.base - 1).length);
    journal.splice(1, count);
    return count;
  };

  collectPrograms: Store["collectPrograms"] = async ({ before, limit, dryRun = false }) => {
    const busy = new Set(
      [...this.#tables.effects.values()]
        .filter(({ state }) => state === "pending" || state === "sending")
        .map(({ program }) => program),
    );
    const found = [...this.#tables.programs.values()]
      .map(({ row: { id, name, status, updated } }) => ({ id, name, status, updated }))
      .filter(({ id, status, updated }) => isOver(status) && updated < before && !busy.has(id))
      .sort((a, b) => a.updated - b.updated || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
    if (!dryRun) for (const { id } of found) this.#tables.collect(id);
    return found;
  };

  collectTexts: Store["collectTexts"] = async ({ before, dryRun = false, lens }) => {
    const tables = this.#tables;
    const old = (kind: keyof CollectedTexts) =>
      [...tables.usedAt[kind]].filter(([, used]) => used < before).map(([hash]) => hash);
    const unnamed = await unreachable({
      candidates: { units: old("units"), images: old("images"), blobs: old("blobs") },
      read: async (page) => readBodies(tables, page),
      lens,
      readUnits: async (hashes) => hashes.flatMap((hash) => tables.units.get(hash) ?? []),
      readImage: async (hash) => tables.images.get(hash) ?? null,
    });
    // Reading took time: what was touched meanwhile stays.
    const still = (kind: keyof CollectedTexts) =>
      unnamed[kind].filter((hash) => (tables.usedAt[kind].get(hash) ?? before) < before);
    const collected = { units: still("units"), images: still("images"), blobs: still("blobs") };
    if (dryRun) return collected;
    for (const kind of ["units", "images", "blobs"] as const) {
      for (const hash of collected[kind]) {
        tables[kind].delete(hash);
        tables.usedAt[kind].delete(hash);
      }
    }
    return collected;
  };

  readSeal: Store["readSeal"] = async () => this.#seal;
  writeSeal: Store["writeSeal"] = async ({ was, now }) => {
    const { programs, units, images, blobs } = this.#tables;
    const isTaken = was === null && programs.size + units.size + images.size + blobs.size > 0;
    if (isTaken || this.#seal !== was) return false;
    this.#seal = now;
    return true;
  };
  readBodies: Store["readBodies"] = async (page) => readBodies(this.#tables, page);
  replaceBodies: Store["replaceBodies"] = async ({ table, rows }) => replaceBodies(this.#tables, table, rows);

  readRows: Store["readRows"] = async ({ program }) => readRows(this.#tables, program);

  moveProgram: Store["moveProgram"] = async (params) => {
    const { clock, random } = this.#host;
    const result = moveProgram(this.#tables, params, this.#time.now(), newId(clock, random));
    this.#changed();
    return result;
  };

  importProgram: Store["importProgram"] = async (params) => {
    const result = importProgram(this.#tables, params, this.#time.now());
    this.#changed();
    return result;
  };

  readToRun: Store["readToRun"] = async ({ programs }) =>
    programs.flatMap((id) => {
      const program = this.#tables.programs.get(id);
      if (program === undefined) return [];
      const { journal, snapshots } = program;
      const open = [...this.#tables.effects.values()].some((one) => one.program === id && one.state !== "settled");
      return {
        program: id,
        first: { ...journal[0] },
        snapshot: snapshots.at(-1) ?? null,
        addressed: openInbox(program).length > 0,
        open,
      };
    });

  readSnapshot: Store["readSnapshot"] = async ({ program, position = Number.MAX_SAFE_INTEGER }) =>
    this.#tables.programs.get(program)?.snapshots.findLast((snapshot) => snapshot.position <= position) ?? null;

  listSnapshots: Store["listSnapshots"] = async ({ program }) =>
    (this.#tables.programs.get(program)?.snapshots ?? []).map(({ position }) => position);

  readChunks: Store["readChunks"] = async ({ program, hashes }) => {
    const chunks = this.#tables.programs.get(program)?.chunks;
    const found = [...new Set(hashes)].flatMap((hash) => chunks?.get(hash) ?? []);
    return found.map(({ hash, body }) => ({ hash, body }));
  };

  deliver: Store["deliver"] = async ({ program, key, kind, body, answer: told }) => {
    checkName("key", key);
    checkBody(kind, body);
    const answer = kind === "answer" ? (told ?? decodeBody("answer", body)) : null;
    const gone = this.#gone(program);
    if (gone !== null) return gone;
    const effect = answer === null ? undefined : this.#tables.effects.get(key);
    if (effect !== undefined && effect.program === program) {
      if (effect.state === "settled") return { outcome: "already-settled" };
      this.#settle(effect, { state: "settled", outcome: answer!.outcome, body: answer!.body });
    }
    return this.#put(program, key, kind, body, 1);
  };

  putCommand: Store["putCommand"] = async ({ program, command, body = encodeBody("command", command) }) => {
    checkName("command", command.id);
    checkName("author", command.author);
    checkBody("command", body);
    const rank = command.command === "cancel" ? 0 : 1;
    return this.#gone(program) ?? this.#put(program, command.id, "command", body, rank);
  };

  readInbox: Store["readInbox"] = async ({ program, limit = INBOX_ROWS_MAX }) => {
    const found = this.#tables.programs.get(program);
    const rows = found === undefined ? [] : openInbox(found);
    let length = 0;
    const first = rows.slice(0, Math.min(limit, INBOX_ROWS_MAX)).filter(({ body }) => {
      const fits = length < INBOX_LENGTH_MAX;
      length += body?.length ?? 0;
      return fits;
    });
    return first.map(({ rank: _, ...row }) => row);
  };

  claimEffects: Store["claimEffects"] = async ({ owner, limit, queues, capabilities, program }) => {
    checkId("owner", owner);
    const now = this.#time.now();
    const allowed = [...this.#tables.effects.values()].filter(
      (effect) =>
        queues.includes(effect.queue) &&
        capabilities.includes(effect.capability) &&
        (program === undefined || effect.program === program),
    );
    const expired = (effect: EffectRow): boolean => this.#isAbandoned(effect, now);
    for (const effect of allowed) if (expired(effect) && effect.delivery === "at-most-once") this.#doubt(effect);
    const due = allowed.filter((effect) => expired(effect) || (effect.state === "pending" && effect.due <= now));
    const claimed = due.sort((a, b) => a.due - b.due).slice(0, limit);
    for (const effect of claimed) {
      effect.state = "sending";
      effect.owner = owner;
      effect.term++;
      effect.attempts++;
      effect.updated = now;
    }
    return claimed.map((effect) => ({ ...effect }));
  };

  settleEffect: Store["settleEffect"] = async ({ key, owner, term, outcome, body, answer }) => {
    checkBody("answer", body);
    const effect = this.#tables.effects.get(key);
    if (effect === undefined) return { outcome: "missing" };
    if (effect.state === "settled") return { outcome: "already-settled" };
    if (effect.owner !== owner || effect.term !== term) return { outcome: "lost" };
    if (effect.state === "unknown") {
      this.#settle(effect, { state: "unknown", outcome, body });
      return { outcome: "kept" };
    }
    this.#settle(effect, { state: "settled", outcome, body });
    this.#answer(effect.program, key, answer ?? encodeBody("answer", { key, outcome, body }));
    return { outcome: "settled" };
  };

  postponeEffect: Store["postponeEffect"] = async ({ key, owner, term, due }) => {
    const effect = this.#tables.effects.get(key);
    if (effect?.state !== "sending" || effect.owner !== owner || effect.term !== term) return false;
    Object.assign(effect, { state: "pending", owner: null, due, updated: this.#time.now() });
    this.#changed();
    return true;
  };

  readEffect: Store["readEffect"] = async ({ key }) => {
    const effect = this.#tables.effects.get(key);
    return effect === undefined ? null : { ...effect };
  };

  listEffects: Store["listEffects"] = async ({ program, states }) =>
    [...this.#tables.effects.values()]
      .filter((effect) => effect.program === program && (states === undefined || states.includes(effect.state)))
      .map((effect) => ({ ...effect }));

  readOutput: Store["readOutput"] = async ({ program, after = 0, limit }) =>
    (this.#tables.programs.get(program)?.output ?? []).slice(after, limit === undefined ? undefined : after + limit);

  markShown: Store["markShown"] = async ({ program, serial }) => {
    const row = this.#tables.programs.get(program)?.row;
    if (row !== undefined && serial > row.shown && serial <= row.output) row.shown = serial;
  };

  writeTexts: Store["writeTexts"] = async (texts) => {
    checkTexts(texts);
    this.#tables.addTexts(texts, this.#time.now());
  };

  readUnit: Store["readUnit"] = async ({ hash }) => this.#tables.units.get(hash) ?? null;
  readUnits: Store["readUnits"] = async ({ hashes }) =>
    [...new Set(hashes)].flatMap((hash) => this.#tables.units.get(hash) ?? []);
  readImage: Store["readImage"] = async ({ hash }) => this.#tables.images.get(hash) ?? null;
  hasImage: Store["hasImage"] = async ({ hash }) => this.#tables.images.has(hash);
  readBlob: Store["readBlob"] = async ({ hash }) => this.#tables.blobs.get(hash) ?? null;

  async watch(callback: WatchCallback): Promise<() => Promise<void>> {
    this.#watchers.add(callback);
    return async () => {
      this.#watchers.delete(callback);
    };
  }

  /** Tells the watchers, after the call that changed something has answered. */
  #changed(programs?: readonly string[]): void {
    for (const watcher of this.#watchers) {
      this.#host.clock.after(0, () => {
        if (this.#watchers.has(watcher)) watcher(programs);
      });
    }
  }

  #settle(effect: Writable<EffectRow>, change: Pick<EffectRow, "state" | "outcome" | "body">): void {
    Object.assign(effect, change, { updated: this.#time.now() });
    if (change.state === "settled") effect.owner = null;
  }

  #doubt(effect: Writable<EffectRow>): void {
    const { key, program } = effect;
    this.#settle(effect, { state: "unknown", outcome: "unknown", body: "null" });
    this.#answer(program, unknownKey(key), encodeBody("answer", { key, outcome: "unknown", body: "null" }));
  }

  #answer(program: string, key: string, body: string): void {
    if (this.#gone(program) === null) this.#put(program, key, "answer", body, 1);
  }

  #gone(program: string): DeliverResult | null {
    const collected = this.#tables.collected.get(program);
    const row = this.#tables.programs.get(program)?.row;
    if (row === undefined)
      return collected === undefined ? { outcome: "missing" } : { outcome: "gone", status: collected };
    return isOver(row.status) ? { outcome: "gone", status: row.status } : null;
  }

  #put(program: string, key: string, kind: InboxKind, body: string, rank: number): DeliverResult {
    const { inbox } = this.#tables.programs.get(program)!;
    if (inbox.has(key)) return { outcome: "duplicate" };
    const id = this.#tables.nextInboxId++;
    inbox.set(key, { id, program, key, kind, body, time: this.#time.now(), position: null, rank });
    this.#changed([program]);
    return { outcome: "delivered", id };
  }
}

/** Whether a claim makes the program a suspect, or it is one: its owner, if it still has one, has died on it. */
function isSuspect({ owner, crashes }: ProgramRow): boolean {
  return crashes + (owner === null ? 0 : 1) >= SUSPECT_CRASHES;
}

function matches(row: ProgramRow, { statuses, queue, parent, name, labels = {} }: ProgramFilter): boolean {
  return (
    (statuses === undefined || statuses.includes(row.status)) &&
    (queue === undefined || row.queue === queue) &&
    (parent === undefined || row.parent === parent) &&
    (name === undefined || row.name === name) &&
    Object.entries(labels).every(([label, text]) => row.labels[label] === text)
  );
}

/** How often each pair occurs, in order. */
function counted(pairs: readonly (readonly [string, string])[]): [string, string, number][] {
  const counts = new Map<string, number>();
  for (const pair of pairs) counts.set(pair.join("\0"), (counts.get(pair.join("\0")) ?? 0) + 1);
  return [...counts].sort().map(([key, count]) => [...(key.split("\0") as [string, string]), count]);
}

/** Since when a claimable program has had something to do. */
function hasWorkSince(program: ProgramTables, now: number): number {
  const { turn, cut, calls, updated, wake } = program.row;
  return Math.min(
    ...(turn === 0 || cut || calls.length > 0 ? [updated] : []),
    ...(wake !== null && wake <= now ? [wake] : []),
    ...openInbox(program).map(({ time }) => time),
  );
}
