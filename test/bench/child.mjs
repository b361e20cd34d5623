// Processes the benchmarks run: drivers that answer a line of JSON with a line of JSON, and commands judged by their CPU time.
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The path of a file beside this one. */
export function here(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** A driver: a process that answers each line of JSON on its stdin with a line of JSON on its stdout. */
export class Driver {
  #child;
  #lines;
  #dead;

  constructor(command, args) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#dead = new Promise((_, reject) => {
      this.#child.on("error", reject);
      this.#child.on("exit", (code, signal) => reject(new Error(`${args.join(" ")} ended with ${signal ?? code}`)));
    });
    // Reported to whoever asks next; not by itself.
    this.#dead.catch(() => {});
  }

  /** Asks for one round and waits for its answer. */
  async ask(question) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await Promise.race([this.#lines.next(), this.#dead]);
    return done ? this.#dead : JSON.parse(value);
  }

  close(signal = "SIGTERM") {
    this.#child.kill(signal);
  }
}

/** The CPU time of a command and the children it waits for, in milliseconds. */
export async function cpuOf(command, args, environment = {}) {
  const { stdout } = await promisify(execFile)("python3", [here("cpu.py"), command, ...args], {
    env: { ...process.env, ...environment },
  });
  return Number(stdout);
}
