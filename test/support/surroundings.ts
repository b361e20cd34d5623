// Surroundings for commands run inside the test: streams that remember, a clock moved by hand, signals sent by hand.
import type { Client } from "../../src/client/client.ts";
import type { StopSignal, Surroundings } from "../../src/cli/context.ts";
import { Errors, Output, type Stream } from "../../src/cli/streams.ts";

/** A stream that remembers what was written to it. */
export class MemoryStream implements Stream {
  text = "";
  /** Set to make writes fail as they do when nobody reads. */
  closed = false;
  constructor(
    readonly isTTY: boolean,
    readonly columns = 80,
  ) {}
  write(text: string, done: (error?: Error | null) => void): boolean {
    if (this.closed) done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    else {
      this.text += text;
      done();
    }
    return true;
  }
  on(): this {
    return this;
  }
}

/** A clock that stands still until the test moves it. */
export class HandClock {
  private time = Date.UTC(2026, 10, 24, 12);
  private alarms: { readonly at: number; readonly callback: () => void }[] = [];
  now(): number {
    return this.time;
  }
  after(ms: number, callback: () => void): () => void {
    const alarm = { at: this.time + ms, callback };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  }
  /** Moves time on, ringing what is due in order. */
  move(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.alarms = this.alarms.filter((other) => other !== next);
      this.time = next.at;
      next.callback();
    }
    this.time = end;
  }
  /** How many alarms are set. */
  get pending(): number {
    return this.alarms.length;
  }
}

/** Surroundings for a test, with everything it may look at or do. */
export interface TestSurroundings extends Surroundings {
  readonly stdout: MemoryStream;
  readonly stderr: MemoryStream;
  readonly clock: HandClock;
  readonly send: (signal: StopSignal) => void;
  /** The codes the process was to end with at once. */
  readonly exits: number[];
  /** The stores that were opened. */
  readonly opened: string[];
}

export interface Given {
  readonly client?: Partial<Client>;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly terminal?: boolean;
  readonly input?: string | Uint8Array;
}

/** Makes surroundings; operations the given client lacks fail the test that calls them. */
export function surroundings({
  client = {},
  env = {},
  cwd = "/",
  terminal = false,
  input = "",
}: Given): TestSurroundings {
  const stdout = new MemoryStream(terminal);
  const stderr = new MemoryStream(terminal);
  const listeners = new Set<(signal: StopSignal) => void>();
  const exits: number[] = [];
  const opened: string[] = [];
  return {
    stdout,
    stderr,
    exits,
    opened,
    out: new Output(() => stdout, env),
    err: new Errors(() => stderr, env),
    env,
    cwd,
    clock: new HandClock(),
    readInput: async () => (typeof input === "string" ? Buffer.from(input) : input),
    onSignal: (callback) => {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    send: (signal) => {
      for (const listener of [...listeners]) listener(signal);
    },
    exitNow: (code) => void exits.push(code),
    openClient: async (url, { create }) => {
      opened.push(create ? `${url} (made if missing)` : url);
      return partialClient(client);
    },
  };
}

function partialClient(given: Partial<Client>): Client {
  const full: Partial<Client> = { resolve: async (typed) => typed, close: async () => {}, ...given };
  return new Proxy(full, {
    get(target, name) {
      // Clients are awaited, and what is awaited is asked for `then`.
      if (name in target || name === "then") return target[name as keyof Client];
      throw new Error(`the command called client.${String(name)}, which this test does not expect`);
    },
  }) as Client;
}
