// One turn (E-1): deliver inputs, run until every task waits, and write down everything that came of it as one commit.
//
// A turn is evaluated in memory and leaves nothing outside; `commitOf` is what makes it true. What it says of effects: those
// that a connector of this process carries out are born `sending` (E-4), foreign calls of this process stand in the turn
// entry and in the program's open calls, all others are `pending` for whoever claims them.
import { sha256 } from "../base/hash.ts";
import { VALUE_LENGTH_MAX } from "../base/limits.ts";
import { asciiUpper } from "../base/text.ts";
import { ENGINE_VERSION } from "../base/version.ts";
import { printShort } from "../data/printer.ts";
import { encodeOutside, encodeTagged } from "../data/tagged.ts";
import { UNICODE_VERSION } from "../data/unicode/version.ts";
import { ErrorValue, type Value } from "../data/value.ts";
import type { Connectors } from "../connector/connector.ts";
import { decodeBody, newEntry } from "../journal/codec.ts";
import type { CancelledBody, Made, NewEntry, Versions } from "../journal/entry.ts";
import type { Status, Wait } from "../journal/status.ts";
import type { EffectRequest } from "../machine/host.ts";
import type { Machine } from "../machine/machine.ts";
import { traceOf } from "../machine/trace.ts";
import { LIBRARIES, primitives } from "../primitive/registry.ts";
import { type PackedSnapshot, packSnapshot } from "../snapshot/snapshot.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { NewEffect, OpenCall, SettledEffect, TextRow, TurnCommit } from "../store/rows.ts";
import type { UnitText } from "../module/unit-text.ts";
import { deliver, type Delivered, recordOf } from "./delivery.ts";
import type { LiveHost } from "./host.ts";
import type { Loaded } from "./loading.ts";
import { rewindOf, type Whereabouts } from "./rewind.ts";
import { contractWith } from "./tracing.ts";
import { type OpenEffect, waitsOf } from "./waits.ts";

/** Engine, primitives, Unicode (S-26). */
export const VERSIONS: Versions = [
  ENGINE_VERSION,
  sha256([...primitives.map(({ name, version }) => `${name}@${version}`), ...LIBRARIES].join(" ")).slice(0, 12),
  UNICODE_VERSION,
];

/** An input on its way into the machine. `inbox`: the row it came from. `settled`: the effect it answers, from memory (E-4). */
export interface Input {
  readonly entry: NewEntry;
  readonly inbox?: number;
  readonly settled?: SettledEffect;
  /** The key it answers, when the answer came from memory. */
  readonly answered?: string;
  /** The journal has it already: a rewind gives it again. */
  readonly again?: true;
}

/** What a turn has gathered while it was evaluated. */
export interface Turn {
  readonly inputs: Input[];
  /** Entries that follow the turn's: refused, stray. */
  readonly after: NewEntry[];
  ticksBefore: number;
}

export function newTurn(loaded: Loaded): Turn {
  return { inputs: [], after: [], ticksBefore: loaded.machine.state?.ticks ?? 0 };
}

/** Delivers an input; the machine has to run afterwards. */
export function take(loaded: Loaded, standing: Standing, turn: Turn, input: Input): Delivered {
  const { kind, body } = input.entry;
  const delivered = refusedRewind(loaded, standing, turn, input) ?? deliver(loaded.machine, kind, body);
  turn.inputs.push(input);
  const record = recordOf(delivered, input.entry, standing.turn);
  if (record !== null) turn.after.push(record);
  return delivered;
}

/** Why a rewind is not carried out; null for other inputs. One that is carried out begins a turn and is not taken here. */
function refusedRewind(loaded: Loaded, standing: Standing, turn: Turn, { entry }: Input): Delivered | null {
  if (entry.kind !== "command") return null;
  const command = decodeBody("command", entry.body);
  if (command.command !== "rewind") return null;
  const order = rewindOf(command, whereabouts(loaded, standing, turn));
  if (!("refused" in order)) throw new Error("bug: a rewind was delivered as other commands are");
  return order;
}

/** Where the program is for the next input of a turn. */
export function whereabouts(loaded: Loaded, standing: Standing, turn: Turn): Whereabouts {
  return { turn: standing.turn, position: loaded.position + turn.inputs.length, base: loaded.base };
}

/** The program's row as this process knows it: what guards the next commit, and what a turn carries on. */
export interface Standing {
  term: number;
  turn: number;
  status: Status;
  waits: readonly Wait[];
  calls: readonly OpenCall[];
  paused: boolean;
  /** Open effects by key. */
  readonly open: Map<string, OpenEffect>;
  /** The stops at faults that the journal tells of. */
  readonly faults: Set<object>;
  /** The command that cancelled the program; its clean-ups may take more than one turn. */
  cancel: CancelledBody | null;
  /** Units of the program that no commit has written yet. */
  units: UnitText[];
  /** Texts of sources that no commit has written yet. */
  texts: TextRow[];
  /** Calls of an earlier process that nobody here can carry out: they become effects for others (E-4). */
  orphans: readonly NewEffect[];
}

export interface CommitContext {
  readonly loaded: Loaded;
  readonly live: LiveHost;
  readonly connectors: Connectors;
  readonly standing: Standing;
  readonly now: number;
  /** What its effects belong to. */
  readonly trace: string | null;
}

/** A turn ready to be committed, and what has to happen once it is. */
export interface Prepared {
  readonly commit: TurnCommit;
  readonly output: string;
  readonly warnings: readonly Diagnostic[];
  /** Effects to be carried out here, after the commit. */
  readonly started: readonly EffectRequest[];
  readonly waits: readonly Wait[];
  readonly status: Status;
  /** Characters of the state, if a snapshot was made of it. */
  readonly size: number | null;
}

/**
 * Makes the commit of an evaluated turn. `cut`: it ended at a fuel cut. `release`: ownership ends with it. `base`: the journal is to
 * begin behind it from now on, if it has a snapshot (E-19).
 */
export function commitOf(
  context: CommitContext,
  turn: Turn,
  how: { readonly cut: boolean; readonly release: boolean; readonly snapshot: boolean; readonly base: boolean },
): Prepared {
  const { loaded, live, connectors, standing, now } = context;
  const { machine } = loaded;
  const { observations, units, texts, warnings } = live.take();
  standing.units.push(...units);
  standing.texts.push(...texts);
  const effects = machine.outbox;
  const printed = machine.printed;
  machine.outbox = [];
  machine.printed = [];
  for (const effect of effects) standing.open.set(effect.key, describeEffect(effect));
  const status = statusOf(machine, standing.paused, how.cut);
  const over = status === "done" || status === "cancelled";
  const waits = over ? [] : waitsOf(machine, standing.open, standing.waits, now);
  const snapshot = how.snapshot && !over ? packSnapshot(machine.state) : null;
  // What is let go of is not begun here: it is there for whoever comes next, also if it may be sent once only.
  const mine = (effect: EffectRequest) => !how.release && connectors.find(effect.kind, effect.topic) !== null;
  const foreign = effects.filter((effect) => effect.kind === "foreign" && mine(effect));
  const turnPosition = loaded.position + turn.inputs.length;
  const answered = new Set(turn.inputs.flatMap((input) => (input.answered === undefined ? [] : [input.answered])));
  const isAnswered = ({ key }: OpenCall): boolean => answered.has(key) || isAnsweredElsewhere(turn, key);
  const calls: OpenCall[] = [
    ...standing.calls.filter((call) => !isAnswered(call) && !standing.orphans.some((one) => one.key === call.key)),
    ...foreign.map((effect) => ({ key: effect.key, topic: effect.topic, position: turnPosition })),
  ];
  const entries = [
    ...turn.inputs.map((input) => input.entry),
    newEntry("turn", {
      turn: standing.turn + 1,
      versions: VERSIONS,
      status,
      ticks: machine.state.ticks - turn.ticksBefore,
      observations,
      made: effects.map((effect) => madeOf(effect, foreign.includes(effect))),
      ...(snapshot === null ? {} : { hash: snapshot.hash }),
      ...(how.cut ? { cut: machine.state.ticks } : {}),
    }),
    ...turn.after,
    ...(status === "faulted" ? faultEntries(context) : []),
    ...finalEntries(context, status),
  ];
  if (how.base && snapshot !== null)
    entries.push(newEntry("base", { hash: snapshot.hash, position: loaded.position + entries.length + 1 }));
  const consumed = turn.inputs.flatMap((input, index) =>
    input.inbox === undefined ? [] : [{ id: input.inbox, position: loaded.position + index }],
  );
  const commit: TurnCommit = {
    program: loaded.id,
    term: standing.term,
    turn: standing.turn,
    position: loaded.position,
    entries,
    ...(consumed.length === 0 ? {} : { consumed }),
    ...(answered.size === 0 ? {} : { answered: [...answered] }),
    effects: [
      ...standing.orphans,
      ...effects
        .filter((effect) => !foreign.includes(effect))
        .map((effect) => rowOf(effect, mine(effect), context.trace)),
    ],
    settled: turn.inputs.flatMap((input) => (input.settled === undefined ? [] : [input.settled])),
    output: printed.map(({ at, text }) => ({ branch: machine.state.branch, number: at, text })),
    ...textsOf(standing),
    ...(snapshot === null ? {} : snapshotOf(loaded, snapshot, loaded.position + entries.length)),
    after: {
      status,
      waiting: waits,
      wake: over || standing.paused ? null : machine.wakeTime,
      cut: how.cut,
      branch: machine.state.branch,
      calls,
      image: machine.state.image,
      ...resultOf(context, status),
      ...(how.release ? { release: true } : {}),
    },
  };
  const output = printed.map(({ text }) => text).join("");
  return { commit, output, warnings, started: effects, waits, status, size: snapshot?.size ?? null };
}

/** Whether a turn takes an answer under this key from the inbox: the call is open no more, and is not made again after a crash. */
function isAnsweredElsewhere({ inputs }: Turn, key: string): boolean {
  return inputs.some(
    ({ entry, inbox }) =>
      inbox !== undefined && entry.kind === "answer" && decodeBody("answer", entry.body).key === key,
  );
}

/** A snapshot in a commit: with it go the chunks that the one before did not have. */
function snapshotOf(
  loaded: Loaded,
  { body, hash, chunks }: PackedSnapshot,
  position: number,
): Pick<TurnCommit, "snapshot" | "chunks" | "dropped"> {
  const before = loaded.latest;
  const brought: TextRow[] = [];
  for (const [address, text] of chunks) if (!before.chunks.has(address)) brought.push({ hash: address, body: text });
  const gone = [...before.chunks].filter((address) => !chunks.has(address));
  loaded.latest = { position, chunks: new Set(chunks.keys()) };
  return {
    snapshot: { hash, body },
    ...(brought.length === 0 ? {} : { chunks: brought }),
    ...(gone.length === 0 ? {} : { dropped: gone.map((address) => ({ hash: address, until: before.position })) }),
  };
}

/** The content-addressed rows of a commit. */
function textsOf({ units, texts }: Standing): Pick<TurnCommit, "texts"> {
  if (units.length + texts.length === 0) return {};
  return { texts: { ...(units.length === 0 ? {} : { units }), ...(texts.length === 0 ? {} : { blobs: texts }) } };
}

/** The status of a program whose machine has just run. `cut`: it was stopped at a fuel cut. */
export function statusOf(machine: Machine, paused: boolean, cut: boolean): Status {
  const status = machine.status();
  if (status === "done") return machine.state.cancelled ? "cancelled" : "done";
  if (paused) return "paused";
  return cut ? "ready" : status;
}

function madeOf(effect: EffectRequest, call: boolean): Made {
  const { key, kind, topic, contract, payload } = effect;
  return { key, kind, topic, ...(call ? { delivery: contract, payload } : {}) };
}

/** `here`: a connector of this process begins it after the commit, so it is born claimed (E-4). */
function rowOf(effect: EffectRequest, here: boolean, trace: string | null): NewEffect {
  return {
    key: effect.key,
    kind: effect.kind,
    topic: effect.topic,
    capability: capabilityOf(effect),
    payload: effect.payload,
    delivery: effect.contract,
    contract: contractWith(trace),
    state: here ? "sending" : "pending",
  };
}

/** What a connector must be granted to carry it out (E-14). */
function capabilityOf(effect: EffectRequest): string {
  if (effect.kind === "foreign") return `foreign:${effect.topic}`;
  return effect.kind === "http" ? "http" : effect.kind;
}

/** An open effect in a few words. */
export function describeEffect(effect: {
  readonly kind: string;
  readonly topic: string;
  readonly payload: string;
}): OpenEffect {
  if (effect.kind === "foreign") return { kind: "foreign", what: effect.topic };
  if (effect.kind !== "http") return { kind: effect.kind, what: effect.topic };
  const { method, url } = JSON.parse(effect.payload) as { method?: unknown; url?: unknown };
  return { kind: "http", what: `${asciiUpper(String(method ?? "GET"))} ${String(url ?? "")}`.slice(0, 200) };
}

/** An entry for each task that has stopped at an error since the last commit, also for one that stopped there again. */
function faultEntries({ loaded, standing }: CommitContext): NewEntry[] {
  const fresh = faultsOf(loaded).filter(({ stop }) => !standing.faults.has(stop));
  for (const { stop } of fresh) standing.faults.add(stop);
  return fresh.map(({ task, error }) => newEntry("fault", { task, error }));
}

/** A task at a fault. `stop`: its control there, another object each time it stops. */
export interface FaultedTask {
  readonly task: number;
  /** Tagged JSON. */
  readonly error: string;
  readonly stop: object;
}

/** The faulted tasks of a machine and their errors in tagged JSON. */
export function faultsOf(loaded: Pick<Loaded, "machine">): FaultedTask[] {
  const faults: FaultedTask[] = [];
  for (const task of loaded.machine.state.tasks.values()) {
    if (task.control.kind !== "fault") continue;
    const trace = traceOf(task.stack, task.segment);
    faults.push({ task: task.id, error: storable(task.control.error, trace), stop: task.control });
  }
  return faults;
}

/** Any value can be thrown; what cannot be written down is told by its message alone. */
function storable(error: Value, trace: Value): string {
  try {
    const text = encodeOutside(error);
    if (text.length <= VALUE_LENGTH_MAX) return text;
  } catch {
    // As below.
  }
  const known = error instanceof ErrorValue ? error : null;
  if (known === null) return encodeTagged("a value that cannot be written down was thrown");
  const message = known.message.length > MESSAGE_MAX ? `${known.message.slice(0, MESSAGE_MAX)}...` : known.message;
  return encodeTagged(new ErrorValue(known.type, message, null, null, known.trace ?? trace));
}

/** Characters of the message of an error that is too large to be written down as a whole. */
const MESSAGE_MAX = 10_000;

function finalEntries({ loaded, standing }: CommitContext, status: Status): NewEntry[] {
  const { control } = loaded.machine.state.main;
  if (status === "done" && control.kind === "done") return [newEntry("done", { result: resultText(control.value) })];
  if (status !== "cancelled") return [];
  return [newEntry("cancelled", standing.cancel ?? { command: "", reason: "" })];
}

function resultOf({ loaded }: CommitContext, status: Status): { result?: string; error?: string } {
  const { control } = loaded.machine.state.main;
  if (status === "done" && control.kind === "done") return { result: resultText(control.value) };
  if (status === "faulted") return { error: faultsOf(loaded)[0].error };
  return {};
}

/** A program's result for those who look at it from outside its program; one too large to be written down is told by how it prints. */
export function resultText(value: Value): string {
  try {
    const text = encodeOutside(value);
    if (text.length <= VALUE_LENGTH_MAX) return text;
  } catch {
    // As below.
  }
  return encodeTagged(printShort(value));
}
