// Verifies that the journal of a program leads to the state the store has (the master property, S-26).
//
// The journal is replayed from its beginning, and everything its entries say of the machine is compared: ticks, status, effects made
// and the state hash of every turn; the errors of faults, the result, what became of inputs nobody waited for; and the output.
// What cannot be noticed is a change that nothing in the program depends on: another answer that is thrown away.
import { FlowmetalError } from "../base/errors.ts";
import { isOver, type Status } from "../journal/status.ts";
import { decodeBody } from "../journal/codec.ts";
import type { Entry, Made, TurnBody } from "../journal/entry.ts";
import type { EffectRequest } from "../machine/host.ts";
import type { Machine } from "../machine/machine.ts";
import { stateHash } from "../snapshot/snapshot.ts";
import type { ProgramRow, SnapshotRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { diverged } from "./host.ts";
import { type LoadContext, type Loaded, loadProgram } from "./loading.ts";
import { entryOf, type TurnSeen, type Witness } from "./stretch.ts";
import { faultsOf, resultText, statusOf } from "./turn.ts";

/** Chunks one read of the output asks for. */
const OUTPUT_PER_READ = 1_000;

/** What a verification found. */
export interface Verification {
  readonly from: number;
  readonly to: number;
  /**
   * State hashes of the last turn that recorded one, or of the turn where the two differ: as the journal has it (null: no turn
   * has) and as the replay has it (then that of the last state).
   */
  readonly recorded: string | null;
  readonly replayed: string;
  readonly same: boolean;
  /** The entry where journal and replay part. */
  readonly divergedAt: number | null;
  readonly why: string | null;
}

/** Replays a program from where its journal begins to where its row stands, comparing all that was recorded. */
export async function verifyReplay(context: LoadContext, row: ProgramRow): Promise<Verification> {
  const comparison = new Comparison();
  const { base: from, position: to } = row;
  const found = (replayed: string) => ({ from, to, recorded: comparison.recorded, replayed });
  try {
    const { witness, begun } = comparison;
    const how = { fromStart: true, position: row.position, witness, begun } as const;
    const { machine } = await loadProgram(context, row.id, how);
    comparison.checkEnd(row);
    await checkSnapshot(context.store, row, comparison);
    await checkOutput(context.store, row, comparison.printed);
    const replayed = comparison.recorded === null ? stateHash(machine.state) : comparison.replayed;
    return { ...found(replayed), same: true, divergedAt: null, why: null };
  } catch (error) {
    const divergedAt = entryOf(error);
    if (divergedAt === null) throw error;
    return { ...found(comparison.replayed), same: false, divergedAt, why: (error as Error).message };
  }
}

/** A chunk of output as the replay printed it. */
interface Printed {
  readonly entry: Entry;
  readonly at: number;
  readonly text: string;
}

/** The witness of a whole journal, and what it has seen. */
class Comparison {
  /** State hashes after the last turn that recorded one. */
  recorded: string | null = null;
  replayed = "";
  /** Counter of that turn. */
  turn = 0;
  readonly printed: Printed[] = [];
  private status: Status = "ready";
  private turns = 0;
  private last: Entry | null = null;
  private result: string | null = null;
  /** Stops at faults that were there after an earlier turn. */
  private readonly stops = new Set<object>();
  /** Tasks that stopped in the last turn, and whose errors are to follow. */
  private readonly stopped = new Set<number>();

  readonly witness: Witness = (entry, machine, turn) => {
    if (turn !== null) this.compareTurn(entry, machine, turn);
    else if (entry.kind === "fault") this.compareFault(entry, machine);
    else if (entry.kind === "done") this.compareResult(entry, machine);
    this.last = entry;
  };

  /** The journal begins with a state: of a fork, or where it was compacted. */
  readonly begun = (loaded: Loaded, snapshot: SnapshotRow | null): void => {
    if (snapshot === null) return;
    this.recorded = snapshot.hash;
    this.replayed = snapshot.hash;
    this.turn = snapshot.turn;
    this.turns = snapshot.turn;
    for (const { stop } of faultsOf(loaded)) this.stops.add(stop);
  };

  private compareTurn(entry: Entry, machine: Machine, { body, ticks, paused }: TurnSeen): void {
    this.checkTold();
    this.status = body.status;
    this.turns = body.turn;
    this.noteStops(machine, body);
    for (const { at, text } of machine.printed.splice(0)) this.printed.push({ entry, at, text });
    compareMade(body, machine.outbox.splice(0));
    differ("runs", `${ticks} ticks`, `${body.ticks} ticks`);
    // To be moved is nothing that happens to the machine: it was paused before.
    const is = statusOf(machine, paused, body.cut !== undefined);
    differ("is", is === "paused" && body.status === "moved" ? "moved" : is, body.status);
    if (body.hash === undefined) return;
    this.recorded = body.hash;
    this.replayed = stateHash(machine.state);
    this.turn = body.turn;
    differ("comes to the state", this.replayed, body.hash);
  }

  private noteStops(machine: Machine, { status }: TurnBody): void {
    for (const { task, stop } of faultsOf({ machine })) {
      // What stops while a person has paused the program is told later, if at all.
      if (!this.stops.has(stop) && status === "faulted") this.stopped.add(task);
      this.stops.add(stop);
    }
  }

  private compareFault(entry: Entry, machine: Machine): void {
    const { task, error } = decodeBody("fault", entry.body);
    const fault = faultsOf({ machine }).find((one) => one.task === task);
    differ(`stops task ${task} at`, fault?.error ?? "nothing", error);
    this.stopped.delete(task);
  }

  /** Every error that stopped a task in a turn is told behind it. */
  private checkTold(): void {
    const [task] = this.stopped;
    if (task !== undefined)
      throw parted(this.last?.position ?? 0, `it does not say at which error task ${task} stopped`);
  }

  private compareResult(entry: Entry, machine: Machine): void {
    const { control } = machine.state.main;
    const { result } = decodeBody("done", entry.body);
    differ("ends with", control.kind === "done" ? resultText(control.value) : "no result", result);
    this.result = result;
  }

  /** The journal ends as the program's row does. */
  checkEnd(row: ProgramRow): void {
    this.checkTold();
    const end = row.position - 1;
    // Nothing has happened since the journal began.
    if (this.last === null && row.position === row.base) return;
    if (this.last?.position !== end) throw parted(end, "it ends with an input that no turn took in");
    if (this.turns !== row.turn)
      throw parted(end, `it comes to turn ${this.turns}, and the program to turn ${row.turn}`);
    const over = isOver(this.status) ? this.status : "going on";
    const said = isOver(row.status) ? row.status : "going on";
    if (over !== said) throw parted(end, `it is ${over} there, and the program is ${said}`);
    if (over !== "going on" && this.last.kind !== over) throw parted(end, `it does not end with "${over}"`);
    if (row.status === "done" && row.result !== this.result) throw parted(end, "the program's row has another result");
  }
}

/** Where the journal does not agree with the rest of the store. */
function parted(entry: number, what: string): FlowmetalError {
  return new FlowmetalError("replay/diverged", `the journal is not that of the program: ${what} (entry ${entry})`, {
    data: { entry },
  });
}

function differ(verb: string, replayed: string, recorded: string): void {
  if (replayed === recorded) return;
  let same = 0;
  while (replayed[same] === recorded[same]) same++;
  const [mine, theirs] = [replayed, recorded].map((text) => excerpt(text, same));
  throw diverged(`${verb} ${mine} where the journal has ${theirs}`);
}

/** A text as far as a message can show it, around the place that matters. */
function excerpt(text: string, at: number): string {
  const from = at < 60 ? 0 : at - 40;
  return `${from > 0 ? "..." : ""}${text.slice(from, from + 100)}${text.length > from + 100 ? "..." : ""}`;
}

function compareMade(body: TurnBody, outbox: readonly EffectRequest[]): void {
  for (let i = 0; i < Math.max(body.made.length, outbox.length); i++) {
    const [made, recorded] = [outbox[i] as EffectRequest | undefined, body.made[i] as Made | undefined];
    // A payload stands in the journal only where there is no row for the effect (E-4).
    const whole = recorded?.payload !== undefined;
    differ("makes", effectText(made, whole), effectText(recorded, whole));
  }
}

function effectText(effect: EffectRequest | Made | undefined, whole: boolean): string {
  if (effect === undefined) return "no effect";
  const { key, kind, topic, payload } = effect;
  return [key, kind, topic, whole ? payload : ""].join(" ").trim();
}

/**
 * The newest snapshot is of the last turn that recorded a state, and of that state. An older one is not asked: a program that runs
 * while this looks may have thinned out the one that its row told of.
 */
async function checkSnapshot(store: Store, row: ProgramRow, { turn, recorded }: Comparison): Promise<void> {
  const snapshot = await store.readSnapshot({ program: row.id, position: row.position });
  if (snapshot === null || snapshot.turn < turn || (snapshot.turn === turn && snapshot.hash === recorded)) return;
  throw parted(snapshot.position - 1, `its turn ${snapshot.turn} does not record the state of the snapshot`);
}

/** The output is what the replay printed, chunk by chunk. */
async function checkOutput(store: Store, row: ProgramRow, printed: readonly Printed[]): Promise<void> {
  // What was printed before the journal began is not printed again.
  const first = row.base === 0 ? 0 : Math.max(0, row.output - printed.length);
  for (let serial = first; serial < Math.max(row.output, printed.length); ) {
    const rows = await store.readOutput({
      program: row.id,
      after: serial,
      limit: Math.min(OUTPUT_PER_READ, row.output - serial),
    });
    if (rows.length === 0)
      throw parted(printed[serial - first]?.entry.position ?? row.position - 1, "output is missing");
    for (const { number, text } of rows) {
      const said = printed[serial++ - first];
      const entry = said?.entry.position ?? row.position - 1;
      if (said === undefined || said.at !== number || said.text !== text)
        throw parted(entry, "the output has another text");
    }
  }
}
