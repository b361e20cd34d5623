// The file of an export out of a sealed store: the lines of move-file.ts, each sealed with a key of the file's own.
//
//   {"flowmetal":"sealed-export","format":1,"salt":"...","key":"<id>"}     then each line as a sealed text (src/store/sealed/form.ts),
//   bound to the salt and its number: a line that was changed, moved, or is from another file does not open. That none is missing at
//   the end is what the last line inside says.
import { newId } from "../base/ids.ts";
import { missingKey } from "../store/errors.ts";
import type { StoreHost } from "../store/host.ts";
import { derived, type KeyRing } from "../store/sealed/keys.ts";
import { openText, sealText } from "../store/sealed/sealer.ts";
import type { MoveBytes } from "./client.ts";
import { badFile, newerFile } from "./move-errors.ts";
import { linesOf, MOVE_LIMITS } from "./move-file.ts";

const FORMAT = 1;
const BEGINNING = '{"flowmetal":"sealed-export",';

/** A sealed line is a third longer than what is in it. */
const SEALED_LIMITS = { ...MOVE_LIMITS, line: MOVE_LIMITS.line * 1.5 };
const END = Buffer.from("\n");

const bound = (salt: string, number: number): string => JSON.stringify([salt, "line", number]);

/** Seals the lines of a file with the first key. */
export async function* sealedLines(
  lines: AsyncIterable<string>,
  [key]: KeyRing,
  { clock, random }: StoreHost,
): AsyncIterable<string> {
  const salt = newId(clock, random);
  const xaes = derived(key, "file", salt);
  yield `${JSON.stringify({ flowmetal: "sealed-export", format: FORMAT, salt, key: key.id })}\n`;
  let number = 0;
  for await (const line of lines) yield `${sealText(key.id, xaes, random, bound(salt, ++number), line)}\n`;
}

/** The bytes that were sealed; bytes that were not are answered as they are. `name` is what errors call the file. */
export function openedFile(source: MoveBytes, keys: KeyRing, name: string): MoveBytes {
  return () => opened(source, keys, name);
}

async function* opened(source: MoveBytes, keys: KeyRing, name: string): AsyncIterable<Uint8Array> {
  let opening: ((line: string) => string | null) | null = null;
  let number = 0;
  for await (const { bytes, ended } of linesOf(source, name, SEALED_LIMITS)) {
    if (number++ === 0 && bytes.toString("latin1", 0, BEGINNING.length) === BEGINNING) {
      opening = openingOf(bytes.toString(), keys, name);
    } else if (opening === null) {
      yield bytes;
      if (ended) yield END;
    } else {
      const line = ended ? opening(bytes.toString("latin1")) : null;
      if (line === null) throw badFile(name, `its line ${number} was changed, or is not whole`);
      yield Buffer.from(line);
    }
  }
}

/** What opens the lines behind the first one, in order. */
function openingOf(head: string, keys: KeyRing, name: string): (line: string) => string | null {
  const { format, salt, key: id } = headOf(head, name);
  if (typeof format === "number" && format > FORMAT) throw newerFile(name, format, FORMAT);
  if (format !== FORMAT || typeof salt !== "string" || typeof id !== "string")
    throw badFile(name, "its first line does not say what it holds");
  const key = keys.find((one) => one.id === id);
  if (key === undefined) throw missingKey(name, [id]);
  const xaes = derived(key, "file", salt);
  let number = 0;
  return (line) => openText(xaes, bound(salt, ++number), line);
}

function headOf(line: string, name: string): { format?: unknown; salt?: unknown; key?: unknown } {
  try {
    return JSON.parse(line) as { format?: unknown };
  } catch {
    throw badFile(name, "its first line does not say what it holds");
  }
}
