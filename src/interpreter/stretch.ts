// Replays a stretch of a journal on a machine: its inputs as they were delivered, its observations as they were answered (S-2).
//
// Entries are replayed turn by turn. The observations of a turn stand in its own entry, behind the inputs it took in. What the
// entries say that cannot be so (a turn is missing, a timer nobody set, an observation nobody asks for) ends the replay with the
// name of the entry; a witness can compare everything else.
import { FlowmetalError } from "../base/errors.ts";
import { decodeBody, newEntry } from "../journal/codec.ts";
import type { CancelledBody, CommandBody, Entry, NewEntry, StartBody, TurnBody } from "../journal/entry.ts";
import { isInput } from "../journal/entry.ts";
import type { Machine } from "../machine/machine.ts";
import { encodeSnapshot } from "../snapshot/snapshot.ts";
import { begin, deliver, type Delivered, isPausedAfter, recordOf } from "./delivery.ts";
import { revived, rewindOf } from "./rewind.ts";
import { diverged, ReplayHost, type SwitchedHost } from "./host.ts";

/** Fuel of one slice; where it is cut does not matter. */
const REPLAY_FUEL = 10_000_000;

/** What a stretch is replayed on: a program in memory at the position where the stretch begins. */
export interface Replayed {
  readonly id: string;
  /** Another one behind a rewind. */
  machine: Machine;
  readonly host: SwitchedHost;
  readonly start: StartBody;
  /** Entries applied. */
  position: number;
  readonly base: number;
  readonly newMachine: () => Machine;
}

/** A state that a rewind goes back to. */
export interface SavedState {
  /** Text of its snapshot. */
  readonly text: string;
  /** The command that cancelled the program there, if the stretch knows. */
  readonly cancel: CancelledBody | null;
}

/** Such states by position. */
export type States = Map<number, SavedState>;

/** A turn that has just been replayed. What it made and printed is in the machine until the witness takes it. */
export interface TurnSeen {
  readonly body: TurnBody;
  /** Ticks the machine ran in it. */
  readonly ticks: number;
  readonly paused: boolean;
}

/**
 * Called after each entry that is no input, with the turn if it is one. Throws what `diverged` makes where the machine and the
 * entry do not agree.
 */
export type Witness = (entry: Entry, machine: Machine, turn: TurnSeen | null) => void;

export interface Replaying {
  /** The program was paused when the stretch begins. */
  readonly paused?: boolean;
  /** Turns committed before the stretch. */
  readonly turns: number;
  /** With a witness nothing is taken on trust: also what is no JSON, or runs on for ever, ends with the name of its entry. */
  readonly witness?: Witness | undefined;
  /** The entry behind the last input, if the stretch ends in the middle of a turn. */
  readonly ahead?: Entry | null;
  /** Positions that rewinds of the stretch go back to, and the states there; those inside of the stretch are added. */
  readonly targets?: ReadonlySet<number>;
  readonly states?: States;
  /** Told before each piece of work. */
  readonly attend?: () => void;
}

/** Replays entries that follow each other without a gap. Throws errors that name the entry (`entryOf`). */
export function replay(loaded: Replayed, entries: readonly Entry[], how: Replaying): void {
  const stretch = new Stretch(loaded, entries, how);
  entries.forEach((entry, index) => stretch.pass(entry, index));
  stretch.finish();
  loaded.machine.outbox = [];
  loaded.machine.printed = [];
}

/** The entry that an error of a replay is about, if it names one. */
export function entryOf(error: unknown): number | null {
  if (!(error instanceof FlowmetalError)) return null;
  const { entry } = (error.data ?? {}) as { readonly entry?: unknown };
  return typeof entry === "number" ? entry : null;
}

/** Work on one entry; an error of it names the entry, in the words of `name`. `closely`: an error of the host's does, too. */
export function atEntry<T>({ position, kind }: Entry, closely: boolean, work: () => T, name: string = kind): T {
  try {
    return work();
  } catch (error) {
    const known = error instanceof FlowmetalError;
    // The engine is too old for this program: nothing is wrong with the entry.
    if ((!known && !closely) || entryOf(error) !== null || (known && error.code === "journal/unknown-input"))
      throw error;
    const what = known
      ? error.message
      : `it cannot be replayed: ${error instanceof Error ? error.message : String(error)}`;
    throw new FlowmetalError(known ? error.code : "replay/diverged", `${what} (entry ${position}, ${name})`, {
      hint: (known && error.hint) || "the store was changed from outside, or this is a bug of the engine",
      data: { entry: position },
      cause: error,
    });
  }
}

/** The error for an entry that should be there. */
export function missingEntry(entry: number, what = `entry ${entry} of the journal is missing`): FlowmetalError {
  return new FlowmetalError("journal/missing-entry", what, {
    hint: "the store was changed from outside: restore a backup",
    data: { entry },
  });
}

/** The turn whose inputs are being delivered. */
interface UnderWay {
  readonly body: TurnBody | null;
  readonly host: ReplayHost;
  ticksBefore: number;
}

class Stretch {
  private paused: boolean;
  private turns: number;
  private underWay: UnderWay | null = null;
  /** Position of the first entry of that turn. */
  private first = 0;
  private final: Entry | null = null;
  private cancel: CancelledBody | null = null;
  /** The rewind whose command has been taken in: its entry is to be the next. */
  private rewinding: { readonly to: number; readonly command: string } | null = null;
  /** Records that must follow the turn, as some of its inputs were of no use. */
  private readonly toBeTold: NewEntry[] = [];

  constructor(
    private readonly loaded: Replayed,
    private readonly entries: readonly Entry[],
    private readonly how: Replaying,
  ) {
    this.paused = how.paused ?? false;
    this.turns = how.turns;
  }

  pass(entry: Entry, index: number): void {
    if (this.how.targets?.has(entry.position)) this.save(entry.position);
    this.at(entry, () => {
      if (this.final !== null) throw diverged(`is over with "${this.final.kind}", and the journal goes on`);
      if (this.how.witness !== undefined) checkBody(entry);
      if (this.rewinding !== null && entry.kind !== "rewound")
        throw diverged("goes back there, and the journal does not");
      if (isInput(entry.kind)) this.takeIn(entry, this.begun(index));
      else if (entry.kind === "turn") this.end(entry, this.begun(index));
      else this.record(entry);
    });
    this.loaded.position = entry.position + 1;
  }

  finish(): void {
    const last = this.entries.at(-1);
    if (last !== undefined) this.at(last, () => this.checkTold());
  }

  private at<T>(entry: Entry, work: () => T): T {
    const took = entry.kind === "turn" && this.first < entry.position;
    const name = took ? `the turn that took in ${range(this.first, entry.position - 1)}` : entry.kind;
    return atEntry(entry, this.how.witness !== undefined, work, name);
  }

  /** The turn that an entry belongs to, which is read ahead for its observations. */
  private begun(index: number): UnderWay {
    if (this.underWay !== null) return this.underWay;
    this.checkTold();
    let at = index;
    while (at < this.entries.length && isInput(this.entries[at].kind)) at++;
    this.first = this.entries[index].position;
    const body = this.read(at);
    const host = new ReplayHost(body?.observations ?? []);
    this.loaded.host.current = host;
    this.underWay = { body, host, ticksBefore: this.ticks };
    return this.underWay;
  }

  /** The turn that took in the inputs before; null: they are the last entries there are, or the last that were asked for. */
  private read(index: number): TurnBody | null {
    const entry = (this.entries[index] as Entry | undefined) ?? this.how.ahead ?? undefined;
    if (entry === undefined) {
      if (this.how.witness === undefined) return null;
      const end = this.entries[index - 1].position + 1;
      throw missingEntry(end, `the journal ends before entry ${end}, in the middle of a turn`);
    }
    return this.at(entry, () => {
      if (entry.kind !== "turn") {
        checkBody(entry);
        throw diverged(`comes to the end of a turn where the journal has "${entry.kind}"`);
      }
      const body = decodeBody(entry.kind, entry.body);
      if (body.turn !== this.turns + 1)
        throw diverged(`comes to turn ${this.turns + 1}, the journal to turn ${body.turn}`);
      checkTicks(body.ticks);
      return body;
    });
  }

  private get ticks(): number {
    const { state } = this.loaded.machine as { readonly state: Machine["state"] | undefined };
    return state?.ticks ?? 0;
  }

  private takeIn(entry: Entry, turn: UnderWay): void {
    const { loaded } = this;
    if (entry.kind === "start") {
      if (entry.position !== 0) throw diverged("begins once, the journal again");
      begin(loaded.machine, loaded.id, loaded.start);
      return;
    }
    if (entry.kind === "rewound") return this.goBack(entry, turn);
    const command = entry.kind === "command" ? decodeBody("command", entry.body) : null;
    const at = entry.kind === "stop" ? decodeBody("stop", entry.body).at : (command?.at ?? null);
    // While the program was paused nothing ran: it may have been paused at a fuel cut, with more to do.
    if (!this.paused) this.runTo(at, turn);
    if (entry.kind === "timer") checkTimer(loaded.machine, entry.body);
    const order = command?.command === "rewind" ? this.order(command, entry) : null;
    const delivered = order ?? deliver(loaded.machine, entry.kind, entry.body);
    const record = recordOf(delivered, entry, this.turns);
    if (record !== null) this.toBeTold.push(record);
    if (command === null) return;
    this.paused = isPausedAfter(command.command, this.paused);
    if (command.command === "cancel") this.cancel ??= { command: command.id, reason: command.reason };
  }

  /** Whether a rewind is carried out; its entry then follows. */
  private order(command: CommandBody, { position }: Entry): Delivered {
    const { base } = this.loaded;
    const order = rewindOf(command, { turn: this.turns, position, base });
    if ("refused" in order) return order;
    if (position !== this.first)
      throw diverged("goes back at the beginning of a turn, the journal in the middle of one");
    this.rewinding = { to: order.to, command: command.id };
    return "taken";
  }

  /** The machine is what it was at a position before, on a new branch (E-3). */
  private goBack(entry: Entry, turn: UnderWay): void {
    const { to, command } = decodeBody("rewound", entry.body);
    const state = this.how.states?.get(to);
    if (this.rewinding?.to !== to || this.rewinding.command !== command || state === undefined)
      throw diverged("was not told to go back there");
    this.rewinding = null;
    const { loaded } = this;
    const ran = this.ticks - turn.ticksBefore;
    loaded.machine = revived(loaded, state.text, entry.position);
    turn.ticksBefore = this.ticks - ran;
    this.cancel = state.cancel;
  }

  /** Keeps the state for a rewind that comes later. */
  private save(position: number): void {
    const { text } = encodeSnapshot(this.loaded.machine.state);
    this.how.states?.set(position, { text, cancel: this.cancel });
  }

  private end(entry: Entry, turn: UnderWay): void {
    const body = turn.body as TurnBody;
    if (!this.paused) this.runTo(body.cut ?? null, turn);
    if (turn.host.left > 0) throw diverged(`never asks for ${turn.host.left} of the observations in the journal`);
    const ticks = this.ticks - turn.ticksBefore;
    this.underWay = null;
    this.turns = body.turn;
    this.how.witness?.(entry, this.loaded.machine, { body, ticks, paused: this.paused });
  }

  private record(entry: Entry): void {
    if (this.how.witness !== undefined) this.checkRecord(entry);
    if (entry.kind === "done" || entry.kind === "cancelled" || entry.kind === "moved") this.final = entry;
    this.how.witness?.(entry, this.loaded.machine, null);
  }

  /** What is said of inputs that were of no use, and of who cancelled the program. */
  private checkRecord({ kind, body }: Entry): void {
    const said = kind === "cancelled" ? newEntry(kind, this.cancel ?? { command: "", reason: "" }) : this.toBeTold[0];
    if (kind !== "cancelled" && kind !== "stray" && kind !== "refused") return;
    if (kind !== "cancelled") this.toBeTold.shift();
    if (said?.kind !== kind || said.body !== body) throw diverged(`has nothing that would be "${kind}" in this way`);
  }

  private checkTold(): void {
    const missing = this.how.witness === undefined ? undefined : this.toBeTold[0];
    if (missing !== undefined)
      throw diverged(`has an input that is "${missing.kind}", and the journal does not say so`);
  }

  /** Runs until every task waits, or until the program has run `ticks` ticks in all. */
  private runTo(ticks: number | null, { body, ticksBefore }: UnderWay): void {
    if (ticks !== null) checkTicks(ticks);
    const { machine } = this.loaded;
    // One tick more than the turn has tells that it runs on.
    const most = this.how.witness === undefined || body === null ? Infinity : ticksBefore + body.ticks + 1;
    const end = Math.min(ticks ?? Infinity, most);
    while (machine.state.ticks < end) {
      this.how.attend?.();
      if (machine.run(Math.min(REPLAY_FUEL, end - machine.state.ticks)) === "idle") break;
    }
    if (machine.state.ticks >= most) throw diverged(`runs for more than the ${body?.ticks} ticks of the turn`);
  }
}

/** What is read of a body is cut out of its text, and not all of it is looked at: refuses what is not JSON, or lacks a field. */
export function checkBody({ kind, body }: Entry): void {
  try {
    JSON.parse(body);
  } catch (cause) {
    throw new FlowmetalError("journal/malformed", "a journal body is not JSON", { cause });
  }
  decodeBody(kind, body);
}

function range(first: number, last: number): string {
  return first === last ? `entry ${first}` : `entries ${first} to ${last}`;
}

function checkTicks(ticks: unknown): void {
  if (!Number.isSafeInteger(ticks) || (ticks as number) < 0) {
    throw new FlowmetalError("journal/malformed", `a journal body counts ${JSON.stringify(ticks)} ticks`);
  }
}

/** A timer's entry is the one that is next to ring. */
function checkTimer(machine: Machine, body: string): void {
  const { ref, due, now } = decodeBody("timer", body);
  const next = machine.state.timers[0];
  if (next?.event.id === ref && next.due === due && due <= now) return;
  throw diverged(`waits for ${next === undefined ? "no timer" : `timer ${next.event.id}`} where timer ${ref} rings`);
}
