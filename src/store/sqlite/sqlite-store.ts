// The SQLite store: one file, one connection that writes, everything below it put together (E-17).

import { statSync } from "node:fs";
import { missingDriver, restoredStore } from "../errors.ts";
import { type StoreHost, StoreTime } from "../host.ts";
import type { StoreMeta } from "../rows.ts";
import type { CommitBatch, CommitResult, Store, WatchCallback } from "../store.ts";
import { SqliteBodies } from "./bodies.ts";
import { SqliteClaims } from "./claims.ts";
import { SqliteDeliveries } from "./deliveries.ts";
import { DriverMissing, type DriverName, type SqlDriver } from "./driver.ts";
import { codedDriver, storeFailure } from "./failures.ts";
import { readFigures } from "./figures.ts";
import { checkFile, writable } from "./file.ts";
import { migrate } from "./migrate.ts";
import { defaultDriver, openDriver } from "./open-driver.ts";
import { SqliteMoving } from "./moving.ts";
import { SqlitePrograms } from "./programs.ts";
import { SqliteRetention } from "./retention.ts";
import { SqliteTexts } from "./texts.ts";
import { SqliteTurns } from "./turns.ts";
import { isRestored, readingOnly } from "./upkeep.ts";
import { FileWatch } from "./watch.ts";

export interface SqliteOptions {
  /** An absolute path. */
  readonly path: string;
  readonly host: StoreHost;
  readonly create?: boolean;
  /** For looking only: nothing is made, migrated or committed. */
  readonly readOnly?: boolean;
  /** `FULL` (default): a commit survives a power cut. `NORMAL`: only a crash of the process. */
  readonly synchronous?: "FULL" | "NORMAL";
  /** The package under the store; default: `node:sqlite` from Node 24 on, else npm `sqlite3`. */
  readonly driver?: DriverName | undefined;
  /** How long a busy file is tried before `store/locked`, in milliseconds. */
  readonly patience?: number;
  /** Something between the store and its driver: faults in tests, counters in benchmarks. */
  readonly wrapDriver?: (driver: SqlDriver) => SqlDriver;
}

const PATIENCE_MS = 10_000;
/** The -wal file is folded back into the database beyond this size, on a connection of its own (E-17). */
const WAL_BYTES = 1 << 20;
const CHECKPOINT_EVERY = 256;

/** Opens a store in a file. */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, host, readOnly = false } = options;
  checkFile({ path, create: options.create ?? true, readOnly });
  const driver = await connect(options);
  try {
    await driver.exec(pragmas(options));
    const restored = await isRestored(driver);
    const meta = await migrate({ driver, path, host, readOnly: readOnly || restored });
    const time = new StoreTime(host.clock);
    time.see((await driver.get("SELECT last_time AS t FROM meta"))!.t as number);
    // A restored backup can be looked at.
    const used = restored && !readOnly ? readingOnly(driver, () => restoredStore(path)) : driver;
    return new SqliteStore(options, used, time, meta);
  } catch (error) {
    await driver.close().catch(() => undefined);
    throw error;
  }
}

function pragmas({ synchronous = "FULL", readOnly = false }: SqliteOptions): string {
  const common = "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA recursive_triggers = OFF;";
  if (readOnly) return `${common} PRAGMA query_only = ON;`;
  return `${common} PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 4096;`;
}

async function connect(options: SqliteOptions): Promise<SqlDriver> {
  const { path, host, readOnly = false } = options;
  const name = options.driver ?? defaultDriver();
  try {
    const driver = await openDriver(name, {
      path: readOnly && !writable(path) ? immutable(path) : path,
      readOnly,
      host,
      patience: options.patience ?? PATIENCE_MS,
    });
    return codedDriver(options.wrapDriver?.(driver) ?? driver, path);
  } catch (error) {
    if (error instanceof DriverMissing) throw missingDriver(name, error);
    throw storeFailure(path, error);
  }
}

/** Where nobody may write, SQLite cannot make its -shm file: if there is no -wal either, the file alone is the whole store. */
function immutable(path: string): string {
  return sizeOf(`${path}-wal`) === 0
    ? `file:${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}?immutable=1`
    : path;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

class SqliteStore implements Store {
  readonly url: string;
  readonly #options: SqliteOptions;
  readonly #driver: SqlDriver;
  readonly #time: StoreTime;
  readonly #meta: StoreMeta;
  readonly #programs: SqlitePrograms;
  readonly #claims: SqliteClaims;
  readonly #turns: SqliteTurns;
  readonly #deliveries: SqliteDeliveries;
  readonly #texts: SqliteTexts;
  readonly #bodies: SqliteBodies;
  readonly #retention: SqliteRetention;
  readonly #moving: SqliteMoving;
  readonly #watch: FileWatch;
  #commits = 0;
  #checkpoint: Promise<void> | null = null;

  constructor(options: SqliteOptions, driver: SqlDriver, time: StoreTime, meta: StoreMeta) {
    this.url = `sqlite:${options.path}`;
    this.#options = options;
    this.#driver = driver;
    this.#time = time;
    this.#meta = meta;
    this.#programs = new SqlitePrograms(driver, time);
    this.#claims = new SqliteClaims(driver, time);
    this.#turns = new SqliteTurns(driver, options.host, time);
    this.#deliveries = new SqliteDeliveries(driver, time);
    this.#texts = new SqliteTexts(driver, time);
    this.#bodies = new SqliteBodies(driver);
    this.#retention = new SqliteRetention(driver, time, this.#texts, this.#bodies);
    this.#moving = new SqliteMoving(driver, options.host, time);
    this.#watch = new FileWatch(options.path, options.host.clock, driver);
  }

  async close(): Promise<void> {
    await this.#watch.stop();
    await this.#checkpoint;
    await this.#driver.close();
  }

  async readMeta(): Promise<StoreMeta> {
    return this.#meta;
  }

  async readTime(): Promise<number> {
    return this.#time.now();
  }

  async commitTurns(batch: CommitBatch): Promise<CommitResult> {
    const result = await this.#turns.commitTurns(batch);
    this.#watch.wrote();
    if (++this.#commits % CHECKPOINT_EVERY === 0) this.#checkpoint ??= this.#fold();
    return result;
  }

  /** Folds the -wal file back on another connection, so that no commit waits for it. Failing only means a longer -wal file. */
  async #fold(): Promise<void> {
    try {
      if (sizeOf(`${this.#options.path}-wal`) < WAL_BYTES) return;
      const driver = await connect(this.#options);
      await driver.all("PRAGMA wal_checkpoint(PASSIVE)").finally(() => driver.close());
    } catch {
      // The automatic checkpoint of SQLite still bounds the file.
    } finally {
      this.#checkpoint = null;
    }
  }

  /** For what somebody in this process may wait for: connectors for effects, interpreters for deliveries and programs. */
  async #telling<T>(work: Promise<T>, programs?: readonly string[]): Promise<T> {
    const answer = await work;
    this.#watch.wrote();
    this.#watch.notify(programs);
    return answer;
  }

  watch(callback: WatchCallback): Promise<() => Promise<void>> {
    return this.#watch.add(callback);
  }

  registerInterpreter: Store["registerInterpreter"] = (params) => this.#programs.registerInterpreter(params);
  listInterpreters: Store["listInterpreters"] = () => this.#programs.listInterpreters();
  renewLease: Store["renewLease"] = (params) => this.#programs.renewLease(params);
  retireInterpreter: Store["retireInterpreter"] = (params) => this.#telling(this.#programs.retireInterpreter(params));
  disownPrograms: Store["disownPrograms"] = (params) => this.#telling(this.#claims.disownPrograms(params));
  createProgram: Store["createProgram"] = (params) => this.#telling(this.#programs.createProgram(params));
  claimProgram: Store["claimProgram"] = (params) => this.#programs.claimProgram(params);
  claimPrograms: Store["claimPrograms"] = (wish) => this.#claims.claimPrograms(wish);
  releasePrograms: Store["releasePrograms"] = (params) => this.#telling(this.#claims.releasePrograms(params));
  readWork: Store["readWork"] = (query) => this.#claims.readWork(query);
  readFigures: Store["readFigures"] = (query) => readFigures(this.#driver, this.#time, query);
  releaseProgram: Store["releaseProgram"] = (params) => this.#telling(this.#programs.releaseProgram(params));
  listClaimable: Store["listClaimable"] = (params) => this.#programs.listClaimable(params);
  readProgram: Store["readProgram"] = (params) => this.#programs.readProgram(params);
  resolveProgramId: Store["resolveProgramId"] = (params) => this.#programs.resolveProgramId(params);
  listPrograms: Store["listPrograms"] = (filter) => this.#programs.listPrograms(filter);
  readJournal: Store["readJournal"] = (params) => this.#turns.readJournal(params);
  readToRun: Store["readToRun"] = (params) => this.#turns.readToRun(params);
  readSnapshot: Store["readSnapshot"] = (params) => this.#turns.readSnapshot(params);
  listSnapshots: Store["listSnapshots"] = (params) => this.#turns.listSnapshots(params);
  readChunks: Store["readChunks"] = (params) => this.#turns.readChunks(params);
  readOutput: Store["readOutput"] = (params) => this.#turns.readOutput(params);
  markShown: Store["markShown"] = (params) => this.#turns.markShown(params);
  deliver: Store["deliver"] = (params) => this.#telling(this.#deliveries.deliver(params), [params.program]);
  putCommand: Store["putCommand"] = (params) => this.#telling(this.#deliveries.putCommand(params), [params.program]);
  readInbox: Store["readInbox"] = (params) => this.#deliveries.readInbox(params);
  claimEffects: Store["claimEffects"] = (claim) => this.#deliveries.claimEffects(claim);
  settleEffect: Store["settleEffect"] = (params) => this.#telling(this.#deliveries.settleEffect(params));
  postponeEffect: Store["postponeEffect"] = (params) => this.#telling(this.#deliveries.postponeEffect(params));
  readEffect: Store["readEffect"] = (params) => this.#deliveries.readEffect(params);
  listEffects: Store["listEffects"] = (params) => this.#deliveries.listEffects(params);
  writeTexts: Store["writeTexts"] = (params) => this.#texts.writeTexts(params);
  readUnit: Store["readUnit"] = (params) => this.#texts.readUnit(params);
  readUnits: Store["readUnits"] = (params) => this.#texts.readUnits(params);
  readImage: Store["readImage"] = (params) => this.#texts.readImage(params);
  hasImage: Store["hasImage"] = (params) => this.#texts.hasImage(params);
  trimJournal: Store["trimJournal"] = (params) => this.#retention.trimJournal(params);
  collectPrograms: Store["collectPrograms"] = (params) => this.#retention.collectPrograms(params);
  collectTexts: Store["collectTexts"] = (params) => this.#retention.collectTexts(params);
  readRows: Store["readRows"] = (params) => this.#moving.readRows(params);
  moveProgram: Store["moveProgram"] = (params) => this.#telling(this.#moving.moveProgram(params));
  importProgram: Store["importProgram"] = (params) => this.#telling(this.#moving.importProgram(params));
  readSeal: Store["readSeal"] = () => this.#bodies.readSeal();
  writeSeal: Store["writeSeal"] = (params) => this.#bodies.writeSeal(params);
  readBodies: Store["readBodies"] = (page) => this.#bodies.readBodies(page);
  replaceBodies: Store["replaceBodies"] = (params) => this.#bodies.replaceBodies(params);
  readBlob: Store["readBlob"] = (params) => this.#texts.readBlob(params);
}
