// Export (E-20): pauses and fences a program, marks it as moved, and gathers all it needs to go on somewhere else.
//
// What is exported is what no longer changes: a moved program's rows stay as they are. So an export that failed behind the mark,
// or whose file was lost, is made again.
import { FlowmetalError } from "../base/errors.ts";
import { VERSIONS } from "../interpreter/turn.ts";
import type { ImageFinder } from "../interpreter/loading.ts";
import { decodeBody, encodeBody } from "../journal/codec.ts";
import { unitsNamed, unpackSnapshot } from "../snapshot/snapshot.ts";
import { beforeMove, type ProgramRows } from "../store/moving.ts";
import type { NewTexts, ProgramRow, TextRow, UnitRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { cannotPause } from "./move-errors.ts";

export interface Departing {
  readonly store: Store;
  readonly image: ImageFinder;
  /** Lets a program be paused by whoever runs it, or by this process; false: not in time. */
  readonly pause: (id: string) => Promise<boolean>;
}

/** Marks a program as moved to `to`, unless it is, and answers its rows as they were before. */
export async function depart({ store, pause }: Departing, id: string, to: string): Promise<ProgramRows> {
  for (;;) {
    const row = await read(store, id);
    if (row.status === "moved") return beforeMove((await store.readRows({ program: id }))!);
    if (row.status === "done" || row.status === "cancelled") throw over(row);
    if ((row.status !== "paused" || row.owner !== null) && !(await pause(id))) throw cannotPause(id);
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
    // Somebody let it go on meanwhile, or it ended: looked at again.
    if (outcome === "owned") throw cannotPause(id);
  }
}

/** The rows of a program that stays where it is. */
export async function rowsOf(store: Store, id: string): Promise<ProgramRows> {
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

/** One list of texts for several programs. */
export function joinTexts(all: readonly NewTexts[]): NewTexts {
  const unique = <T extends { readonly hash: string }>(rows: readonly T[]): T[] => [
    ...new Map(rows.map((row) => [row.hash, row])).values(),
  ];
  return {
    units: unique(all.flatMap(({ units = [] }) => units)),
    images: unique(all.flatMap(({ images = [] }) => images)),
    blobs: unique(all.flatMap(({ blobs = [] }) => blobs)),
  };
}
