// docs/limits.md and the sources tell the same limits.
import { expect, test } from "vitest";
import { codes } from "../../src/base/codes.ts";
import { errorTypes } from "../../src/base/error-types.ts";
import * as limits from "../../src/base/limits.ts";
import { MOVE_LIMITS } from "../../src/client/move-file.ts";
import { ARGUMENTS_MAX, NESTING_MAX } from "../../src/compiler/session.ts";
import { EXPANSION_TICKS_MAX } from "../../src/module/macro.ts";
import { PROBLEMS_MAX } from "../../src/reader/report.ts";
import { STACK_MAX } from "../../src/regex/match.ts";
import { DEPTH_MAX, SOURCE_MAX } from "../../src/regex/parse.ts";
import { needRoomForPart, PARTS_MAX } from "../../src/snapshot/nodes.ts";
import { TEXT_BYTES_MAX } from "../../src/source/decode-text.ts";
import { text } from "../support/tree.ts";

const MB = 2 ** 20;

/** In the guards of the prelude, which realise a lazy sequence in frames. */
const LAZY_MAX = Number(/\(loop \[parts \(%parts x\) left (\d+)\]/.exec(text("prelude/10-lazy.fm"))?.[1]);

/** What each row of the page must say, by what it is about. */
const told = new Map<string, readonly [figure: number, unit: string]>([
  ["frames of a task", [limits.DEPTH_MAX, ""]],
  ["charged size of the frames of a task", [limits.STACK_BYTES_MAX / MB, "MB"]],
  ["an integer", [limits.INTEGER_BITS_MAX, "bits"]],
  ["a string, or bytes", [limits.STRING_UNITS_MAX, "UTF-16 units, or bytes"]],
  ["a collection", [limits.COLLECTION_COUNT_MAX, "entries"]],
  ["collections inside of each other that are hashed, printed or written", [limits.NESTING_MAX, ""]],
  ["elements of a lazy sequence that is hashed, printed, sorted or a key", [LAZY_MAX, ""]],
  ["ids, keys, names, labels, topics", [limits.NAME_BYTES_MAX, "bytes of UTF-8"]],
  ["characters of the JSON of one value that leaves or comes: a payload, an answer", [limits.VALUE_LENGTH_MAX, ""]],
  ["characters of the JSON of a result", [limits.VALUE_LENGTH_MAX, ""]],
  ["characters of a body in the store: an entry, a delivery", [limits.BODY_LENGTH_MAX, ""]],
  ["characters that one turn of a program writes", [limits.TURN_LENGTH_MAX, ""]],
  ["characters of a program's state", [limits.STATE_LENGTH_MAX, ""]],
  ["unfinished tasks of a program", [limits.TASKS_MAX, ""]],
  ["effects of a program that are not answered", [limits.EFFECTS_MAX, ""]],
  ["deliveries that one turn takes in", [limits.INBOX_ROWS_MAX, ""]],
  ["characters of them, the last one apart", [limits.INBOX_LENGTH_MAX, ""]],
  ["programs committed together", [limits.BATCH_PROGRAMS_MAX, ""]],
  ["characters committed together, of several programs", [limits.BATCH_LENGTH_MAX, ""]],
  ["bytes of one line of an exported file", [MOVE_LIMITS.line, ""]],
  ["bytes of one program in an exported file", [MOVE_LIMITS.program, ""]],
  ["parts of a program's state (collections, cells, long texts)", [PARTS_MAX, ""]],
  ["a source text", [TEXT_BYTES_MAX / MB, "MB"]],
  ["forms inside of each other in code", [NESTING_MAX, ""]],
  ["arguments of a call that is written out", [ARGUMENTS_MAX, ""]],
  ["ticks of one macro's expansion", [EXPANSION_TICKS_MAX, ""]],
  ["problems that reading a text reports", [PROBLEMS_MAX, ""]],
  ["a regex: its text", [SOURCE_MAX, "characters"]],
  ["a regex: groups inside of each other", [DEPTH_MAX, ""]],
  ["a regex: ways to go back to", [STACK_MAX, ""]],
]);

const page = text("docs/limits.md");
const rows = [...page.matchAll(/^\| (?!limit|---)([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, what, figure, beyond]) => [what, figure, beyond] as [string, string, string],
);

test.each(rows)("%s: %s", (what, figure, beyond) => {
  const [number, unit] = told.get(what)!;
  expect(figure).toBe(`${number.toLocaleString("en-US")} ${unit}`.trim());
  for (const [, type, code] of beyond.matchAll(/`(?::([a-z/-]+)|([a-z]+\/[a-z-]+))`/g)) {
    if (type !== undefined) expect(errorTypes).toHaveProperty([type]);
    else expect(codes).toHaveProperty([code as string]);
  }
});

test("every limit has its row", () => expect(rows.map(([what]) => what)).toEqual([...told.keys()]));

test("a state of more parts than V8 can tell apart is refused by name", () => {
  expect(() => needRoomForPart(PARTS_MAX - 1)).not.toThrow();
  expect(() => needRoomForPart(PARTS_MAX)).toThrow("a state of more than 16777215 parts is too large to be stored");
});
