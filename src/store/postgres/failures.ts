// PostgreSQL's failures: what may be sent again, what is unknown, and the store's own errors for the rest.
// The names of conditions are those of appendix A of PostgreSQL's manual (SQLSTATE).

import { FlowmetalError } from "../../base/errors.ts";
import * as errors from "../errors.ts";

/**
 * - `conflict`: rolled back, worth sending again unchanged: serialization, deadlock.
 * - `unready`: the server takes no connection now, and may soon.
 * - `lost`: the connection broke, so what became of the statement is unknown.
 * - `final`: the server has refused the statement; the same would be refused again.
 */
export type FailureKind = "conflict" | "unready" | "lost" | "final";

/** What kind of failure an error of the package is. */
export function failureKind(error: unknown): FailureKind {
  const state = sqlState(error);
  if (state === null) return "lost";
  if (state === "40001" || state === "40P01") return "conflict";
  if (state === "57P03" || state === "53300") return "unready";
  // The server ended the connection, or a pooler says so in the server's place.
  if (state.startsWith("57P") || state.startsWith("08")) return "lost";
  return "final";
}

/** The five characters with which the server names what is wrong; null where no server spoke. */
export function sqlState(error: unknown): string | null {
  const { severity, code } = (error ?? {}) as { severity?: unknown; code?: unknown };
  return typeof severity === "string" && typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** Raised by our own functions for rows that contradict what is there. */
export const REFUSED_STATE = "FM001";

/** Whether the server refused the rows themselves: wrong data, a broken constraint, a limit of the program. */
export function isRefusal(error: unknown): boolean {
  const state = sqlState(error instanceof FlowmetalError ? error.cause : error);
  return state !== null && (state === REFUSED_STATE || /^(?:22|23|54)/.test(state));
}

/** Whether a statement of which this came may have been done all the same. */
export function isLost(error: unknown): boolean {
  return error instanceof FlowmetalError && error.cause instanceof LostReply;
}

/** The connection broke under a statement, and no other could be made in time to ask what became of it. */
export class LostReply extends Error {
  override readonly name = "LostReply";
}

/** The coded error for a failure at the store `shown`, a URL without its password. */
export function storeFailure(shown: string, error: unknown): unknown {
  if (error instanceof FlowmetalError || error instanceof TypeError) return error;
  const state = sqlState(error);
  if (state === null) return errors.unreachableServer(shown, plainReason(error), error);
  switch (state) {
    case "28P01":
    case "28000":
    case "42501":
      return errors.deniedStore(shown, plainReason(error), error);
    case "3D000":
      return errors.missingDatabase(shown, error);
    case "53100":
      return errors.fullStore(shown, error);
    case "25006":
      return errors.readOnlyServer(shown, error);
    case "57P03":
    case "53300":
    case "57P01":
    case "57P02":
      return errors.unreachableServer(shown, plainReason(error), error);
    default:
      if (state.startsWith("08")) return errors.unreachableServer(shown, plainReason(error), error);
      return errors.failedStore(shown, error);
  }
}

/** The reason in an error; of several tries, that of the first: Node gathers them without a text of their own. */
export function plainReason(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return plainReason(error.errors[0]);
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}
