// The seam under the PostgreSQL store: what a driver must do. Only its implementation imports a database package.
//
// - Every call is one statement and its own transaction, without a name, without session state: a pooler may give each another
//   connection of the server (E-18). Only migrations need a transaction of several statements.
// - A statement that failed under a serialization or deadlock error is sent again unchanged (E-8).
// - A statement whose reply was lost is sent again on a new connection with `again`: it is written so that it finds out what
//   became of the first sending (E-10).

import { isWellFormed } from "../../base/text.ts";
import { badValue } from "../errors.ts";

/** What may be bound to a parameter. */
export type Bind = string | number | boolean | null | readonly string[];

export type SqlRow = Readonly<Record<string, string | number | null>>;

export interface PgCalls {
  /** Runs one statement and answers its rows. */
  all(sql: string, params?: readonly Bind[]): Promise<readonly SqlRow[]>;
}

export interface PgDriver extends PgCalls {
  /** Runs one statement that writes. `params` is told whether an earlier sending may have done it already. */
  write(sql: string, params: (again: boolean) => readonly Bind[]): Promise<readonly SqlRow[]>;
  /** Runs `work` in a transaction on one connection; nothing is sent again. */
  transaction<T>(work: (calls: PgCalls) => Promise<T>): Promise<T>;
  /** Ends every connection, those with something under way as well. */
  close(): Promise<void>;
}

/** Refuses what PostgreSQL or the package would store as something else: a NUL, half of a surrogate pair, NaN. */
export function checkBinds(params: readonly Bind[]): void {
  for (const value of params) {
    if (typeof value === "string") checkString(value);
    else if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) throw badValue("number", `${value} is not a whole number within 2^53`);
    } else if (value !== null && typeof value === "object") value.forEach(checkString);
  }
}

function checkString(text: string): void {
  if (text.includes("\0")) throw badValue("text", "it holds a NUL");
  if (!isWellFormed(text)) throw badValue("text", "it holds a lone surrogate");
}
