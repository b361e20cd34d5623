// The seam under the SQLite store: what a driver must do. Only implementations know a database package.
//
// - One connection, one mutex: calls run one after another, and nothing comes between the calls of a transaction (two tasks on
//   one bare connection would share a transaction).
// - A write that finds the database busy is tried again after a random 1 to 5 ms, up to the driver's patience (E-17).
// - Only strings, finite numbers within +-2^53, buffers and null are bound: the package stores a BigInt or NaN as NULL without a
//   word, rounds larger integers, and writes a lone surrogate as another character.

import { isWellFormed } from "../../base/text.ts";
import type { StoreHost } from "../host.ts";

/** What may be bound to a parameter. */
export type Bind = string | number | Buffer | null;

export type SqlRow = Readonly<Record<string, string | number | Buffer | null>>;

/** The calls of one connection, inside or outside a transaction. */
export interface SqlCalls {
  /** Runs a text of any number of statements without parameters. */
  exec(sql: string): Promise<void>;
  /** Runs one statement and answers how many rows it changed. */
  run(sql: string, params?: readonly Bind[]): Promise<number>;
  /** The first row of a query, or null. */
  get(sql: string, params?: readonly Bind[]): Promise<SqlRow | null>;
  /** All rows of a statement; of one that writes, after its own commit. */
  all(sql: string, params?: readonly Bind[]): Promise<readonly SqlRow[]>;
}

export interface SqlDriver extends SqlCalls {
  /**
   * Runs `work` between BEGIN IMMEDIATE and COMMIT, or ROLLBACK if it throws. The statements named are prepared first, so that
   * the lock is not held while they are parsed.
   */
  transaction<T>(statements: readonly string[], work: (calls: SqlCalls) => Promise<T>): Promise<T>;
  /** Ends what is under way and closes the file. */
  close(): Promise<void>;
}

export const SQLITE_DRIVERS = ["sqlite3", "node:sqlite"] as const;
export type DriverName = (typeof SQLITE_DRIVERS)[number];

/** Whether a text names a driver. */
export function isDriverName(text: string): text is DriverName {
  return (SQLITE_DRIVERS as readonly string[]).includes(text);
}

export interface DriverOptions {
  readonly path: string;
  readonly readOnly?: boolean;
  readonly host: StoreHost;
  /** How long a busy database is tried, in milliseconds. */
  readonly patience: number;
}

/** Thrown when what a driver stands on is not there: the package's native part, or `node:sqlite` in an old Node. */
export class DriverMissing extends Error {
  override readonly name = "DriverMissing";
}

/** A failure of the database, with SQLite's own name for it (`SQLITE_FULL`). */
export class SqlError extends Error {
  override readonly name = "SqlError";
  readonly sqlite: string;

  constructor(sqlite: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.sqlite = sqlite;
  }
}

/** Refuses what the package would store as something else. */
export function checkBinds(params: readonly Bind[]): void {
  for (let i = 0; i < params.length; i++) {
    const problem = bindProblem(params[i]);
    if (problem !== null) throw new TypeError(`parameter ${i + 1} cannot be stored: ${problem}`);
  }
}

function bindProblem(value: unknown): string | null {
  if (value === null || value instanceof Buffer) return null;
  if (typeof value === "string") return isWellFormed(value) ? null : "a string with a lone surrogate";
  if (typeof value === "number") {
    if (!Number.isFinite(value)) return `the number ${value}`;
    return Math.abs(value) <= 2 ** 53 ? null : `${value} is beyond 2^53`;
  }
  return value === undefined ? "undefined" : `a ${typeof value}`;
}
