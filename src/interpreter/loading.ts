// Brings a program into memory: code, snapshot, and the entries behind the snapshot, replayed.
import { FlowmetalError } from "../base/errors.ts";
import type { Entry, StartBody } from "../journal/entry.ts";
import { decodeBody } from "../journal/codec.ts";
import type { Host } from "../machine/host.ts";
import { Machine, type MachineOptions } from "../machine/machine.ts";
import type { Image } from "../module/image.ts";
import { ProgramLibrary } from "../module/library.ts";
import type { ModuleFile } from "../module/search-path.ts";
import { decodeSnapshot, stateHash, unitsNamed } from "../snapshot/snapshot.ts";
import { Source } from "../source/source.ts";
import type { SnapshotRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { begin, ticksMaxOf } from "./delivery.ts";
import { ReplayHost, SwitchedHost } from "./host.ts";
import { modulesOfStart } from "./start-modules.ts";
import { atEntry, checkBody, missingEntry, replay, type Witness } from "./stretch.ts";

/** Entries one read of the journal asks for. */
export const ENTRIES_PER_READ = 1_000;

/** A program in memory, at a journal position. */
export interface Loaded {
  readonly id: string;
  readonly machine: Machine;
  readonly library: ProgramLibrary;
  readonly host: SwitchedHost;
  readonly start: StartBody;
  /** The sources its code was compiled from, by content hash. */
  readonly sources: Map<string, Source>;
  /** Modules that travel with it, by name; those of a program that has taken a turn stand in `sources`. */
  readonly modules: ReadonlyMap<string, ModuleFile>;
  /** Entries applied. */
  position: number;
}

/** How images are found: those of this engine without the store, others in it. */
export type ImageFinder = (hash: string, store: Store) => Promise<Image>;

export interface LoadContext {
  readonly store: Store;
  readonly image: ImageFinder;
  readonly options?: MachineOptions;
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
    readonly fromStart?: true;
    readonly witness?: Witness;
  } = {},
): Promise<Loaded> {
  const { store } = context;
  const snapshot =
    how.fromStart === true
      ? null
      : await store.readSnapshot({ program: id, ...(how.position === undefined ? {} : { position: how.position }) });
  const start = await readStart(store, id);
  const prepared = await prepare(context, id, start);
  // A first turn asks for what its ns form names; with that come the texts of all the rest.
  const loaded = snapshot !== null ? prepared : { ...prepared, modules: await storedModules(store, start) };
  if (snapshot !== null) await adopt(store, loaded, snapshot);
  const entries = await readEntries(store, id, snapshot?.position ?? 0, how.position);
  await loadCode(store, loaded, hashesIn(entries.map((entry) => entry.body)));
  const paused = snapshot !== null && entries.length > 0 && (await wasPaused(store, id, snapshot.position));
  replay(loaded, entries, { paused, turns: snapshot?.turn ?? 0, witness: how.witness });
  if (how.position !== undefined && loaded.position < how.position) throw missingEntry(loaded.position);
  return loaded;
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
  const machine = new Machine(library, switched, machineOptions(start, options));
  begin(machine, id, start);
  return {
    id,
    machine,
    library,
    host: switched,
    start,
    sources: new Map([[source.hash, source]]),
    modules: new Map(),
    position: 0,
  };
}

function machineOptions(start: StartBody, options: MachineOptions): MachineOptions {
  const ticksMax = ticksMaxOf(start);
  return ticksMax === undefined ? options : { ...options, ticksMax };
}

async function readStart(store: Store, id: string): Promise<StartBody> {
  const [first] = await store.readJournal({ program: id, from: 0, limit: 1 });
  if (first === undefined || first.kind !== "start") {
    throw new FlowmetalError("program/no-start", `entry 0 of the journal of program ${id} is not its start`, {
      hint: "the store was changed from outside: restore a backup",
      data: { entry: 0 },
    });
  }
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
  const machine = new Machine(library, host, machineOptions(start, context.options ?? {}));
  const sources = new Map<string, Source>();
  if (start.source !== null) {
    const text = await store.readBlob({ hash: start.source });
    if (text !== null) sources.set(start.source, new Source(start.name, text));
  }
  return { id, machine, library, host, start, sources, modules: new Map(), position: 0 };
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

async function adopt(store: Store, loaded: Loaded, snapshot: SnapshotRow): Promise<void> {
  await loadCode(store, loaded, unitsNamed(snapshot.body));
  const { machine } = loaded;
  machine.adopt(decodeSnapshot(snapshot.body, machine));
  if (stateHash(machine.state) !== snapshot.hash) {
    throw new FlowmetalError("snapshot/invalid", `the snapshot of program ${loaded.id} is not what its hash says`, {
      hint: "the store was changed from outside: restore a backup, or replay from an earlier snapshot",
    });
  }
  loaded.position = snapshot.position;
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
async function wasPaused(store: Store, program: string, position: number): Promise<boolean> {
  for (let from = position - 1; from > 0; from--) {
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

async function loadSource(store: Store, sources: Map<string, Source>, { file, hash }: DebugPart): Promise<void> {
  if (sources.has(hash)) return;
  const text = await store.readBlob({ hash });
  if (text !== null) sources.set(hash, new Source(file, text));
}
