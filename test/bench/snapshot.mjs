// How large the snapshot of a program is that waits on one event.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const MOST_BYTES = 600;

/** Answers the lines to print and the bars that were missed. */
export async function snapshot({ driver, image }) {
  const { stdout } = await promisify(execFile)(process.execPath, [driver, image]);
  const { bytes } = JSON.parse(stdout);
  return {
    lines: [`snapshot of a program waiting on one event: ${bytes} bytes (bar: ${MOST_BYTES})`],
    missed: bytes > MOST_BYTES ? [`the snapshot of a waiting program has ${bytes} bytes, at most ${MOST_BYTES}`] : [],
  };
}
