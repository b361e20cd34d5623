// Errors of the engine itself: each with a stable code, a place where there is one, and a way out.

/** Where in a text something is. Lines and columns count from 1, columns in code points. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn?: number;
  /** The text of the line. */
  readonly excerpt?: string;
}

export interface ErrorDetails {
  readonly place?: Place;
  /** What to do about it, as an imperative. */
  readonly hint?: string;
  /** Facts for programs, plain JSON. */
  readonly data?: unknown;
  readonly cause?: unknown;
}

/** What the engine refuses or cannot do, for people and for programs: not a bug. Codes are listed in codes.ts. */
export class FlowmetalError extends Error {
  readonly place: Place | undefined;
  readonly hint: string | undefined;
  readonly data: unknown;

  constructor(
    /** Such as `store/locked`. */
    readonly code: string,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "FlowmetalError";
    this.place = details.place;
    this.hint = details.hint;
    this.data = details.data;
  }
}

/** Throws unless `condition` holds: an error of ours, not of the user. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`);
}

/** For the branch that cannot be reached: the compiler checks it. */
export function unreachable(value: never): never {
  throw new Error(`bug: this was thought impossible: ${String(value)}`);
}
