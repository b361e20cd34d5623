// What runs in an evaluation process (decision 19): connects interpreter/evaluation.ts with the process that started it.
//
// It ends when that process is gone. A thread looks after that, as a primitive that does not come back keeps the event loop from hearing of
// it. Signals are for the other process: a terminal sends them to both.
import { writeSync } from "node:fs";
import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import { systemClock } from "../base/clock.ts";
import { systemFiles } from "../base/files.ts";
import { systemRandom } from "../base/random.ts";
import { evaluate } from "../interpreter/evaluation.ts";
import type { Down } from "../interpreter/messages.ts";
import { openTracing } from "../interpreter/spans.ts";
import { shippedImage } from "../module/shipped-image.ts";
import { findImage } from "./find-image.ts";
import { lineOf, NOTES_FD } from "./evaluation-process.ts";

/** Nobody is left who could be told: nothing more to do, and no thread that would have to be waited for. */
const end = (): void => void process.kill(process.pid, "SIGKILL");

const LOOK_AFTER = `
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, "SIGKILL"); }, 1000);`;

/** Evaluates for the process that started this one. */
export async function runEvaluation(): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
  process.on("disconnect", end);
  process.on("uncaughtException", (error) => {
    writeSync(2, `${error.stack ?? error.message}\n`);
    end();
  });
  new Worker(LOOK_AFTER, { eval: true, resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8 } });
  const image = await shippedImage();
  const tracing = await openTracing();
  evaluate({
    clock: systemClock,
    random: systemRandom,
    files: systemFiles,
    image,
    findImage,
    // What cannot be sent any more is of no use to anybody: the end comes with "disconnect".
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    receive: (callback) => void process.on("message", (message) => callback(message as Down)),
    note: (note) => writeNote(lineOf(note)),
    tracing,
    heapUsed: () => getHeapStatistics().used_heap_size,
  });
}

function writeNote(line: string): void {
  try {
    writeSync(NOTES_FD, line);
  } catch {
    // Nobody reads it: the other process is gone.
    end();
  }
}
