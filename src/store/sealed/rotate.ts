// Rotation of keys: everything is sealed anew with the first key of the ring, beside running interpreters, in small transactions.
//
//  1. The seal names the new key as the newest one, and keeps those before. Who has read the seal before that goes on sealing with the
//     old one for a second at most (SEAL_AGE_MS), so three are waited.
//  2. All texts under other keys are sealed anew, page by page. A row that changed meanwhile is left, and found by the next pass.
//  3. After a pass that found none the seal names the new key alone: the others are not needed any more.
//
// Whoever dies in between leaves a store that opens with all the keys the seal names; rotating again goes on from there.
import type { Clock } from "../../base/clock.ts";
import { FlowmetalError } from "../../base/errors.ts";
import { BODY_TABLE_NAMES, type BodyChange, type BodyRow, type BodyTableName, rowsOf } from "../bodies.ts";
import { rotationStopped } from "../errors.ts";
import type { Store } from "../store.ts";
import { sealedWith } from "./form.ts";
import { sealOf } from "./seal.ts";
import { SEAL_AGE_MS, type SealState } from "./seal-state.ts";
import type { Sealer } from "./sealer.ts";

/** Rows in one page, and about how many characters in one transaction (E-17). */
const ROWS_PER_PAGE = 20;
const LENGTH_MAX = 256 << 10;

export interface RotateReport {
  /** The key that seals. */
  readonly key: string;
  /** Texts sealed anew. */
  readonly texts: number;
  /** Keys that are not needed any more. */
  readonly retired: readonly string[];
}

/** Seals everything with the first key of the ring. `told`: after each transaction, how many texts there were so far. */
export async function rotate(
  store: Store,
  state: SealState,
  { clock, told }: { readonly clock: Clock; readonly told?: (texts: number) => void },
): Promise<RotateReport> {
  const key = state.params.keys[0].id;
  await state.renewed();
  if (state.seal.ids.length === 1 && state.seal.newest === key) return { key, texts: 0, retired: [] };
  await change(store, state, (ids) => [...new Set([key, ...ids])]);
  await clock.sleep(3 * SEAL_AGE_MS);
  let texts = 0;
  for (let found = -1; found !== 0; ) {
    const broken: FlowmetalError[] = [];
    found = 0;
    for (const table of BODY_TABLE_NAMES) {
      for await (const count of sealTable(store, state.seal.sealer, table, broken)) {
        found += count;
        told?.(texts + found);
      }
    }
    texts += found;
    if (broken.length > 0) throw rotationStopped(broken.length, broken[0]);
  }
  const retired = state.seal.ids.filter((id) => id !== key);
  await change(store, state, () => [key]);
  return { key, texts, retired };
}

/** Changes which keys the seal names, the first of the ring as the newest. Somebody else may change it at the same time. */
async function change(store: Store, state: SealState, to: (ids: readonly string[]) => string[]): Promise<void> {
  for (;;) {
    const { ids, addressKey } = state.seal;
    const now = sealOf(state.params, { addressKey, newest: state.params.keys[0].id, ids: to(ids) });
    const written = await store.writeSeal({ was: state.text, now });
    await state.renewed();
    if (written) return;
  }
}

/** Seals the texts of one table anew; yields how many each transaction had. What does not open is added to `broken`. */
async function* sealTable(
  store: Store,
  sealer: Sealer,
  table: BodyTableName,
  broken: FlowmetalError[],
): AsyncIterable<number> {
  let rows: BodyChange[] = [];
  let length = 0;
  let count = 0;
  const read = (page: Parameters<Store["readBodies"]>[0]) => store.readBodies(page);
  for await (const row of rowsOf(read, table, ROWS_PER_PAGE)) {
    try {
      const now = sealedAnew(sealer, table, row);
      if (now === null) continue;
      rows.push({ at: row.at, program: row.program, was: row.texts, now: now.texts });
      length += now.length;
      count += now.count;
    } catch (error) {
      if (!(error instanceof FlowmetalError)) throw error;
      broken.push(error);
    }
    if (rows.length >= ROWS_PER_PAGE || length >= LENGTH_MAX) {
      await store.replaceBodies({ table, rows });
      yield count;
      rows = [];
      length = count = 0;
    }
  }
  if (rows.length === 0) return;
  await store.replaceBodies({ table, rows });
  yield count;
}

/** The texts of a row under the newest key; null: they are. */
function sealedAnew(sealer: Sealer, table: BodyTableName, { program, key, texts }: BodyRow) {
  const now: Record<string, string | null> = { ...texts };
  let count = 0;
  let length = 0;
  for (const [column, text] of Object.entries(texts)) {
    const waits = table === "programs" && column === "waiting" && text !== null ? waitOf(text) : null;
    const sealed = waits === null ? text : waits.what;
    const id = sealed === null ? null : sealedWith(sealed);
    if (sealed === null || id === null || id === sealer.newest) continue;
    const place = { table, column, program, key };
    const anew = sealer.seal(place, sealer.open(place, sealed));
    now[column] = waits === null ? anew : JSON.stringify([{ ...waits, what: anew }]);
    length += anew.length;
    count++;
  }
  return count === 0 ? null : { texts: now, count, length };
}

/** The one wait that holds the sealed text of all, or null. */
function waitOf(text: string): { readonly what: string } | null {
  const waits = JSON.parse(text) as readonly { readonly what: string }[];
  return waits.length === 1 ? waits[0] : null;
}
