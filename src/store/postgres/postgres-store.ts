// The PostgreSQL store: one schema of one database, shared by any number of processes on any number of machines.

import { newId } from "../../base/ids.ts";
import { readOnlyServer, restoredStore } from "../errors.ts";
import { type StoreHost, StoreTime } from "../host.ts";
import type { StoreMeta } from "../rows.ts";
import type { CommitBatch, CommitResult, Store, WatchCallback } from "../store.ts";
import { PostgresBodies } from "./bodies.ts";
import { PostgresClaims } from "./claims.ts";
import { PostgresDeliveries } from "./deliveries.ts";
import type { PgDriver } from "./driver.ts";
import { readFigures } from "./figures.ts";
import { isRestored, migrate } from "./migrate.ts";
import { openPgDriver } from "./pg-driver.ts";
import { PostgresMoving } from "./moving.ts";
import { PostgresPrograms } from "./programs.ts";
import { PostgresRetention } from "./retention.ts";
import { PostgresTexts } from "./texts.ts";
import { PostgresTurns } from "./turns.ts";
import { parseUrl, type PostgresUrl } from "./url.ts";
import { ChangeWatch } from "./watch.ts";

export interface PostgresOptions {
  /** `postgres://...`; its query may hold `schema`, `pool` and `listen_url` (docs/store.md). */
  readonly url: string;
  readonly host: StoreHost;
  /** Make the tables where there are none; default true. */
  readonly create?: boolean;
  /** For looking only: nothing is made, migrated or committed. */
  readonly readOnly?: boolean;
  /** How long the server may be away, once it was there, in milliseconds. */
  readonly patience?: number;
  /** Something between the store and its driver: faults in tests, counters in benchmarks. */
  readonly wrapDriver?: (driver: PgDriver) => PgDriver;
}

const PATIENCE_MS = 10_000;

/** Opens a store in a database. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { host, create = true, readOnly = false } = options;
  const url = parseUrl(options.url);
  const bare = await openPgDriver({ url, host, patience: options.patience ?? PATIENCE_MS });
  const driver = options.wrapDriver?.(bare) ?? bare;
  try {
    const meta = await migrate({ driver, host, shown: url.shown, schema: url.schema, create, readOnly });
    if (readOnly)
      return new PostgresStore(
        url,
        host,
        unwritable(driver, () => readOnlyServer(url.shown)),
        meta,
      );
    // A restored backup can be looked at.
    const restored = await isRestored(driver);
    return new PostgresStore(url, host, restored ? unwritable(driver, () => restoredStore(url.shown)) : driver, meta);
  } catch (error) {
    await driver.close().catch(() => undefined);
    throw error;
  }
}

/** The same driver, which refuses to write: the refusal must not depend on a setting of the session. */
function unwritable(driver: PgDriver, refusal: () => Error): PgDriver {
  const refuse = (): Promise<never> => Promise.reject(refusal());
  return {
    all: (sql, params) => driver.all(sql, params),
    close: () => driver.close(),
    write: refuse,
    transaction: refuse,
  };
}

class PostgresStore implements Store {
  readonly url: string;
  readonly #driver: PgDriver;
  readonly #time: StoreTime;
  readonly #meta: StoreMeta;
  readonly #programs: PostgresPrograms;
  readonly #claims: PostgresClaims;
  readonly #turns: PostgresTurns;
  readonly #deliveries: PostgresDeliveries;
  readonly #texts: PostgresTexts;
  readonly #bodies: PostgresBodies;
  readonly #retention: PostgresRetention;
  readonly #moving: PostgresMoving;
  readonly #watch: ChangeWatch;

  constructor(url: PostgresUrl, host: StoreHost, driver: PgDriver, meta: StoreMeta) {
    this.url = url.shown;
    this.#driver = driver;
    this.#time = new StoreTime(host.clock);
    this.#meta = meta;
    this.#programs = new PostgresPrograms(driver, this.#time);
    this.#claims = new PostgresClaims(driver, host, this.#time);
    this.#turns = new PostgresTurns(driver, this.#time);
    this.#deliveries = new PostgresDeliveries(driver, host, this.#time);
    this.#texts = new PostgresTexts(driver);
    this.#bodies = new PostgresBodies(driver);
    this.#retention = new PostgresRetention(driver, this.#texts, this.#bodies);
    this.#moving = new PostgresMoving(driver, host, this.#time);
    this.#watch = new ChangeWatch({ url, clock: host.clock, driver, sender: newId(host.clock, host.random) });
  }

  async close(): Promise<void> {
    await this.#watch.stop();
    await this.#driver.close();
  }

  async readMeta(): Promise<StoreMeta> {
    return this.#meta;
  }

  readTime(): Promise<number> {
    return this.#turns.readTime();
  }

  async commitTurns(batch: CommitBatch): Promise<CommitResult> {
    const result = await this.#turns.commitTurns(batch);
    if (result.committed.length > 0) this.#watch.wrote();
    return result;
  }

  /** For what somebody in this process may wait for: connectors for effects, interpreters for deliveries and programs. */
  async #telling<T>(work: Promise<T>, programs?: readonly string[]): Promise<T> {
    const answer = await work;
    this.#watch.wrote(programs);
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
