// A store whose bodies are sealed (E-25, docs/decisions/0021): stands in front of another one, seals what goes in and opens what comes out.
//
// Sealed are bodies of journals, snapshots, chunks, deliveries, effects, output, code, sources and images; results, errors and what
// programs wait for. Chunks and content-addressed texts stand under an HMAC of their hashes; their hashes, and those of states, stand
// inside. Ids, names, labels, queues, kinds, topics, keys, statuses, times and sizes are plain: the store below looks things up by them.
import { decodeBody, encodeBody } from "../../journal/codec.ts";
import type { Outcome } from "../../journal/effect.ts";
import type { Wait } from "../../journal/status.ts";
import type { BodyRow, BodyTableName } from "../bodies.ts";
import { checkNewProgram, checkTexts, planBatch } from "../changes.ts";
import { checkBody } from "../check.ts";
import { brokenSeal } from "../errors.ts";
import { unknownKey } from "../keys.ts";
import { checkProgramRows, type ImportParams, type ProgramRows, rankOf } from "../moving.ts";
import type {
  EffectRow,
  InboxRow,
  NewEffect,
  NewProgram,
  NewTexts,
  ProgramAfter,
  ProgramRow,
  SnapshotRow,
  TextRow,
  TurnCommit,
  UnitRow,
} from "../rows.ts";
import type { CommitBatch, CommitResult, Lens, ProgramToRun, Store } from "../store.ts";
import type { SealState } from "./seal-state.ts";
import type { Sealer } from "./sealer.ts";

/** Seals the bodies of a store. */
export function sealedStore(inner: Store, seal: SealState): Store {
  return new SealedStore(inner, seal);
}

/** What stands in the column of a snapshot's hash: the hash itself could be compared with a guess. */
const NO_HASH = "sealed";
/** A wait that holds the sealed text of all of them. */
const SEALED_WAIT = "sealed";

class SealedStore implements Store {
  readonly url: string;
  readonly #inner: Store;
  readonly #seal: SealState;

  constructor(inner: Store, seal: SealState) {
    this.url = inner.url;
    this.#inner = inner;
    this.#seal = seal;
    const same = <K extends keyof Store>(name: K): Store[K] =>
      (inner[name] as (...args: never[]) => unknown).bind(inner) as Store[K];
    this.close = same("close");
    this.readMeta = same("readMeta");
    this.readTime = same("readTime");
    this.registerInterpreter = same("registerInterpreter");
    this.renewLease = same("renewLease");
    this.retireInterpreter = same("retireInterpreter");
    this.listInterpreters = same("listInterpreters");
    this.readFigures = same("readFigures");
    this.disownPrograms = same("disownPrograms");
    this.releasePrograms = same("releasePrograms");
    this.releaseProgram = same("releaseProgram");
    this.readWork = same("readWork");
    this.resolveProgramId = same("resolveProgramId");
    this.trimJournal = same("trimJournal");
    this.listSnapshots = same("listSnapshots");
    this.collectPrograms = same("collectPrograms");
    this.postponeEffect = same("postponeEffect");
    this.markShown = same("markShown");
    this.watch = same("watch");
    this.readSeal = same("readSeal");
    this.writeSeal = same("writeSeal");
    this.readBodies = same("readBodies");
    this.replaceBodies = same("replaceBodies");
  }

  readonly close: Store["close"];
  readonly readMeta: Store["readMeta"];
  readonly readTime: Store["readTime"];
  readonly registerInterpreter: Store["registerInterpreter"];
  readonly renewLease: Store["renewLease"];
  readonly retireInterpreter: Store["retireInterpreter"];
  readonly listInterpreters: Store["listInterpreters"];
  readonly readFigures: Store["readFigures"];
  readonly disownPrograms: Store["disownPrograms"];
  readonly releasePrograms: Store["releasePrograms"];
  readonly releaseProgram: Store["releaseProgram"];
  readonly readWork: Store["readWork"];
  readonly resolveProgramId: Store["resolveProgramId"];
  readonly trimJournal: Store["trimJournal"];
  readonly listSnapshots: Store["listSnapshots"];
  readonly collectPrograms: Store["collectPrograms"];
  readonly postponeEffect: Store["postponeEffect"];
  readonly markShown: Store["markShown"];
  readonly watch: Store["watch"];
  readonly readSeal: Store["readSeal"];
  readonly writeSeal: Store["writeSeal"];
  readonly readBodies: Store["readBodies"];
  readonly replaceBodies: Store["replaceBodies"];

  // Programs.

  createProgram: Store["createProgram"] = async ({ program, texts = {} }) => {
    checkNewProgram(program);
    checkTexts(texts);
    const rows = await this.#rows();
    const result = await this.#inner.createProgram({ program: rows.newProgram(program), texts: rows.texts(texts) });
    return { ...result, row: rows.openProgram(result.row) };
  };

  claimProgram: Store["claimProgram"] = async (params) => {
    const rows = await this.#rows();
    const result = await this.#inner.claimProgram(params);
    return result.outcome === "claimed" ? { ...result, row: rows.openProgram(result.row) } : result;
  };

  claimPrograms: Store["claimPrograms"] = async (wish) => {
    const rows = await this.#rows();
    const { leaseLost, claimed } = await this.#inner.claimPrograms(wish);
    return { leaseLost, claimed: claimed.map((one) => ({ ...one, row: rows.openProgram(one.row) })) };
  };

  listClaimable: Store["listClaimable"] = async (params) => {
    const rows = await this.#rows();
    return (await this.#inner.listClaimable(params)).map((row) => rows.openProgram(row));
  };

  readProgram: Store["readProgram"] = async (params) => {
    const rows = await this.#rows();
    const row = await this.#inner.readProgram(params);
    return row === null ? null : rows.openProgram(row);
  };

  listPrograms: Store["listPrograms"] = async (filter) => {
    const rows = await this.#rows();
    return (await this.#inner.listPrograms(filter)).map((row) => rows.openProgram(row));
  };

  // Turns.

  async commitTurns(batch: CommitBatch): Promise<CommitResult> {
    const { refused } = planBatch(batch.turns);
    const set = new Set(refused.map(({ program }) => program));
    const rows = await this.#rows();
    const turns = batch.turns.filter(({ program }) => !set.has(program)).map((turn) => rows.turn(turn));
    const result = await this.#inner.commitTurns({ ...batch, turns });
    return { ...result, refused: [...refused, ...result.refused] };
  }

  readJournal: Store["readJournal"] = async (params) => {
    const rows = await this.#rows();
    return (await this.#inner.readJournal(params)).map((entry) => rows.openEntry(params.program, entry));
  };

  readToRun: Store["readToRun"] = async (params) => {
    const rows = await this.#rows();
    return (await this.#inner.readToRun(params)).map((one) => rows.openToRun(one));
  };

  readSnapshot: Store["readSnapshot"] = async (params) => {
    const rows = await this.#rows();
    const row = await this.#inner.readSnapshot(params);
    return row === null ? null : rows.openSnapshot(params.program, row);
  };

  readChunks: Store["readChunks"] = async ({ program, hashes }) => {
    const rows = await this.#rows();
    const addresses = hashes.map((hash) => rows.chunkAddress(program, hash));
    const found = await this.#inner.readChunks({ program, hashes: addresses });
    return found.map((row) => rows.openChunk(program, row));
  };

  collectTexts: Store["collectTexts"] = async ({ before, dryRun = false }) => {
    const rows = await this.#rows();
    const hashes = new Map<string, string>();
    const lens = rows.lens(async ({ units, images, blobs }) => {
      for (const unit of await this.#inner.readUnits({ hashes: units }))
        hashes.set(unit.hash, rows.openUnit(unit).hash);
      const texts = async (table: "images" | "blobs", at: string, body: string | null) =>
        void (body !== null && hashes.set(at, rows.openText(table, { hash: at, body }).hash));
      for (const hash of images) await texts("images", hash, await this.#inner.readImage({ hash }));
      for (const hash of blobs) await texts("blobs", hash, await this.#inner.readBlob({ hash }));
    });
    const { units, images, blobs } = await this.#inner.collectTexts({ before, dryRun, lens });
    const plain = (addresses: readonly string[]) => addresses.map((address) => hashes.get(address) ?? address);
    return { units: plain(units), images: plain(images), blobs: plain(blobs) };
  };

  // Moving.

  readRows: Store["readRows"] = async (params) => {
    const rows = await this.#rows();
    const found = await this.#inner.readRows(params);
    return found === null ? null : rows.openAll(found);
  };

  moveProgram: Store["moveProgram"] = async (params) => {
    decodeBody("turn", params.entry);
    const rows = await this.#rows();
    const seal = (position: number, kind: string, body: string) => rows.entry(params.program, position, kind, body);
    return this.#inner.moveProgram({ ...params, seal });
  };

  importProgram: Store["importProgram"] = async (params) => {
    checkProgramRows(params);
    const rows = await this.#rows();
    const result = await this.#inner.importProgram(rows.imported(params));
    return result.imported ? result : { ...result, row: rows.openProgram(result.row) };
  };

  // Deliveries.

  deliver: Store["deliver"] = async ({ program, key, kind, body }) => {
    checkBody(kind, body);
    const rows = await this.#rows();
    const params = { program, key, kind, body: rows.delivery(program, key, kind, body) };
    if (kind !== "answer") return this.#inner.deliver(params);
    const answer = decodeBody("answer", body);
    return this.#inner.deliver({
      ...params,
      answer: { outcome: answer.outcome, body: rows.effectBody(program, key, answer.body) },
    });
  };

  putCommand: Store["putCommand"] = async ({ program, command }) => {
    const body = encodeBody("command", command);
    checkBody("command", body);
    const rows = await this.#rows();
    return this.#inner.putCommand({ program, command, body: rows.delivery(program, command.id, "command", body) });
  };

  readInbox: Store["readInbox"] = async (params) => {
    const rows = await this.#rows();
    return (await this.#inner.readInbox(params)).map((row) => rows.openDelivery(row));
  };

  claimEffects: Store["claimEffects"] = async (claim) => {
    const rows = await this.#rows();
    return (await this.#inner.claimEffects(claim)).map((row) => rows.openEffect(row));
  };

  settleEffect: Store["settleEffect"] = async (params) => {
    const { key, outcome, body } = params;
    checkBody("answer", body);
    const rows = await this.#rows();
    // A place has the program in it, and the caller has not.
    const program = (await this.#inner.readEffect({ key }))?.program;
    if (program === undefined) return { outcome: "missing" };
    const answer = rows.delivery(program, key, "answer", encodeBody("answer", { key, outcome, body }));
    return this.#inner.settleEffect({ ...params, body: rows.effectBody(program, key, body), answer });
  };

  readEffect: Store["readEffect"] = async (params) => {
    const rows = await this.#rows();
    const row = await this.#inner.readEffect(params);
    return row === null ? null : rows.openEffect(row);
  };

  listEffects: Store["listEffects"] = async (params) => {
    const rows = await this.#rows();
    return (await this.#inner.listEffects(params)).map((row) => rows.openEffect(row));
  };

  readOutput: Store["readOutput"] = async (params) => {
    const rows = await this.#rows();
    return (await this.#inner.readOutput(params)).map((row) => ({
      ...row,
      text: rows.openOutput(params.program, row),
    }));
  };

  // Content-addressed texts.

  writeTexts: Store["writeTexts"] = async (texts) => {
    checkTexts(texts);
    const rows = await this.#rows();
    return this.#inner.writeTexts(rows.texts(texts));
  };

  readUnit: Store["readUnit"] = async ({ hash }) => {
    const rows = await this.#rows();
    const unit = await this.#inner.readUnit({ hash: rows.address(hash) });
    return unit === null ? null : rows.openUnit(unit);
  };

  readUnits: Store["readUnits"] = async ({ hashes }) => {
    const rows = await this.#rows();
    const units = await this.#inner.readUnits({ hashes: hashes.map((hash) => rows.address(hash)) });
    return units.map((unit) => rows.openUnit(unit));
  };

  readImage: Store["readImage"] = async ({ hash }) => {
    const rows = await this.#rows();
    const at = rows.address(hash);
    const body = await this.#inner.readImage({ hash: at });
    return body === null ? null : rows.openText("images", { hash: at, body }).body;
  };

  hasImage: Store["hasImage"] = async ({ hash }) => this.#inner.hasImage({ hash: (await this.#rows()).address(hash) });

  readBlob: Store["readBlob"] = async ({ hash }) => {
    const rows = await this.#rows();
    const at = rows.address(hash);
    const body = await this.#inner.readBlob({ hash: at });
    return body === null ? null : rows.openText("blobs", { hash: at, body }).body;
  };

  async #rows(): Promise<SealedRows> {
    return new SealedRows(this.#seal.now() ?? (await this.#seal.renewed()));
  }
}

/** Rows, sealed and opened. */
class SealedRows {
  readonly #sealer: Sealer;

  constructor(sealer: Sealer) {
    this.#sealer = sealer;
  }

  /** Where a text with this hash stands. */
  address(hash: string): string {
    return this.#sealer.address(["text", hash]);
  }

  /** Chunks belong to one program: equal values of two do not show. As long as the hashes in snapshots are. */
  chunkAddress(program: string, hash: string): string {
    return this.#sealer.address(["chunk", program, hash]).slice(0, 32);
  }

  entry(program: string, position: number, kind: string, body: string): string {
    return this.#in("journal", "body", program, `${position} ${kind}`, body);
  }

  openEntry<E extends { readonly position: number; readonly kind: string; readonly body: string }>(
    program: string,
    entry: E,
  ): E {
    return { ...entry, body: this.#out("journal", "body", program, `${entry.position} ${entry.kind}`, entry.body) };
  }

  #snapshot<S extends { readonly hash: string; readonly body: string }>(program: string, position: number, row: S): S {
    const body = this.#in("snapshots", "body", program, String(position), `${row.hash}\n${row.body}`);
    return { ...row, hash: NO_HASH, body };
  }

  openSnapshot(program: string, row: SnapshotRow): SnapshotRow {
    return { ...row, ...hashAndBody(this.#out("snapshots", "body", program, String(row.position), row.body)) };
  }

  /** Opened when they are asked for: what stops one program must not stop those that are read with it. */
  openToRun(one: ProgramToRun): ProgramToRun {
    const { program, first, snapshot } = one;
    return lazily(one, {
      first: () => this.openEntry(program, first),
      snapshot: () => (snapshot === null ? null : this.openSnapshot(program, snapshot)),
    });
  }

  #chunk<C extends TextRow>(program: string, chunk: C): C {
    const hash = this.chunkAddress(program, chunk.hash);
    return { ...chunk, hash, body: this.#in("chunks", "body", program, hash, `${chunk.hash}\n${chunk.body}`) };
  }

  openChunk<C extends TextRow>(program: string, chunk: C): C {
    return { ...chunk, ...hashAndBody(this.#out("chunks", "body", program, chunk.hash, chunk.body)) };
  }

  delivery(program: string, key: string, kind: string, body: string): string {
    return this.#in("inbox", "body", program, `${key} ${kind}`, body);
  }

  openDelivery(row: InboxRow): InboxRow {
    const { program, key, kind, body } = row;
    if (body === null || saysUnknown(key, body)) return row;
    return { ...row, body: this.#out("inbox", "body", program, `${key} ${kind}`, body) };
  }

  effectBody(program: string, key: string, body: string): string {
    return this.#in("effects", "body", program, key, body);
  }

  #effect<E extends Pick<NewEffect, "key" | "payload" | "contract">>(program: string, effect: E): E {
    const seal = (column: string, text: string) => this.#in("effects", column, program, effect.key, text);
    return { ...effect, payload: seal("payload", effect.payload), contract: seal("contract", effect.contract) };
  }

  /** Opened when they are asked for: who lists effects may not want all, and one that was changed must not hide the others. */
  openEffect(row: EffectRow): EffectRow {
    const { program, key, body } = row;
    const open = (column: string, text: string) => this.#out("effects", column, program, key, text);
    return lazily(row, {
      payload: () => open("payload", row.payload),
      contract: () => open("contract", row.contract),
      body: () => (body === null || isNull(row.outcome, body) ? body : open("body", body)),
    });
  }

  openOutput(
    program: string,
    row: { readonly branch: number; readonly number: number; readonly text: string },
  ): string {
    return this.#out("output", "text", program, `${row.branch}/${row.number}`, row.text);
  }

  #output<O extends { readonly branch: number; readonly number: number; readonly text: string }>(
    program: string,
    row: O,
  ): O {
    return { ...row, text: this.#in("output", "text", program, `${row.branch}/${row.number}`, row.text) };
  }

  texts({ units = [], images = [], blobs = [] }: NewTexts): NewTexts {
    const text = (table: "images" | "blobs", row: TextRow): TextRow => {
      const hash = this.address(row.hash);
      return { hash, body: this.#in(table, "body", "", hash, `${row.hash}\n${row.body}`) };
    };
    return {
      units: units.map((unit) => this.#unit(unit)),
      images: images.map((row) => text("images", row)),
      blobs: blobs.map((row) => text("blobs", row)),
    };
  }

  #unit(unit: UnitRow): UnitRow {
    const hash = this.address(unit.hash);
    const seal = (column: string, text: string) => this.#in("code", column, "", hash, text);
    return { hash, code: seal("code", `${unit.hash}\n${unit.code}`), debug: seal("debug", unit.debug) };
  }

  openUnit(unit: UnitRow): UnitRow {
    const { hash, body: code } = hashAndBody(this.#out("code", "code", "", unit.hash, unit.code));
    return { hash, code, debug: this.#out("code", "debug", "", unit.hash, unit.debug) };
  }

  openText(table: "images" | "blobs", { hash, body }: TextRow): TextRow {
    return hashAndBody(this.#out(table, "body", "", hash, body));
  }

  newProgram(program: NewProgram): NewProgram {
    const { id, fork } = program;
    return {
      ...program,
      start: this.entry(id, 0, "start", program.start),
      ...(fork === undefined
        ? {}
        : {
            fork: {
              snapshot: this.#snapshot(id, 1, fork.snapshot),
              answers: fork.answers.map(({ key, body }) => ({ key, body: this.delivery(id, key, "answer", body) })),
              effects: fork.effects.map((effect) => this.#effect(id, effect)),
            },
          }),
    };
  }

  turn(turn: TurnCommit): TurnCommit {
    const { program, position, entries, effects, settled, output, texts, snapshot, chunks, dropped, birth } = turn;
    const sealed = entries.map(({ kind, body }, i) => ({ kind, body: this.entry(program, position + i, kind, body) }));
    return {
      ...turn,
      entries: sealed,
      after: this.#after(program, turn.after),
      ...(birth && { birth: this.newProgram(birth) }),
      ...(effects && { effects: effects.map((effect) => this.#effect(program, effect)) }),
      ...(settled && {
        settled: settled.map((one) => ({ ...one, body: this.effectBody(program, one.key, one.body) })),
      }),
      ...(output && { output: output.map((chunk) => this.#output(program, chunk)) }),
      ...(texts && { texts: this.texts(texts) }),
      ...(snapshot && { snapshot: this.#snapshot(program, position + entries.length, snapshot) }),
      ...(chunks && { chunks: chunks.map((chunk) => this.#chunk(program, chunk)) }),
      ...(dropped && {
        dropped: dropped.map(({ hash, until }) => ({ hash: this.chunkAddress(program, hash), until })),
      }),
    };
  }

  #after(program: string, after: ProgramAfter): ProgramAfter {
    const { result, error } = after;
    const seal = (column: string, text: string) => this.#in("programs", column, program, "", text);
    return {
      ...after,
      waiting: this.#waiting(program, after.waiting),
      ...(result !== undefined && { result: seal("result", result) }),
      ...(error !== undefined && { error: seal("error", error) }),
    };
  }

  #waiting(program: string, waiting: readonly Wait[]): readonly Wait[] {
    if (waiting.length === 0) return waiting;
    const what = this.#in("programs", "waiting", program, "", JSON.stringify(waiting));
    return [{ task: 0, kind: SEALED_WAIT, what, since: 0 }];
  }

  /** Opened when they are asked for: see openEffect. */
  openProgram(row: ProgramRow): ProgramRow {
    const { id, waiting, result, error } = row;
    const open = (column: string, text: string) => this.#out("programs", column, id, "", text);
    return lazily(row, {
      waiting: () =>
        waiting.length === 0 ? waiting : (JSON.parse(open("waiting", sealedWait(id, waiting))) as readonly Wait[]),
      result: () => (result === null ? null : open("result", result)),
      error: () => (error === null ? null : open("error", error)),
    });
  }

  imported({ rows, texts, ...rest }: ImportParams): ImportParams {
    const { row, journal, snapshots, chunks, inbox, effects, output } = rows;
    const { id } = row;
    const { waiting, result, error } = row;
    const seal = (column: string, text: string | null) => text && this.#in("programs", column, id, "", text);
    return {
      ...rest,
      first: new Set(inbox.filter((one) => rankOf(one) === 0).map(({ key }) => key)),
      texts: this.texts(texts),
      rows: {
        row: {
          ...row,
          waiting: this.#waiting(id, waiting),
          result: seal("result", result),
          error: seal("error", error),
        },
        journal: journal.map((entry) => ({ ...entry, body: this.entry(id, entry.position, entry.kind, entry.body) })),
        snapshots: snapshots.map((one) => this.#snapshot(id, one.position, one)),
        chunks: chunks.map((one) => this.#chunk(id, one)),
        inbox: inbox.map((one) => ({
          ...one,
          body: one.body === null ? null : this.delivery(id, one.key, one.kind, one.body),
        })),
        effects: effects.map((one) => ({
          ...this.#effect(id, one),
          body: one.body === null ? null : this.effectBody(id, one.key, one.body),
        })),
        output: output.map((one) => this.#output(id, one)),
      },
    };
  }

  openAll({ row, journal, snapshots, chunks, inbox, effects, output }: ProgramRows): ProgramRows {
    const { id } = row;
    return {
      row: { ...this.openProgram(row) },
      journal: journal.map((entry) => this.openEntry(id, entry)),
      snapshots: snapshots.map((one) => this.openSnapshot(id, one)),
      chunks: chunks.map((one) => this.openChunk(id, one)).sort((a, b) => (a.hash < b.hash ? -1 : 1)),
      inbox: inbox.map((one) => this.openDelivery(one)),
      effects: effects.map((one) => ({ ...this.openEffect(one) })),
      output: output.map((one) => ({ ...one, text: this.openOutput(id, one) })),
    };
  }

  lens(unnamed: Lens["unnamed"]): Lens {
    return {
      open: (row) => this.#textsOf(row),
      unit: (row) => {
        const { code, debug } = this.openUnit(row);
        return [code, debug];
      },
      image: (hash, body) => this.openText("images", { hash, body }).body,
      address: (hash) => this.address(hash),
      unnamed,
    };
  }

  *#textsOf({ table, program, key, texts }: BodyRow & { readonly table: BodyTableName }): Iterable<string> {
    for (const [column, text] of Object.entries(texts)) {
      if (text === null || column === "waiting") continue;
      const isUnknown = table === "inbox" && saysUnknown(key.replace(/ answer$/, ""), text);
      yield isUnknown ? text : this.#out(table, column, program, key, text);
    }
  }

  #in(table: string, column: string, program: string, key: string, text: string): string {
    return this.#sealer.seal({ table, column, program, key }, text);
  }

  #out(table: string, column: string, program: string, key: string, text: string): string {
    return this.#sealer.open({ table, column, program, key }, text);
  }
}

/** A hash stands before the text it is of. */
function hashAndBody(text: string): TextRow {
  const end = text.indexOf("\n");
  return { hash: text.slice(0, end), body: text.slice(end + 1) };
}

/**
 * What the store below writes by itself, and plain: that nobody knows what became of an effect. It says nothing that the columns
 * beside it do not say.
 */
function saysUnknown(key: string, body: string): boolean {
  if (!key.startsWith(unknownKey(""))) return false;
  const effect = key.slice(unknownKey("").length);
  return body === encodeBody("answer", { key: effect, outcome: "unknown", body: "null" });
}

function isNull(outcome: Outcome | null, body: string): boolean {
  return outcome === "unknown" && body === "null";
}

function sealedWait(program: string, waiting: readonly Wait[]): string {
  const [wait] = waiting;
  if (waiting.length === 1 && wait.kind === SEALED_WAIT) return wait.what;
  throw brokenSeal({ table: "programs", program, key: "" }, "what it waits for is not sealed");
}

/** A row some of whose columns are made when they are first asked for. */
function lazily<T extends object>(row: T, columns: { readonly [K in keyof T]?: () => T[K] }): T {
  const made = { ...row };
  for (const [name, make] of Object.entries(columns) as [keyof T, () => T[keyof T]][]) {
    const get = (): T[keyof T] => {
      const value = make();
      Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
      return value;
    };
    Object.defineProperty(made, name, { get, enumerable: true, configurable: true });
  }
  return made;
}
