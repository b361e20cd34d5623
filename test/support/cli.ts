// Runs `node bin/flowmetal` as users do: as a process, from the build in dist/, which is brought up to date first.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { root } from "./tree.ts";

export interface CliOptions {
  /** Added to the environment; undefined takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Standard input, which is closed after it. */
  readonly input?: string | Uint8Array;
  /** Run as this user and group; only root can. */
  readonly uid?: number;
}

export interface CliResult {
  /** The exit code, or null where a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command line that a test can watch and stop. */
export interface CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<CliResult>;
}

let built = false;

/** Brings dist/ up to date, once in a process of the test runner. */
export function build(): void {
  if (built) return;
  const { status, stderr } = spawnSync(process.execPath, ["src/build.mjs"], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the build failed:\n${stderr}`);
  built = true;
}

/** The path of bin/flowmetal. */
export const binary = join(root, "bin", "flowmetal");

/** The environment of a process under test: ours without what would lead it to the user's own store. */
function environment(added: CliOptions["env"] = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    FLOWMETAL_STORE: undefined,
    FLOWMETAL_KEY: undefined,
    FLOWMETAL_KEY_FILE: undefined,
    NO_COLOR: undefined,
    ...added,
  };
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
}

/** Starts `flowmetal` with arguments. Killed at the end of the test if it still runs then. */
export function startFlowmetal(args: readonly string[], options: CliOptions = {}): CliProcess {
  const started = spawnFlowmetal(args, options);
  onTestFinished(() => void started.child.kill("SIGKILL"));
  return started;
}

/** The same for those who run outside of a test, and end what they start themselves. */
export function spawnFlowmetal(args: readonly string[], options: CliOptions = {}): CliProcess {
  build();
  return spawnProcess(process.execPath, [binary, ...args], options);
}

/** Starts any program in the environment that `flowmetal` gets under test, such as a shell that starts it. */
export function spawnProcess(command: string, args: readonly string[], options: CliOptions = {}): CliProcess {
  const { cwd = root, uid } = options;
  const user = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(command, args, { cwd, env: environment(options.env), ...user });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      texts[name] += chunk;
    });
  }
  // A process that ends without reading its input closes the pipe: nothing to report.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...texts }));
  });
  return { child, stdout: () => texts.stdout, stderr: () => texts.stderr, ended };
}

/** Runs `flowmetal` with arguments to its end. */
export function flowmetal(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startFlowmetal(args, options).ended;
}

/** Waits until a condition holds; fails with `what` after ten seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited ten seconds in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
