// What a command gets: its arguments and options, the streams, the surroundings; and what a command is.
import type { OpenClient } from "../client/client.ts";
import type { Errors, Output } from "./streams.ts";

/** The options of all commands together; a command looks at those in its row. */
export interface Options {
  readonly store?: string;
  readonly json?: boolean;
  readonly eval?: string;
  readonly path?: readonly string[];
  readonly maxSteps?: number;
  readonly status?: readonly string[];
  readonly limit?: number;
  readonly frames?: number;
  readonly width?: number;
  readonly at?: number;
  readonly olderThan?: string;
  readonly dryRun?: boolean;
  readonly reason?: string;
  readonly from?: number;
  readonly verify?: boolean;
  readonly forms?: boolean;
  readonly check?: boolean;
  readonly filter?: string;
  readonly strict?: boolean;
  /** Those to serve, or the one to start in. */
  readonly queue?: readonly string[] | string;
  readonly concurrency?: number;
  readonly memory?: number;
  readonly metrics?: string;
  readonly logLevel?: string;
  readonly priority?: number;
  readonly label?: readonly string[];
  readonly output?: string;
  readonly copy?: boolean;
  readonly plain?: boolean;
  readonly to?: string;
  readonly back?: boolean;
  readonly pending?: string;
}

/** The surroundings of the process, so that tests can bring their own. */
export interface Surroundings {
  readonly out: Output;
  readonly err: Errors;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** All of standard input. */
  readonly readInput: () => Promise<Uint8Array>;
  /** Calls back at each of the signals that end a process; answers how to stop that. */
  readonly onSignal: (callback: (signal: StopSignal) => void) => () => void;
  readonly clock: CliClock;
  /** Ends the process without waiting for anything. */
  readonly exitNow: (code: number) => void;
  readonly openClient: OpenClient;
}

/** The time and alarms a command needs. */
export interface CliClock {
  now(): number;
  /** Calls `callback` once, `ms` from now at the earliest, unless the answered function is called before. */
  after(ms: number, callback: () => void): () => void;
}

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

export interface Context extends Surroundings {
  /** The arguments, those of a list at the end spread. */
  readonly args: readonly string[];
  readonly options: Options;
}

/** A command's module. Answers the exit code; refuses by throwing a coded error. */
export interface Command {
  readonly run: (context: Context) => Promise<number>;
}
