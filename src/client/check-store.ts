// Looks at everything a store has, and says what is damaged: for `flowmetal store check`. Reads only.
import { decodeUnit } from "../code/decode.ts";
import { FlowmetalError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import { type ImageFinder, loadProgram } from "../interpreter/loading.ts";
import { decodeBody } from "../journal/codec.ts";
import { isOver } from "../journal/status.ts";
import type { ProgramRows } from "../store/moving.ts";
import type { Store } from "../store/store.ts";
import { gapIn } from "./arrive.ts";
import type { Damage } from "./client.ts";
import { lacking, textsNamed } from "./depart.ts";

interface Context {
  readonly store: Store;
  readonly image: ImageFinder;
}

/** What is damaged, program by program. What belongs to no program is found by the database's own check. */
export async function* checkStore(context: Context): AsyncIterable<Damage> {
  for (const { id } of await context.store.listPrograms({})) {
    const rows = await context.store.readRows({ program: id }).catch(brokenIn(id));
    if (rows !== null && "problem" in rows) {
      yield rows;
      continue;
    }
    // It may have been collected meanwhile.
    if (rows === null) continue;
    yield* checkRows(rows);
    yield* checkStates(context, rows);
    yield* checkTexts(context, rows);
  }
}

/** What does not open in a sealed store keeps only its own program from being looked at. */
function brokenIn(program: string): (error: unknown) => Damage {
  return (error) => {
    if (!(error instanceof FlowmetalError) || error.code !== "seal/broken") throw error;
    const { position } = error.data as { readonly position: number | null };
    return { program, position, problem: error.message };
  };
}

function* checkRows({ row, journal, snapshots, inbox, effects, output }: ProgramRows): Iterable<Damage> {
  const at = (position: number | null, problem: string): Damage => ({ program: row.id, position, problem });
  const positions = journal.map(({ position }) => position);
  const gap = gapIn(row.base, row.position, positions);
  if (gap !== null) yield at(gap, "the journal has a gap");
  for (const { position, kind, body } of journal) {
    const problem = problemOf(() => decodeBody(kind, body));
    if (problem !== null) yield at(position, problem);
  }
  if ((snapshots.at(-1)?.position ?? null) !== row.snapshot) yield at(row.snapshot, "the newest snapshot is missing");
  for (const { key, kind, body, position } of inbox) {
    const problem = body === null ? null : problemOf(() => decodeBody(kind, body));
    if (problem !== null) yield at(position, `delivery ${key}: ${problem}`);
    if ((body === null) !== (position !== null)) yield at(position, `delivery ${key} is neither open nor taken in`);
    else if (position !== null && position >= row.position) yield at(position, `delivery ${key} was taken in nowhere`);
  }
  for (const { key, position } of effects) {
    if (position < 0 || position >= row.position) yield at(position, `effect ${key} was made nowhere`);
  }
  if (output.length !== row.output || output.some(({ serial }, i) => serial !== i + 1))
    yield at(null, "output is missing");
}

/** Snapshots load and are what their hashes say; so does the present state, by the entries behind the newest one. */
async function* checkStates(context: Context, { row, snapshots }: ProgramRows): AsyncIterable<Damage> {
  for (const { position } of snapshots) {
    const problem = await problemIn(loadProgram(context, row.id, { position }));
    if (problem !== null) yield { program: row.id, position, problem: `the snapshot does not load: ${problem}` };
  }
  if (isOver(row.status) || row.snapshot === row.position) return;
  const problem = await problemIn(loadProgram(context, row.id));
  if (problem !== null) yield { program: row.id, position: row.position, problem: `it does not load: ${problem}` };
}

/** Code and texts that the program names are what their hashes say. */
async function* checkTexts(context: Context, rows: ProgramRows): AsyncIterable<Damage> {
  const { id } = rows.row;
  const at = (problem: string): Damage => ({ program: id, position: null, problem });
  try {
    const texts = await textsNamed(context, rows);
    const { units = [], images = [], blobs = [] } = texts;
    const lacks = await lacking(context, rows, texts);
    if (lacks !== null) yield at(`${lacks} is missing`);
    for (const { hash, code, debug } of units) {
      const problem = problemOf(() => decodeUnit(hash, code, debug));
      if (problem !== null) yield at(`unit ${hash}: ${problem}`);
    }
    for (const { hash, body } of [...images, ...blobs]) {
      if (sha256(body) !== hash) yield at(`the text ${hash} is not what its hash says`);
    }
  } catch (error) {
    yield at((error as Error).message);
  }
}

function problemOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function problemIn(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
