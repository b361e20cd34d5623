// Starts evaluation processes (decision 19): Node again, with a limit of its memory, and two ways to talk to it.
//
// Messages go through Node's channel. The notes of what is being evaluated go through a pipe of their own, written without waiting: so
// they are here even when the process has died in the middle of it.
import { type ChildProcess, fork } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { EvaluationProcess, Gone, Listener, StartEvaluation } from "../interpreter/life.ts";
import type { Note, Up } from "../interpreter/messages.ts";

/** The pipe of the notes in an evaluation process. */
export const NOTES_FD = 3;
/** What is kept of what it writes to standard error: why it died stands in the last of it. */
const LAST_WORDS = 4_000;

/** Starts one, with so many MB of heap at most. */
export function startEvaluation(heap: number): StartEvaluation {
  return (listener) => {
    const { file, loader } = entry();
    const child = fork(file, [], {
      serialization: "advanced",
      execArgv: [...loader, ...preloaded(process.execArgv), `--max-old-space-size=${heap}`],
      // What an SDK for traces prints is for who looks at this process.
      stdio: ["ignore", "inherit", "pipe", "pipe", "ipc"],
      // A terminal's signals are for the process that serves.
      detached: true,
    });
    return processOf(child, listener);
  };
}

const PRELOAD = /^(--import|--require|-r)$/;

/** What this process was told to load before anything else, such as an SDK for traces. */
function preloaded(args: readonly string[]): readonly string[] {
  return args.filter(
    (arg, i) => /^(--import|--require)=/.test(arg) || PRELOAD.test(arg) || PRELOAD.test(args[i - 1] ?? ""),
  );
}

/** From a build, its own; from sources, the sources, read by what the tests read them with. */
function entry(): { readonly file: string; readonly loader: readonly string[] } {
  const built = fileURLToPath(new URL("./evaluation.cjs", import.meta.url));
  if (existsSync(built)) return { file: built, loader: [] };
  return { file: fileURLToPath(new URL("../evaluation.cjs", import.meta.url)), loader: ["--import", "tsx"] };
}

function processOf(child: ChildProcess, listener: Listener): EvaluationProcess {
  let lastWords = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  readNotes(child.stdio[NOTES_FD] as Readable, listener);
  child.on("message", (message) => listener.message(message as Up));
  const gone = new Promise<Gone>((resolve) => {
    child.on("error", (error) => resolve({ reason: "other", detail: error.message }));
    // Behind all that it wrote.
    child.on("close", (code, signal) => resolve(goneBy(code, signal, lastWords)));
  });
  return {
    // One that is gone is told nothing; that it is gone is known in a moment.
    send: (message) => void child.send(message, () => undefined),
    kill: () => void child.kill("SIGKILL"),
    gone,
  };
}

/** Of the notes only the last one counts. */
function readNotes(notes: Readable, { note }: Listener): void {
  let begun = "";
  notes.setEncoding("latin1").on("data", (text: string) => {
    const lines = (begun + text).split("\n");
    begun = lines.pop() as string;
    const last = lines.at(-1);
    if (last !== undefined) note(noteIn(last));
  });
  notes.on("error", () => undefined);
}

/** Of a line. */
function noteIn(line: string): Note {
  const [program, work] = line.split(" ");
  return { program: program === "" ? null : (program as string), work: work === "engine" ? "engine" : "program" };
}

/** A note as one line. */
export function lineOf({ program, work }: Note): string {
  return `${program ?? ""} ${work}\n`;
}

function goneBy(code: number | null, signal: NodeJS.Signals | null, lastWords: string): Gone {
  if (/heap out of memory|Allocation failed|invalid table size|invalid array length/i.test(lastWords))
    return { reason: "memory", detail: "out of memory" };
  const said = lastWords.split("\n").find((line) => line.trim() !== "");
  const how = signal === null ? `exit code ${code}` : signal;
  return { reason: "other", detail: said === undefined ? how : `${how}: ${said.trim()}` };
}
