// Brings a program into memory: code, snapshot, and the entries behind the snapshot, replayed.
import { FlowmetalError } from "../base/errors.ts";
import { Recent } from "../base/recent.ts";
import { type Entry, isInput, type StartBody } from "../journal/entry.ts";
import { decodeBody } from "../journal/codec.ts";
import type { Host } from "../machine/host.ts";
import { Machine, type MachineOptions } from "../machine/machine.ts";
import type { Image } from "../module/image.ts";
import { ProgramLibrary } from "../module/library.ts";
import type { ModuleFile } from "../module/search-path.ts";
import { decodeSnapshot, encodeSnapshot, stateHash, unitsNamed, unpackSnapshot } from "../snapshot/snapshot.ts";
import { Source } from "../source/source.ts";
import type { ProgramRow, SnapshotRow } from "../store/rows.ts";
import type { ProgramToRun, Store } from "../store/store.ts";
import { begin, ticksMaxOf } from "./delivery.ts";
import { ReplayHost, SwitchedHost } from "./host.ts";
import { modulesOfStart } from "./start-modules.ts";
import { atEntry, checkBody, missingEntry, replay, type States, type Witness } from "./stretch.ts";

/** Entries one read of the journal asks for. */
export const ENTRIES_PER_READ = 1_000;

/** A program in memory, at a journal position. */
export interface Loaded {
  readonly id: string;
  /** Another one after a rewind. */
  machine: Machine;
  readonly library: ProgramLibrary;
  readonly host: SwitchedHost;
  readonly start: StartBody;
  /** The sources its code was compiled from, by content hash. */
  readonly sources: Map<string, Source>;
  /** Modules that travel with it, by name; those of a program that has taken a turn stand in `sources`. */
  readonly modules: ReadonlyMap<string, ModuleFile>;
  /** Entries applied. */
  position: number;
  /** Where its journal begins: what was before is gone (E-19); 0: it is whole. */
  base: number;
  /** A machine without a state, for the program's code. */
  readonly newMachine: () => Machine;
  /** The latest snapshot of the program, written or about to be: the next one brings only the chunks that this one has not. */
  latest: LatestSnapshot;
}

/** The latest snapshot of a program as far as the next one needs it. */
export interface LatestSnapshot {
  readonly position: number;
  /** The addresses of its chunks. */
  readonly chunks: ReadonlySet<string>;
}

const NONE: LatestSnapshot = { position: 0, chunks: new Set() };

/** How images are found: those of this engine without the store, others in it. */
export type ImageFinder = (hash: string, store: Store) => Promise<Image>;

/**
 * Told whose work is next, before any that does not give way, and what it is: `program`, a slice of its fuel; `engine`, to read, replay
 * or write its state, which takes as long as that is large.
 */
export type Attend = (program: string, work: "program" | "engine") => void;

export interface LoadContext {
  readonly store: Store;
  readonly image: ImageFinder;
  readonly options?: MachineOptions;
  readonly attend?: Attend | undefined;
}

/**
 * Loads a program at its present position, or as it was at `position`; `fromStart`: by its whole journal. An error of the journal
 * names the entry (`entryOf`).
 */
export async function loadProgram(
  context: LoadContext,
  id: string,
  how: {
    readonly position?: number;
    /** Its row, of whoever owns it: then it is not read. */
    readonly row?: ProgramRow;
    /** With it what was read of many programs at once. */
    readonly toRun?: ProgramToRun | undefined;
    readonly fromStart?: true;
    readonly witness?: Witness;
    /** Told what the replay of entries begins with. */
    readonly begun?: (loaded: Loaded, snapshot: SnapshotRow | null) => void;
    /** States that rewinds go back to, as far as they are known; others are added. */
    readonly states?: States;
  } = {},
): Promise<Loaded> {
  const { store } = context;
  const { states = new Map() } = how;
  const base = how.row?.base ?? (await readBase(store, id, how.position));
  const first = await readFirst(store, id, how.toRun?.first);
  const start = startOf(first);
  const snapshot = how.fromStart === true ? await firstSnapshot(store, id, base, start) : await latest(store, id, how);
  const prepared = await prepare(context, id, start);
  // A first turn asks for what its ns form names; with that come the texts of all the rest.
  const began = snapshot !== null && snapshot.turn > 0;
  const loaded = began ? prepared : { ...prepared, modules: await storedModules(store, start) };
  loaded.base = base;
  const attend = () => context.attend?.(id, "engine");
  if (snapshot !== null) await adopt(store, loaded, snapshot, attend);
  how.begun?.(loaded, snapshot);
  const from = snapshot?.position ?? 0;
  const isAll = how.row?.position === Math.max(1, from);
  const behind = snapshot === null ? [first] : [];
  const entries = isAll ? behind : await readEntries(store, id, from, how.position);
  const ahead = how.position === undefined ? null : await turnBehind(store, id, entries);
  const own = new Set([start.image, start.source]);
  const named = hashesIn([...entries, ...(ahead === null ? [] : [ahead])].map((entry) => entry.body));
  await loadCode(
    store,
    loaded,
    named.filter((hash) => !own.has(hash)),
  );
  const targets = targetsOf(entries);
  await loadStates(context, loaded, targets, states);
  const paused = snapshot !== null && entries.length > 0 && (await wasPaused(store, id, snapshot.position, base));
  const turns = snapshot?.turn ?? 0;
  replay(loaded, entries, { paused, turns, witness: how.witness, ahead, states, targets, attend });
  if (how.position !== undefined && loaded.position < how.position) throw missingEntry(loaded.position);
  return loaded;
}

/** A snapshot whose chunks were read: `body` is of format version 1. */
interface StateRow extends SnapshotRow {
  readonly chunks: ReadonlySet<string>;
}

/** Reads of a snapshot whose chunks go while they are read, at most: another process runs the program on. */
const READS_MAX = 20;

/** Reads the latest snapshot of a program at or before a position, unless it is `known`, and its chunks. Null: there is none. */
export async function readState(
  store: Store,
  program: string,
  position?: number,
  known: SnapshotRow | null = null,
): Promise<StateRow | null> {
  const read = () => store.readSnapshot({ program, ...(position === undefined ? {} : { position }) });
  let row = known ?? (await read());
  for (let reads = 1; row !== null; reads++) {
    try {
      const { text, chunks } = await unpackSnapshot(row.body, (hashes) => store.readChunks({ program, hashes }));
      return { ...row, body: text, chunks };
    } catch (error) {
      const now = await read();
      const isMissing = error instanceof FlowmetalError && error.code === "snapshot/missing-chunk";
      if (!isMissing || now?.position === row.position || reads === READS_MAX) throw error;
      row = now;
    }
  }
  return null;
}

/** A program about to begin: nothing of it is in the store yet. */
export function freshProgram(
  image: Image,
  id: string,
  start: StartBody,
  source: Source,
  options: MachineOptions,
  host: Host,
): Loaded {
  const library = new ProgramLibrary(image);
  const switched = new SwitchedHost(host);
  const newMachine = () => new Machine(library, switched, machineOptions(start, options));
  const machine = newMachine();
  begin(machine, id, start);
  const sources = new Map([[source.hash, source]]);
  const modules = new Map();
  return {
    id,
    machine,
    library,
    host: switched,
    start,
    sources,
    modules,
    position: 0,
    base: 0,
    newMachine,
    latest: NONE,
  };
}

/** The state that each rewind of a stretch goes back to, where it is before the stretch. */
async function loadStates(context: LoadContext, loaded: Loaded, targets: ReadonlySet<number>, states: States) {
  const { id, position } = loaded;
  for (const to of [...targets].sort((a, b) => a - b)) {
    if (to < position && !states.has(to)) {
      const { machine } = await loadProgram(context, id, { position: to, states });
      states.set(to, { text: encodeSnapshot(machine.state).text, cancel: null });
    }
    const state = states.get(to);
    if (state !== undefined) await loadCode(context.store, loaded, unitsNamed(state.text));
  }
}

/** The positions that rewinds among these entries go back to. */
function targetsOf(entries: readonly Entry[]): Set<number> {
  const rewinds = entries.filter(({ kind }) => kind === "rewound");
  return new Set(rewinds.map((entry) => atEntry(entry, true, () => decodeBody("rewound", entry.body).to)));
}

/** The turn whose inputs the last of these entries belongs to, where that is one: it has their observations. */
async function turnBehind(store: Store, program: string, entries: readonly Entry[]): Promise<Entry | null> {
  const last = entries.at(-1);
  if (last === undefined || !isInput(last.kind)) return null;
  for (let from = last.position + 1; ; from += ENTRIES_PER_READ) {
    const read = await store.readJournal({ program, from, limit: ENTRIES_PER_READ });
    const found = read.find(({ kind }) => !isInput(kind));
    if (found !== undefined || read.length < ENTRIES_PER_READ) return found ?? null;
  }
}

/** Where the journal begins; refuses a position that it does not have, or has no longer. */
async function readBase(store: Store, id: string, position: number | undefined): Promise<number> {
  const row = await store.readProgram({ program: id });
  if (row === null) return 0;
  if (position === undefined) return row.base;
  if (position < 1 || position > row.position) throw noPosition(row, position);
  if (position < row.base) throw compacted(row, position);
  return row.base;
}

function noPosition({ id, position: end }: ProgramRow, position: number): FlowmetalError {
  return new FlowmetalError("journal/no-position", `program ${id} has no state after ${position} entries`, {
    hint: `give a position from 1 to ${end}; flowmetal journal ${id} shows the entries`,
  });
}

function compacted({ id, base }: ProgramRow, position: number): FlowmetalError {
  const what = base === 1 ? "it is a fork" : "what was before is gone";
  return new FlowmetalError(
    "journal/compacted",
    `the journal of program ${id} begins at entry ${base}, and there is no state after ${position} entries: ${what}`,
    { hint: `give a position from ${base} on` },
  );
}

/** The newest snapshot there is, or the newest at or before `position`. */
async function latest(
  store: Store,
  program: string,
  {
    position,
    row,
    toRun,
  }: { readonly position?: number; readonly row?: ProgramRow; readonly toRun?: ProgramToRun | undefined },
): Promise<StateRow | null> {
  if (row !== undefined && row.snapshot === null && position === undefined) return null;
  return readState(store, program, position, toRun?.snapshot ?? null);
}

/** What a journal begins with that does not begin with nothing: the snapshot whose hash it names (E-19). */
async function firstSnapshot(store: Store, id: string, base: number, start: StartBody): Promise<StateRow | null> {
  if (base === 0) return null;
  const snapshot = await readState(store, id, base);
  const hash = start.forked !== undefined && base === 1 ? start.forked.hash : await hashOfBase(store, id, base);
  if (snapshot?.position === base && snapshot.hash === hash) return snapshot;
  throw missingEntry(base - 1, `the state that the journal of program ${id} begins with at entry ${base} is missing`);
}

async function hashOfBase(store: Store, program: string, base: number): Promise<string | null> {
  const [entry] = await store.readJournal({ program, from: base - 1, limit: 1 });
  return entry?.kind === "base" ? decodeBody("base", entry.body).hash : null;
}

function machineOptions(start: StartBody, options: MachineOptions): MachineOptions {
  const ticksMax = ticksMaxOf(start);
  return ticksMax === undefined ? options : { ...options, ticksMax };
}

async function readFirst(store: Store, id: string, known: Entry | undefined): Promise<Entry> {
  const [first] = known === undefined ? await store.readJournal({ program: id, from: 0, limit: 1 }) : [known];
  if (first === undefined || first.kind !== "start") {
    throw new FlowmetalError("program/no-start", `entry 0 of the journal of program ${id} is not its start`, {
      hint: "the store was changed from outside: restore a backup",
      data: { entry: 0 },
    });
  }
  return first;
}

function startOf(first: Entry): StartBody {
  return atEntry(first, true, () => {
    checkBody(first);
    return decodeBody("start", first.body);
  });
}

async function prepare(context: LoadContext, id: string, start: StartBody): Promise<Loaded> {
  const { store } = context;
  const image = await context.image(start.image, store);
  const library = new ProgramLibrary(image);
  const host = new SwitchedHost(new ReplayHost([]));
  const newMachine = () => new Machine(library, host, machineOptions(start, context.options ?? {}));
  const sources = new Map<string, Source>();
  if (start.source !== null) {
    await loadSource(store, sources, { file: start.name, hash: start.source });
  }
  return {
    id,
    machine: newMachine(),
    library,
    host,
    start,
    sources,
    modules: new Map(),
    position: 0,
    base: 0,
    newMachine,
    latest: NONE,
  };
}

/** The modules that travel with a program, by name. */
async function storedModules(store: Store, start: StartBody): Promise<Map<string, ModuleFile>> {
  const modules = new Map<string, ModuleFile>();
  for (const { name, file, hash } of modulesOfStart(start)) {
    const text = await store.readBlob({ hash });
    if (text !== null) modules.set(name, { file, bytes: Buffer.from(text) });
  }
  return modules;
}

async function adopt(store: Store, loaded: Loaded, snapshot: StateRow, attend: () => void): Promise<void> {
  attend();
  await loadCode(store, loaded, unitsNamed(snapshot.body));
  attend();
  const { machine } = loaded;
  machine.adopt(decodeSnapshot(snapshot.body, machine));
  if (stateHash(machine.state) !== snapshot.hash) {
    throw new FlowmetalError("snapshot/invalid", `the snapshot of program ${loaded.id} is not what its hash says`, {
      hint: "the store was changed from outside: restore a backup, or replay from an earlier snapshot",
    });
  }
  loaded.position = snapshot.position;
  loaded.latest = { position: snapshot.position, chunks: snapshot.chunks };
}

async function readEntries(store: Store, program: string, from: number, to?: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const next = from + entries.length;
    const limit = Math.min(ENTRIES_PER_READ, (to ?? Number.MAX_SAFE_INTEGER) - next);
    const read = limit <= 0 ? [] : await store.readJournal({ program, from: next, limit });
    for (const entry of read) {
      if (entry.position !== from + entries.length) throw missingEntry(from + entries.length);
      entries.push(entry);
    }
    if (read.length < limit || limit <= 0) return entries;
  }
}

/** Whether the program was paused at a journal position: the last turn before it says so. */
async function wasPaused(store: Store, program: string, position: number, base: number): Promise<boolean> {
  // A journal is not compacted while its program is paused.
  for (let from = position - 1; from > 0 && from >= base; from--) {
    const [entry] = await store.readJournal({ program, from, limit: 1 });
    if (entry?.kind === "turn") return decodeBody("turn", entry.body).status === "paused";
  }
  return false;
}

/** Unit hashes that tagged JSON in these texts names. */
export function hashesIn(texts: readonly string[]): string[] {
  const found = new Set<string>();
  for (const text of texts) for (const [, hash] of text.matchAll(/"([0-9a-f]{64})"/g)) found.add(hash);
  return [...found];
}

/** What is needed of a unit's debug table. */
interface DebugPart {
  readonly units: readonly string[];
  readonly file: string;
  readonly hash: string;
}

/**
 * Reads units from the store, with all that are nested in them, unless the library has them; missing ones are left out. And the
 * sources they were compiled from: what is left of one that is half loaded is compiled from its text.
 */
async function loadCode(store: Store, { library, sources }: Loaded, hashes: readonly string[]): Promise<void> {
  let wanted = hashes.filter((hash) => !library.has(hash));
  while (wanted.length > 0) {
    const units = await store.readUnits({ hashes: wanted });
    library.add(units);
    const parts = units.map((unit) => JSON.parse(unit.debug) as DebugPart);
    for (const part of parts) await loadSource(store, sources, part);
    wanted = [...new Set(parts.flatMap((part) => part.units))].filter((hash) => !library.has(hash));
  }
}

/** Sources read lately, by name and hash: many programs run the same script, and what a text was lexed to stays with it. */
const knownSources = new Recent<Source>(200);
/** Longer texts are read again each time. */
const KNOWN_MAX = 262_144;

async function loadSource(
  store: Store,
  sources: Map<string, Source>,
  { file, hash }: Pick<DebugPart, "file" | "hash">,
): Promise<void> {
  if (sources.has(hash)) return;
  const key = `${hash} ${file}`;
  let source = knownSources.get(key);
  if (source === undefined) {
    const text = await store.readBlob({ hash });
    if (text === null) return;
    source = new Source(file, text);
    if (text.length <= KNOWN_MAX) knownSources.set(key, source);
  }
  sources.set(hash, source);
}
