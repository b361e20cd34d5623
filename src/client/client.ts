// The client: every operation a person or the API can ask for, on one store. What it answers is plain data for rendering.
//
// Refusals are thrown as coded errors (src/base/errors.ts): `program/...` for ids, `store/...` for the store, `read/...` for
// a text that cannot be read. Ids given to operations are whole; `resolve` turns what a person typed into one.
import type { Tally } from "../interpreter/meters.ts";
import type { Status, Wait } from "../journal/status.ts";
import type { KeyRing } from "../store/sealed/keys.ts";
import type { StoreFigures } from "../store/store.ts";

/** How `openClient(url, options)` opens a store. */
export interface OpenOptions {
  /** Make the store if it is missing (`eval`); otherwise a missing one is refused with `store/missing`. */
  readonly create: boolean;
  /** Keys of a store that is sealed; default: none. */
  readonly keys?: KeyRing;
}

/** `openClient` of src/client/open.ts. `url` is `memory:`, `sqlite:` with an absolute path, or `postgres://...`. */
export type OpenClient = (url: string, options: OpenOptions) => Promise<Client>;

/** A text to run: its name is what spans and traces show. */
export interface Script {
  readonly name: string;
  readonly text: string;
}

/** How a program is run in this process; both hooks are optional for callers that only want the end. */
export interface RunOptions {
  /** Ticks in all after which the program faults (`--max-steps`); null: none, or the one it was given before. */
  readonly maxSteps: number | null;
  /**
   * Called with output of the program after its commit, in order; the next chunk waits for the promise. The client records
   * what was written (S-24), so that a resumed program does not print it again.
   */
  readonly onOutput: (text: string) => void | Promise<void>;
  /**
   * Called with what the compiler found strange in a top-level form, after the commit of the turn that compiled it and before
   * that turn's output: once per program, since a form that was compiled is never compiled again (S-2).
   */
  readonly onWarning?: (warning: Warning) => void | Promise<void>;
  /** Called when the program comes to rest waiting, with everything it waits for, and with [] when it goes on. */
  readonly onWaiting: (waits: readonly Wait[]) => void;
}

export interface StartOptions extends RunOptions {
  readonly args: readonly string[];
  /** The trace context that the program belongs to: `traceparent` of W3C Trace Context. */
  readonly trace?: string;
  /** The folders that modules are looked for in, in this order; left out: none. */
  readonly path?: readonly PathEntry[];
}

/** How a program is put into a queue, to be run by a process that serves it. */
export interface EnqueueOptions {
  readonly args: readonly string[];
  readonly path?: readonly PathEntry[];
  readonly maxSteps: number | null;
  readonly queue: string;
  /** Higher ones are claimed first; 0 is usual. */
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ServeOptions {
  readonly queues: readonly {
    readonly name: string;
    /** Programs of this queue in memory at once, at most. */
    readonly concurrency?: number;
    /** Of its programs with the same text as this label, so many are in memory at once at most, in all processes together. */
    readonly per?: { readonly label: string; readonly limit: number };
  }[];
  /** Programs in memory at once, at most. */
  readonly concurrency: number;
  /** MB of memory that one program may take, at most: one that takes more is stopped where it is. */
  readonly memory: number;
  /** Also carry out effects that leave the process (HTTP), those of programs others run too. */
  readonly connectors: boolean;
  readonly onEvent: (event: ServeEvent) => void;
  /** Called now and then with what was counted since the last time. */
  readonly onTally?: (tally: Tally) => void;
}

/** What is worth telling those who look after a process that serves. */
export interface ServeEvent {
  readonly kind: string;
  readonly level: "debug" | "info" | "warn" | "error";
  /** The program it is about, if any. */
  readonly program: string | null;
  /** One line for people. */
  readonly text: string;
  /** What is known of it, as plain data. */
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}

/** Figures of the store, and what this process has had to send again. */
export interface StoreReport extends StoreFigures {
  readonly retries: Readonly<Record<"busy" | "conflict" | "lost" | "unready", number>>;
}

/** A process that serves queues. */
export interface Serving {
  /** Settles when everything was let go of. */
  readonly ended: Promise<void>;
  /** Claims nothing more, commits what is evaluated, releases everything. Idempotent. */
  drain(): void;
}

/** A folder of a search path. */
export interface PathEntry {
  /** What messages call it; "" for the current folder. */
  readonly label: string;
  /** Absolute. */
  readonly folder: string;
}

/** A program this process is running. */
export interface Run {
  readonly id: string;
  /** Settles once: when the program is over, faulted, paused, or let go. Rejects only with a coded error. */
  readonly ended: Promise<RunEnd>;
  /**
   * Lets go of it: stops at the next tick, commits, gives up ownership (E-14). `ended` then settles with the status the
   * program is at rest with. Idempotent.
   */
  letGo(): Promise<void>;
}

/** How a run ended. */
export type RunEnd =
  | { readonly status: "done"; readonly result: Printed }
  | { readonly status: "faulted"; readonly faults: readonly Fault[] }
  | { readonly status: "cancelled"; readonly reason: string }
  /** At rest in the store: it waits, is paused, has something left to do (it was let go), or was exported. */
  | { readonly status: "waiting" | "paused" | "ready" | "moved"; readonly waits: readonly Wait[] };

/** A value of the language for people and for other programs. */
export interface Printed {
  /** As the printer writes it, readably; cut at a length the client was asked for. */
  readonly text: string;
  /** Tagged JSON (S-12), whole. */
  readonly json: string;
}

/** An uncaught error a task stopped at (S-22). */
export interface Fault {
  /** Ref of the task. */
  readonly task: number;
  /** The type of the error, e.g. `arity`. */
  readonly type: string;
  /** The code of an error of reading or compiling, which docs/errors.md explains; null for others. */
  readonly code: string | null;
  readonly message: string;
  readonly data: Printed | null;
  /** What to do about it, where the engine knows. */
  readonly hint: string | null;
  /** Innermost first. */
  readonly trace: readonly TraceLine[];
  /** Outer frames that the trace leaves out. */
  readonly omitted: number;
  readonly place: Place | null;
  /** Further places that explain it. */
  readonly notes: readonly FaultNote[];
  readonly cause: Fault | null;
  /** What the program offers to go on with (`with-restarts`), innermost first; none for a cause. */
  readonly restarts: readonly OfferedRestart[];
}

/** A restart offered by the program itself, beside retry, use-value, raise and abort, which every fault has. */
export interface OfferedRestart {
  /** Without the colon. */
  readonly name: string;
  readonly doc: string | null;
  /** Its parameters as they are written. */
  readonly params: readonly string[];
}

export interface FaultNote {
  readonly message: string;
  readonly place: Place | null;
}

/** Something in a script that is probably not meant. */
export interface Warning {
  /** Such as `compile/arity`; docs/errors.md explains it. */
  readonly code: string;
  readonly message: string;
  readonly place: Place | null;
}

/** A range of a source text, with the text itself where the store has it, so that an excerpt can be shown. */
export interface Place {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in code points. */
  readonly column: number;
  /** Offsets in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly text: string | null;
}

export interface TraceLine {
  /** Qualified name, or null for an anonymous function or a top-level form. */
  readonly function: string | null;
  /** Whether it is a top-level form. */
  readonly topLevel: boolean;
  readonly place: Place | null;
}

/** A row of `ps`. Times are the store's, in milliseconds. */
export interface ProgramSummary {
  readonly id: string;
  readonly name: string;
  readonly status: Status;
  readonly created: number;
  readonly updated: number;
  readonly waits: readonly Wait[];
  /** Whether an interpreter holds it now. */
  readonly running: boolean;
}

export interface ListOptions {
  /** Only these; null: all. */
  readonly statuses: readonly Status[] | null;
  /** At most so many, the newest; null: all. */
  readonly limit: number | null;
}

/** Everything about a program at rest, read without running it. */
export interface Inspection {
  readonly program: ProgramSummary;
  /** Journal position and turn the program stands at; of a state of the past the turn is not told. */
  readonly position: number;
  readonly turn: number | null;
  readonly stateHash: string | null;
  readonly result: Printed | null;
  readonly faults: readonly Fault[];
  readonly tasks: readonly TaskView[];
}

export interface InspectOptions {
  /** As it was after so many entries of its journal; left out: as it stands. */
  readonly at?: number;
  /** At most so many frames of each task, from the innermost; null: all. */
  readonly frames: number | null;
  /** Printed values are cut at so many characters; null: never. */
  readonly valueLength: number | null;
}

export interface TaskView {
  readonly ref: number;
  readonly state: "ready" | "waiting" | "faulted" | "done" | "cancelled";
  readonly wait: Wait | null;
  /** How many frames there are, shown or not. */
  readonly depth: number;
  readonly frames: readonly FrameView[];
}

export interface FrameView {
  /** A call, or what marker it is (`try`, `handle`, `prompt`, `binding`, ...; S-20). */
  readonly kind: string;
  readonly function: string | null;
  /** Whether it is a top-level form. */
  readonly topLevel: boolean;
  readonly place: Place | null;
  readonly locals: readonly { readonly name: string; readonly value: Printed }[];
}

/** An entry as `journal` shows it: its body is the stored canonical JSON. */
export interface JournalLine {
  readonly position: number;
  readonly kind: string;
  readonly time: number;
  readonly body: string;
}

export type CancelAnswer =
  | { readonly outcome: "cancelled" }
  /** Accepted by the store; the interpreter that holds the program carries it out. */
  | { readonly outcome: "requested" }
  | { readonly outcome: "already-over"; readonly status: Status };

export interface RewindOptions {
  /** Back to the state after so many entries. */
  readonly to: number;
  /** By effect key, answers as JSON texts to be given in place of those the journal has. */
  readonly answers: Readonly<Record<string, string>>;
  readonly reason: string;
  /** The turn its author has looked at; left out: the one the program is at now. */
  readonly baseTurn?: number;
}

export type RewindAnswer =
  /** `branch`: position of the entry that began the new branch. */
  | { readonly outcome: "rewound"; readonly branch: number }
  | { readonly outcome: "refused"; readonly why: string; readonly baseTurn: number | null; readonly turn: number }
  /** Accepted by the store; the interpreter that holds the program carries it out when the program waits. */
  | { readonly outcome: "requested" };

export interface ForkOptions {
  /** From the state after so many entries; null: as it stands. */
  readonly at: number | null;
  /** As those of a rewind. */
  readonly answers: Readonly<Record<string, string>>;
  /** What becomes of effects that are not answered: they stay with the original, are answered by an error, or are made anew. */
  readonly pending: "leave" | "deny" | "resend";
}

export interface GcOptions {
  /** Finished programs that have not changed for so many milliseconds; null: none. */
  readonly olderThan: number | null;
  /** Only say what would be deleted. */
  readonly dryRun: boolean;
}

/** What was deleted, or would be: programs, and how many content-addressed rows that nothing names. */
export interface GcReport {
  readonly programs: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: Status;
    readonly updated: number;
  }[];
  readonly units: number;
  readonly images: number;
  readonly blobs: number;
}

export interface ExportOptions {
  /** Where they go, for those who ask here; null: they stay, and the file makes copies with ids of their own. */
  readonly to: string | null;
  /** Not sealed, also out of a sealed store. */
  readonly plain?: boolean;
}

/** The bytes of an exported file, from its beginning each time it is asked: it is read more than once, and not held as a whole. */
export type MoveBytes = () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface ImportOptions {
  /** What errors call the file. */
  readonly name: string;
  /** Programs that were moved from this store come back, or go on here after all. */
  readonly back: boolean;
  /** Of copies: what becomes of effects of the original that are not answered; as of a fork. */
  readonly pending: ForkOptions["pending"];
}

/** A program that was imported: it is paused. */
export interface ImportedProgram {
  readonly id: string;
  readonly name: string;
  /** The id of the original, if it is a copy. */
  readonly copyOf: string | null;
  /** What connectors must be granted to carry out its open effects: `http`, `foreign:TOPIC`. */
  readonly capabilities: readonly string[];
  /** Keys of effects that were being sent: those sent again, and those of which nobody knows whether they were (E-21). */
  readonly again: readonly string[];
  readonly unknown: readonly string[];
}

/** Something in a store that is not as it should be. */
export interface Damage {
  /** Null: not of one program. */
  readonly program: string | null;
  readonly position: number | null;
  readonly problem: string;
}

export interface ReplayReport {
  /** The position replay began from (0, or that of a snapshot) and where it ended. */
  readonly from: number;
  readonly to: number;
  /** The two differ when the engine would not do again what it did. */
  readonly recorded: string | null;
  readonly replayed: string;
  readonly same: boolean;
  /** The first entry at which the replay went another way, where that is known. */
  readonly divergedAt: number | null;
  readonly why: string | null;
}

export interface Client {
  /** Starts a program and runs it here. Reads the whole text first: if it cannot be read nothing is started. */
  start(script: Script, options: StartOptions): Promise<Run>;
  /**
   * Takes a program over and runs it here. Waits for the lease of a dead owner (`onOwner` is told, with the milliseconds
   * left); a live owner is a refusal (`program/owned`).
   */
  resume(id: string, options: RunOptions & { readonly onOwner: (ms: number) => void }): Promise<Run>;
  /** Puts a program into a queue; answers its id. Reads the whole text, and those of its modules, first. */
  enqueue(script: Script, options: EnqueueOptions): Promise<string>;
  /** Waits, running nothing, until a program is over or stands at a fault. */
  wait(id: string): Promise<RunEnd>;
  /** Runs the programs of queues, in a process that this one starts and looks after. */
  serve(options: ServeOptions): Promise<Serving>;
  /** Figures of the store for those who watch it; of these queues, how many programs wait for an interpreter, and how long. */
  report(queues: readonly string[]): Promise<StoreReport>;
  cancel(id: string, reason: string): Promise<CancelAnswer>;
  /** The id meant by a unique prefix of one, or by `@last`. */
  resolve(typed: string): Promise<string>;
  list(options: ListOptions): Promise<readonly ProgramSummary[]>;
  inspect(id: string, options: InspectOptions): Promise<Inspection>;
  /** The program's output as stored, in order. */
  output(id: string): AsyncIterable<string>;
  journal(id: string, fromPosition: number): AsyncIterable<JournalLine>;
  /** Runs the journal again, from its beginning or the newest `base`, and compares the state hashes. */
  replay(id: string): Promise<ReplayReport>;
  /** Takes a program back to a state of its past, on a new branch of its journal (E-3, E-7). */
  rewind(id: string, options: RewindOptions): Promise<RewindAnswer>;
  /** Makes a new program that goes on from a state of this one, at rest; answers its id. */
  fork(id: string, options: ForkOptions): Promise<string>;
  /** Deletes what is not needed any more (E-19). */
  gc(options: GcOptions): Promise<GcReport>;
  /**
   * The lines of a file (src/client/move-file.ts) with these programs and all they need. Unless they are copies, each is paused, then
   * marked as moved before it is read (E-20); whoever runs it is waited for. One that is marked already is written again.
   */
  export(ids: readonly string[], options: ExportOptions): AsyncIterable<string>;
  /** Imports the programs of a file, paused; each whole or not at all. */
  import(bytes: MoveBytes, options: ImportOptions): Promise<readonly ImportedProgram[]>;
  /** Ids of the programs with a status and labels, the newest first. */
  find(filter: {
    readonly statuses: readonly Status[] | null;
    readonly labels: Readonly<Record<string, string>>;
  }): Promise<readonly string[]>;
  /** Looks at everything in the store, and says what is damaged. */
  check(): AsyncIterable<Damage>;
  /** Lets go of all runs and closes the store. Idempotent. */
  close(): Promise<void>;
}
