// Import (E-20): programs out of a file, looked at as what a stranger sends (E-24), then put into the store, each in one transaction.
//
// They are put into a store in memory first: there each of their snapshots is decoded, its code re-hashed and validated and its
// state hash compared, and the entries behind the newest one are replayed. Only then the store itself sees them.
import { systemClock } from "../base/clock.ts";
import { FlowmetalError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import { systemRandom } from "../base/random.ts";
import { decodeUnit } from "../code/decode.ts";
import { forkProgram, type Pending } from "../interpreter/fork.ts";
import { type ImageFinder, loadProgram } from "../interpreter/loading.ts";
import { decodeBody, encodeBody } from "../journal/codec.ts";
import { EFFECT_STATES } from "../journal/effect.ts";
import { isOver, isStatus } from "../journal/status.ts";
import { unknownKey } from "../store/keys.ts";
import { openMemoryStore } from "../store/memory/memory-store.ts";
import type { ProgramRows } from "../store/moving.ts";
import type { EffectRow, NewTexts, TextRow, UnitRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { MoveBytes } from "./client.ts";
import { lacking, textsNamed } from "./depart.ts";
import { badFile, existsAlready } from "./move-errors.ts";
import { checkMoveFile, type MoveHeader, programsIn } from "./move-file.ts";

const host = { clock: systemClock, random: systemRandom };

export interface Arriving {
  readonly store: Store;
  readonly image: ImageFinder;
}

export interface ArrivalOptions {
  /** What errors call the file. */
  readonly name: string;
  /** Programs that were moved from this store come back. */
  readonly back: boolean;
  /** Of copies: what becomes of effects that the original has made and that are not answered. */
  readonly pending: Pending;
}

/** A program that is there now, paused. */
export interface Arrived {
  readonly id: string;
  readonly name: string;
  /** The id it had, where it is a copy. */
  readonly copyOf: string | null;
  /** What connectors must be granted to carry out its open effects. */
  readonly capabilities: readonly string[];
  /** Effects that were being sent, and may be sent twice now; those of them that may not are `unknown`. */
  readonly again: readonly string[];
  readonly unknown: readonly string[];
}

/** Imports all programs of a file; where one is refused before the store sees it, none is there. */
export async function arrive(
  context: Arriving,
  bytes: MoveBytes,
  options: ArrivalOptions,
): Promise<readonly Arrived[]> {
  const header = await checkMoveFile(bytes, options.name);
  const put = async ({ rows, texts, arrived }: Staged): Promise<Arrived> => {
    const result = await context.store.importProgram({ rows, texts, cameBack: options.back });
    if (!result.imported) throw existsAlready(result.row.id, result.row.status);
    return arrived;
  };
  let looked: Staged | null = null;
  for await (const staged of stageAll(context, bytes, header, options)) {
    const { id } = staged.rows.row;
    const there = options.back || header.copy ? null : await context.store.readProgram({ program: id });
    if (there !== null) throw existsAlready(there.id, there.status);
    looked = staged;
  }
  if (header.programs === 1 && looked !== null) return [await put(looked)];
  // Several are not held in memory, but read again.
  const arrived: Arrived[] = [];
  for await (const staged of stageAll(context, bytes, header, options)) arrived.push(await put(staged));
  return arrived;
}

async function* stageAll(
  { image }: Arriving,
  bytes: MoveBytes,
  header: MoveHeader,
  options: ArrivalOptions,
): AsyncIterable<Staged> {
  const all = { units: [] as UnitRow[], images: [] as TextRow[], blobs: [] as TextRow[] };
  for await (const { rows, texts } of programsIn(bytes, options.name, header)) {
    const problem = badText(texts);
    if (problem !== null) throw badFile(options.name, problem);
    all.units.push(...(texts.units ?? []));
    all.images.push(...(texts.images ?? []));
    all.blobs.push(...(texts.blobs ?? []));
    yield await stage(image, { header, texts: all }, rows, options);
  }
}

interface Staged {
  readonly rows: ProgramRows;
  readonly texts: NewTexts;
  readonly arrived: Arrived;
}

async function stage(
  image: ImageFinder,
  { header, texts }: { readonly header: MoveHeader; readonly texts: NewTexts },
  sent: ProgramRows,
  { name, pending }: ArrivalOptions,
): Promise<Staged> {
  const { id } = sent.row;
  const memory = openMemoryStore(host);
  try {
    const problem = misfit(sent, header.copy);
    if (problem !== null) throw badFile(name, `of program ${id} ${problem}`);
    await memory.importProgram({ rows: sent, texts });
    const context = { store: memory, image };
    for (const position of await memory.listSnapshots({ program: id })) await loadProgram(context, id, { position });
    const { position } = await loadProgram(context, id);
    if (position !== sent.row.position) throw badFile(name, `of program ${id} entries are missing at the end`);
    const lacks = await lacking(context, sent, texts);
    if (lacks !== null) throw badFile(name, `of program ${id} it lacks ${lacks}`);
    const copy = header.copy ? await copyOf(context, sent, pending) : null;
    const { rows, again, unknown } = settled(copy ?? sent);
    const capabilities = new Set(rows.effects.filter(isOpen).map((effect) => effect.capability));
    const arrived = { id: rows.row.id, name: rows.row.name, copyOf: copy === null ? null : id };
    return {
      rows,
      texts: await textsNamed(context, rows),
      arrived: { ...arrived, capabilities: [...capabilities].sort(), again, unknown },
    };
  } catch (error) {
    if (error instanceof FlowmetalError && error.code.startsWith("move/")) throw error;
    // Whatever the reader of bodies, code or snapshots says of it.
    throw badFile(name, `of program ${id} something is not what an engine writes: ${(error as Error).message}`, error);
  }
}

const isOpen = ({ state }: EffectRow): boolean => state === "pending" || state === "sending";

/** What is wrong with texts: their content must be what their addresses say; null: nothing. */
function badText({ units = [], images = [], blobs = [] }: NewTexts): string | null {
  try {
    for (const { hash, code, debug } of units) decodeUnit(hash, code, debug);
  } catch (error) {
    return `a unit of code is not what an engine writes: ${(error as Error).message}`;
  }
  const changed = [...images, ...blobs].find(({ hash, body }) => sha256(body) !== hash);
  return changed === undefined ? null : `the text ${changed.hash} is not what its hash says`;
}

/** What does not fit together in a program's rows, or null. */
function misfit(
  { row, journal, snapshots, chunks, inbox, effects, output }: ProgramRows,
  copy: boolean,
): string | null {
  if (!isStatus(row.status) || row.status === "moved") return "the status is none to go on from";
  if (!copy && row.status !== "paused") return "the status is not paused";
  if (row.base < 0 || row.base > row.position || row.position < 1 || row.turn < 0) return "the row contradicts itself";
  const gap = gapIn(
    row.base,
    row.position,
    journal.map(({ position }) => position),
  );
  if (gap !== null) return `the journal has a gap at entry ${gap}`;
  for (const { position, kind, body } of journal) {
    if ((kind === "start") !== (position === 0)) return `entry ${position} is out of place`;
    if (encodeBody(kind, decodeBody(kind, body) as never) !== body) return `entry ${position} is not canonical`;
  }
  if (decodeBody("start", journal[0].body).image !== row.image && !journal.some(({ kind }) => kind === "upgraded"))
    return "the row names another image than its start";
  const newest = snapshots.at(-1)?.position ?? null;
  if (newest !== row.snapshot) return "the row names another snapshot than there is";
  const positions = snapshots.map(({ position }) => position);
  if (positions.some((at, i) => at > row.position || (i > 0 && at <= positions[i - 1])))
    return "a snapshot is out of place";
  const chunk = chunks.find(({ hash, body }) => hash.length < 32 || !sha256(body).startsWith(hash));
  if (chunk !== undefined) return `chunk ${chunk.hash} is not what its hash says`;
  for (const { key, kind, body, position } of inbox) {
    if (!["answer", "message", "command"].includes(kind)) return `delivery ${key} is of no kind`;
    if ((body === null) !== (position !== null)) return `delivery ${key} is neither open nor taken in`;
    if (body !== null && encodeBody(kind, decodeBody(kind, body) as never) !== body)
      return `delivery ${key} is not canonical`;
    if (position !== null && (position < 0 || position >= row.position)) return `delivery ${key} was taken in nowhere`;
  }
  for (const { key, state, delivery, position } of effects) {
    if (!EFFECT_STATES.includes(state)) return `effect ${key} is in no state`;
    if (delivery !== "at-least-once" && delivery !== "at-most-once") return `effect ${key} has no contract`;
    if (position < 0 || position >= row.position) return `effect ${key} was made nowhere`;
  }
  if (output.length !== row.output || output.some(({ serial }, i) => serial !== i + 1)) return "output is missing";
  return null;
}

/** The first position that a journal lacks; before its base only `start` has to be there. */
export function gapIn(base: number, end: number, positions: readonly number[]): number | null {
  if (positions[0] !== 0) return 0;
  let next = Math.max(1, base);
  // The entry that says where a journal begins stands before the state it begins with.
  if (base > 1 && !positions.includes(base - 1)) return base - 1;
  for (const position of positions) {
    if (position < next) continue;
    if (position !== next) return next;
    next++;
  }
  return next === end ? null : next;
}

/** What was being sent when the program left: nobody knows whether it was (E-21). Nothing is sent twice that may not be. */
function settled(rows: ProgramRows): Pick<Staged, "rows"> & Pick<Arrived, "again" | "unknown"> {
  const sending = rows.effects.filter(({ state }) => state === "sending");
  const again = sending.filter(({ delivery }) => delivery === "at-least-once").map(({ key }) => key);
  const unknown = sending.filter(({ delivery }) => delivery === "at-most-once").map(({ key }) => key);
  const effects = rows.effects.map((effect): EffectRow => {
    if (effect.state !== "sending") return effect;
    if (effect.delivery === "at-least-once") return { ...effect, state: "pending" };
    return { ...effect, state: "unknown", outcome: "unknown", body: "null" };
  });
  const told = unknown
    .filter((key) => !rows.inbox.some((one) => one.key === unknownKey(key)))
    .map((key, i) => ({
      id: rows.inbox.length + i + 1,
      program: rows.row.id,
      key: unknownKey(key),
      kind: "answer" as const,
      body: encodeBody("answer", { key, outcome: "unknown", body: "null" }),
      time: rows.row.updated,
      position: null,
    }));
  const row = { ...rows.row, status: isOver(rows.row.status) ? rows.row.status : ("paused" as const) };
  return { rows: { ...rows, row, effects, inbox: [...rows.inbox, ...told] }, again, unknown };
}

/** A program with an id of its own that goes on from the state of another, as a fork does. */
async function copyOf(context: Arriving, { row }: ProgramRows, pending: Pending): Promise<ProgramRows> {
  const params = { row, at: row.position, answers: new Map<string, string>(), pending };
  const id = await forkProgram({ ...context, ...host }, params);
  return (await context.store.readRows({ program: id }))!;
}
