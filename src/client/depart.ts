// Export (E-20): pauses and fences programs, marks them as moved, and writes all they need to go on somewhere else, one at a time.
//
// What is exported is what no longer changes: a moved program's rows stay as they are. So an export that failed behind the mark,
// or whose file was lost, is made again.
import { FlowmetalError } from "../base/errors.ts";
import { ENGINE_VERSION } from "../base/version.ts";
import { VERSIONS } from "../interpreter/turn.ts";
import type { ImageFinder } from "../interpreter/loading.ts";
import { decodeBody, encodeBody } from "../journal/codec.ts";
import { unitsNamed, unpackSnapshot } from "../snapshot/snapshot.ts";
import { beforeMove, type ProgramRows } from "../store/moving.ts";
import type { NewTexts, ProgramRow, TextRow, UnitRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { cannotPause } from "./move-errors.ts";
import { LEAVE_LIMITS, type Limits, MoveWriter } from "./move-file.ts";

export interface Departing {
  readonly store: Store;
  readonly image: ImageFinder;
  /** Lets a program be paused by whoever runs it, or by this process. */
  readonly pause: (id: string) => Promise<Pausing>;
}

export interface Pausing {
  /** It is paused, and nobody runs it. */
  readonly inTime: boolean;
  /** Lets it go on, if it is paused or will be because of this. */
  readonly undo: () => Promise<void>;
}

/** The lines of an export. `to`: where the programs go; null: they stay. */
export async function* exportLines(
  departing: Departing,
  ids: readonly string[],
  to: string | null,
  limits: Limits = LEAVE_LIMITS,
): AsyncIterable<string> {
  const check = async (rows: ProgramRows): Promise<void> => {
    const texts = await textsNamed(departing, rows);
    for (const _ of new MoveWriter(limits).program(rows, texts));
  };
  // All of them before one is paused.
  if (to !== null) for (const id of ids) await check(await rowsOf(departing.store, id));
  const writer = new MoveWriter(to === null ? limits : null);
  yield writer.head({ engine: ENGINE_VERSION, copy: to === null, programs: ids.length });
  const written = new Set<string>();
  for (const id of ids) {
    const rows = to === null ? await rowsOf(departing.store, id) : await depart(departing, id, to, check);
    yield* writer.program(rows, without(written, await textsNamed(departing, rows)));
  }
  yield writer.end();
}

/** The texts that have not been written, which then have been. */
function without(written: Set<string>, { units = [], images = [], blobs = [] }: NewTexts): NewTexts {
  const fresh = <T extends { readonly hash: string }>(rows: readonly T[]): T[] =>
    rows.filter(({ hash }) => !written.has(hash) && written.add(hash));
  return { units: fresh(units), images: fresh(images), blobs: fresh(blobs) };
}

/** Marks a program as moved to `to`, unless it is, and answers its rows as they were before. What is refused goes on. */
async function depart(
  { store, pause }: Departing,
  id: string,
  to: string,
  check: (rows: ProgramRows) => Promise<void>,
): Promise<ProgramRows> {
  for (;;) {
    const row = await read(store, id);
    if (row.status === "moved") return rowsOf(store, id);
    if (row.status === "done" || row.status === "cancelled") throw over(row);
    const paused = await pause(id);
    try {
      if (!paused.inTime) throw cannotPause(id);
      await check(await rowsOf(store, id));
      // Somebody let it go on meanwhile, or it ended: looked at again.
      if (await mark(store, id, to)) return await rowsOf(store, id);
    } catch (error) {
      await paused.undo();
      throw error;
    }
  }
}

async function mark(store: Store, id: string, to: string): Promise<boolean> {
  const { turn } = await read(store, id);
  const entry = encodeBody("turn", {
    turn: turn + 1,
    versions: VERSIONS,
    status: "moved",
    ticks: 0,
    observations: [],
    made: [],
  });
  const { outcome } = await store.moveProgram({ program: id, turn, entry, to });
  if (outcome === "owned") throw cannotPause(id);
  return outcome === "moved";
}

/** The rows of a program that is not over, as they were before it was marked. */
async function rowsOf(store: Store, id: string): Promise<ProgramRows> {
  const row = await read(store, id);
  if (row.status === "done" || row.status === "cancelled") throw over(row);
  return beforeMove((await store.readRows({ program: id }))!);
}

async function read(store: Store, id: string): Promise<ProgramRow> {
  const row = await store.readProgram({ program: id });
  if (row === null) throw new FlowmetalError("program/not-found", `there is no program ${id} in this store`);
  return row;
}

function over({ id, status }: ProgramRow): FlowmetalError {
  return new FlowmetalError("program/over", `program ${id} is ${status}: there is nothing to move`, {
    hint: `flowmetal journal ${id} --json keeps its history as a file`,
  });
}

/** All content-addressed texts that rows name: their image, sources, and units with all that these name. */
export async function textsNamed(
  { store, image }: Pick<Departing, "store" | "image">,
  rows: ProgramRows,
): Promise<NewTexts> {
  const own = await image(rows.row.image, store);
  const units = new Map<string, UnitRow>();
  const blobs = new Map<string, TextRow>();
  const known = new Set([own.hash, ...stateHashes(rows)]);
  let fresh: string[] = [];
  const note = (text: string): void => {
    for (const [hash] of text.matchAll(/[0-9a-f]{64}/g)) {
      if (known.has(hash) || own.hasUnit(hash)) continue;
      known.add(hash);
      fresh.push(hash);
    }
  };
  for (const body of bodies(rows)) note(body);
  while (fresh.length > 0) {
    const wanted = fresh;
    fresh = [];
    for (const unit of await store.readUnits({ hashes: wanted })) units.set(unit.hash, unit);
    for (const hash of wanted) {
      const unit = units.get(hash);
      if (unit !== undefined) note(unit.code + unit.debug);
      const body = unit === undefined ? await store.readBlob({ hash }) : null;
      if (body !== null) blobs.set(hash, { hash, body });
    }
  }
  return { units: [...units.values()], images: [{ hash: own.hash, body: own.text }], blobs: [...blobs.values()] };
}

function* bodies({ row, journal, snapshots, chunks, inbox, effects }: ProgramRows): Iterable<string> {
  for (const { body } of [...journal, ...snapshots, ...chunks]) yield body;
  for (const { body } of inbox) yield body ?? "";
  for (const { payload, body } of effects) yield payload + (body ?? "");
  yield `${row.result ?? ""} ${row.error ?? ""}`;
}

/** Hashes of states name no text; a long journal has many. */
function* stateHashes({ journal, snapshots }: ProgramRows): Iterable<string> {
  for (const { hash } of snapshots) yield hash;
  for (const { kind, body } of journal) {
    const hash = kind === "turn" ? decodeBody("turn", body).hash : undefined;
    if (hash !== undefined) yield hash;
  }
}

/** What a program needs and these texts and its image lack, or null: units of its states and of what was compiled; its source. */
export async function lacking(
  { store, image }: Pick<Departing, "store" | "image">,
  { row, journal, snapshots, chunks }: ProgramRows,
  { units = [], blobs = [] }: NewTexts,
): Promise<string | null> {
  const own = await image(row.image, store);
  const known = new Map(units.map((unit) => [unit.hash, unit]));
  const wanted = new Set(functionsObserved(journal));
  for (const { body } of snapshots) {
    const whole = await unpackSnapshot(body, async (hashes) => chunks.filter(({ hash }) => hashes.includes(hash)));
    for (const hash of unitsNamed(whole.text)) wanted.add(hash);
  }
  // A set goes on with what is added to it meanwhile.
  for (const hash of wanted) {
    const unit = known.get(hash);
    if (unit === undefined && !own.hasUnit(hash)) return `unit ${hash}`;
    if (unit !== undefined) for (const nested of nestedIn(unit)) wanted.add(nested);
  }
  const { source } = decodeBody("start", journal[0].body);
  return source === null || blobs.some(({ hash }) => hash === source) ? null : `source ${source}`;
}

/** Units of the functions that turns observed, such as those the compiler answered: tagged JSON, in which only functions are so written. */
function* functionsObserved(journal: ProgramRows["journal"]): Iterable<string> {
  for (const { kind, body } of journal) {
    if (kind !== "turn") continue;
    for (const { value } of decodeBody("turn", body).observations)
      for (const [, hash] of value.matchAll(/\["fn","([0-9a-f]{64})"/g)) yield hash;
  }
}

function nestedIn({ debug }: UnitRow): readonly string[] {
  return (JSON.parse(debug) as { readonly units: readonly string[] }).units.filter(
    (hash) => !hash.startsWith("machine/"),
  );
}
