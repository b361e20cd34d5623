// Program status: the summary of a program's journal that people see. What the engine may do next is decided elsewhere (E-2).
//
//   ready      it has something to do: it never ran, its last turn was cut, or a command put it on again
//   waiting    every task awaits something
//   paused     by a person: only commands are delivered (E-2)
//   faulted    a task stopped at an uncaught error, its continuation intact (S-22); its siblings may still go on
//   done       finished with a result                      \
//   cancelled  a person or a parent ended it                > over: never claimable again, deliveries answer `gone`
//   moved      exported; it lives in another store (E-20)   /
//
// "Running" is no status: it only means that an interpreter holds the lease. "Suspended" is none either (E-14).

export const STATUSES = ["ready", "waiting", "paused", "faulted", "done", "cancelled", "moved"] as const;
export type Status = (typeof STATUSES)[number];

/** Whether a program of this status is finished: it is never claimed, and what is sent to it answers `gone`. */
export function isOver(status: Status): boolean {
  return status === "done" || status === "cancelled" || status === "moved";
}

/** Whether a text names a status. */
export function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}

/** One thing a program waits for, in its waiting summary: for `ps`, `inspect` and `why`. A plain JSON record. */
export interface Wait {
  /** Ref of the task that waits. */
  readonly task: number;
  /** `sleep`, `http`, `foreign`, `message`, `event`, `join` ...: the kind of effect, or of thing inside the program. */
  readonly kind: string;
  /** What, in a few words: a topic, a host, a name. */
  readonly what: string;
  /** Effect key, where the wait is for an effect (E-6). */
  readonly key?: string;
  /** Store time when the wait began. */
  readonly since: number;
  /** Store time when it ends by itself. */
  readonly until?: number;
  /** `file:line:column` of the place. */
  readonly at?: string;
}
