// What a program with a map of 100,000 entries writes a turn, when each turn changes one.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { here } from "./child.mjs";
import { summary, written } from "./stats.mjs";

export const MOST_BYTES = 16_384;

/** What each turn wrote: lists of bytes, rows, bytes given to the disk, ms. */
export async function chunkSamples({ driver, image }) {
  const { stdout } = await promisify(execFile)(process.execPath, [driver, image, here("programs/chunks.fm")]);
  return JSON.parse(stdout);
}

/** Answers the lines to print and the bars that were missed. */
export async function chunks(context) {
  const { bytes, rows, disk, ms } = await chunkSamples(context);
  const most = Math.max(...bytes);
  const lines = [
    `bytes a turn that changes one of 100,000 entries: ${written(summary(bytes), "")} (bar: ${MOST_BYTES} in each turn)`,
    `chunks written or dropped a turn: ${written(summary(rows), "")}`,
    `a turn, all of it: ${written(summary(ms), "ms")}`,
  ];
  if (disk.length > 0)
    lines.push(`given to the disk a turn, in pages of the database: ${written(summary(disk), "")} bytes`);
  return { lines, missed: most > MOST_BYTES ? [`a turn writes ${most} bytes, at most ${MOST_BYTES}`] : [] };
}
