// Journal entries, format 1: the facts that make up a program's history, and what may follow what.
//
// The journal of a program is the entries at positions 0, 1, 2 ... without a gap; entries are immutable and never removed.
// Replaying a program needs its journal and the code, images and blobs (source texts) it names, and nothing else.
//
//   kind       written by, when                                                  what it does
//   inputs: delivered to the machine one at a time, in journal order (E-1)
//   start      position 0, with the program's row                                the machine begins: source, arguments, image
//   answer     an effect's answer, first come (E-6)                              fulfils or fails the effect's event
//   timer      the turn that found it due by the store's clock (E-6)             fulfils a timer
//   message    from outside or another program                                   goes to the program's queue of that name
//   command    a person's pause, resume, cancel, edit, patch, restart (E-7)      changes what runs next
//   stop       the host, at a limit it measures (S-18) or a refused commit (E-8) faults the program at the named tick
//   rewound    a rewind, fork or frame restart: begins a branch (E-3)            the machine goes back to position `to`
//   upgraded   moving the program to another image (S-10)                        later look-ups see the new image
//   records: the machine never sees them
//   turn       every commit, after the inputs it delivered                       what the machine observed, made and became
//   refused    a command that came too late: `moved on` (E-7)
//   stray      an answer that nothing in this branch waits for (E-3)
//   fault      a task stopped at an uncaught error, frames intact (S-22)
//   done       the program finished with a result                                nothing follows
//   cancelled  it was ended                                                      nothing follows
//   moved      it was exported (E-20)                                            nothing follows
//   base       compaction: entries before it are gone but for `start`, its state hash stays (E-19)
//
// One turn writes:  input*  turn  (refused | stray | fault | base)*  (done | cancelled | moved)?
// A rewind that is carried out begins its turn: `command rewound` and then what is delivered again.
// Replay delivers the inputs in order; after each, the machine runs until every task waits. The observations of all turns,
// read in order, answer what the machine asks (S-2, S-17). Where a commit cut a computation (`cut`) nothing needs replaying: cuts
// are invisible. `cut`, and the `at` of an input delivered at a fuel cut, count all ticks of the program, and replay stops there.
//
// Bodies are canonical JSON objects with the keys in the order of the interfaces below; absent optional keys are left out.
// Values are tagged JSON (S-12), payloads of effects plain JSON. Times are milliseconds of the store's clock (E-13).

import type { Delivery, EffectState, Outcome } from "./effect.ts";
import type { JsonText } from "./record.ts";
import type { Status } from "./status.ts";

/** One row of a journal. */
export interface Entry {
  readonly position: number;
  readonly kind: EntryKind;
  readonly body: JsonText;
  /** The store's time at its commit. */
  readonly time: number;
}

/** An entry still to be committed: it gets the next position, and the time of its commit. */
export interface NewEntry {
  readonly kind: EntryKind;
  readonly body: JsonText;
}

export interface StartBody {
  /** Content hash of the source text (a blob); null when the program starts from a function of its image. */
  readonly source: string | null;
  /** The script's name, for people and for spans. */
  readonly name: string;
  /** Tagged JSON: the vector of arguments. */
  readonly args: JsonText;
  readonly image: string;
  readonly versions: Versions;
  /** Limits that are part of the program, such as `--max-steps`: a plain JSON object. */
  readonly limits?: JsonText;
  /** The folders its modules are looked for in: `[[label, folder]...]`, plain JSON. */
  readonly path?: JsonText;
  /** Modules whose texts travel with the program, as blobs: `[[name, file, content hash]...]`, plain JSON. */
  readonly modules?: JsonText;
  /** It began as a fork: from this state of another program, which its first snapshot holds (docs/decisions/0015). */
  readonly forked?: Forked;
}

/** Where a fork comes from: the state of program `from` after `position` entries. `hash`: of the state the fork begins with. */
export interface Forked {
  readonly from: string;
  readonly position: number;
  readonly hash: string;
}

/** Engine, primitive set, Unicode (S-26). */
export type Versions = readonly [engine: string, primitives: string, unicode: string];

export interface AnswerBody {
  readonly key: string;
  readonly outcome: Outcome;
  readonly body: JsonText;
}

export interface TimerBody {
  /** Ref of the timer's event. */
  readonly ref: number;
  readonly due: number;
  /** What the clock said when it was found due. */
  readonly now: number;
}

export interface MessageBody {
  readonly key: string;
  readonly name: string;
  /** Id of the program that sent it; null: from outside. */
  readonly from: string | null;
  readonly body: JsonText;
}

export const COMMANDS = ["pause", "resume", "cancel", "restart", "edit", "patch", "step", "rewind"] as const;
export type CommandName = (typeof COMMANDS)[number];

/** The body of a `command` inbox row; as an entry, with `at` when it was delivered at a fuel cut (E-1). */
export interface CommandBody {
  readonly id: string;
  readonly command: CommandName;
  /** The turn its author looked at; null for pause, resume and cancel (E-7). */
  readonly baseTurn: number | null;
  readonly author: string;
  readonly reason: string;
  readonly at?: number;
  readonly body: JsonText;
}

export interface StopBody {
  /** `memory`, `time` (S-18); `commit`: what came behind this tick could not be committed (E-8). */
  readonly limit: string;
  readonly at: number;
  readonly message: string;
}

export interface RewoundBody {
  /** The machine is what it was after so many entries. */
  readonly to: number;
  /** Id of the command, which is the entry before. */
  readonly command: string;
  /**
   * What the new branch is to be given first, in this order: [position, key] of each answer that the journal has for an event of
   * the state at `to` (the command's own position, where its author gives another one), [position, ""] of each timer that rang.
   */
  readonly again?: readonly (readonly [position: number, key: string])[];
}

export interface UpgradedBody {
  readonly image: string;
  readonly command: string;
}

/** What the host answered at once: `["now", 1764000000000]`, `["entropy", ["b","..."]]`, `["compile", [...]]` (S-2, S-17). */
export interface Observation {
  readonly op: string;
  readonly value: JsonText;
}

/** An effect a turn made. Payload and contract are here only if the effect has no row: a foreign call in the process (E-4). */
export interface Made {
  readonly key: string;
  readonly kind: string;
  readonly topic: string;
  readonly delivery?: Delivery;
  readonly payload?: JsonText;
}

export interface TurnBody {
  /** The program's turn counter after this commit. */
  readonly turn: number;
  readonly versions: Versions;
  readonly status: Status;
  /** Ticks run in this turn. */
  readonly ticks: number;
  readonly observations: readonly Observation[];
  readonly made: readonly Made[];
  /** State hash after the turn, where a snapshot was written with it. */
  readonly hash?: string;
  /** Present when the turn ended at a fuel cut: all ticks the program has run. */
  readonly cut?: number;
}

export interface RefusedBody {
  readonly command: string;
  readonly why: string;
  readonly baseTurn: number | null;
  readonly turn: number;
}

export interface StrayBody {
  readonly key: string;
  readonly outcome: Outcome;
  readonly body: JsonText;
}

export interface FaultBody {
  /** Ref of the task that stopped. */
  readonly task: number;
  /** `file:line:column`, where known. */
  readonly at?: string;
  /** Tagged JSON of the error value. */
  readonly error: JsonText;
}

export interface DoneBody {
  readonly result: JsonText;
}

export interface CancelledBody {
  /** Id of the command. */
  readonly command: string;
  readonly reason: string;
}

export interface MovedBody {
  /** Where it went, in the words of who exported it. */
  readonly to: string;
  /** Effects that were open: their rows here are closed, and where the program lives now they are carried out. */
  readonly open?: readonly (readonly [key: string, state: EffectState])[];
}

export interface BaseBody {
  readonly hash: string;
  readonly position: number;
}

/** The body of each kind of entry. */
export interface Bodies {
  readonly start: StartBody;
  readonly answer: AnswerBody;
  readonly timer: TimerBody;
  readonly message: MessageBody;
  readonly command: CommandBody;
  readonly stop: StopBody;
  readonly rewound: RewoundBody;
  readonly upgraded: UpgradedBody;
  readonly turn: TurnBody;
  readonly refused: RefusedBody;
  readonly stray: StrayBody;
  readonly fault: FaultBody;
  readonly done: DoneBody;
  readonly cancelled: CancelledBody;
  readonly moved: MovedBody;
  readonly base: BaseBody;
}

export type EntryKind = keyof Bodies;

export const INPUT_KINDS = ["start", "answer", "timer", "message", "command", "stop", "rewound", "upgraded"] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** Whether an entry is delivered to the machine. */
export function isInput(kind: EntryKind): kind is InputKind {
  return (INPUT_KINDS as readonly string[]).includes(kind);
}

const FINAL: readonly EntryKind[] = ["done", "cancelled", "moved"];

/**
 * Says what is wrong with the entries of one turn as a sequence, or null. `position` is that of the first. The `start` entry
 * is written with the program, before its first turn.
 */
export function checkSequence(kinds: readonly EntryKind[], position: number): string | null {
  if (position < 1) return "a turn begins after the start entry";
  const turn = kinds.indexOf("turn");
  if (turn < 0) return "a turn without a turn entry";
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i];
    if (kind === "start") return "a second start entry";
    if (i < turn && !isInput(kind)) return `"${kind}" stands before its turn`;
    if (i > turn && (isInput(kind) || kind === "turn")) return `"${kind}" follows its turn`;
    if (FINAL.includes(kind) && i !== kinds.length - 1) return `"${kinds[i + 1]}" follows "${kind}"`;
  }
  return null;
}
