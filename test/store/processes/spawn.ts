// A process of its own on a store, and what it says: for tests of several processes.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

interface Event {
  readonly claim?: string;
  readonly committed?: number;
  readonly lost?: number;
  readonly opened?: boolean;
  readonly failed?: string;
}

export class Child {
  readonly events: Event[] = [];
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
  #listeners: (() => void)[] = [];

  constructor(args: readonly string[], uid?: number, preload: readonly string[] = []) {
    const options = uid === undefined ? {} : { uid, gid: uid };
    this.process = spawn(process.execPath, [...preload, "--import", "tsx", CHILD, ...args], {
      ...options,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let rest = "";
    this.process.stdout!.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.events.push(JSON.parse(line) as Event);
      for (const listener of this.#listeners) listener();
    });
    this.ended = new Promise((resolve) => this.process.on("close", () => resolve()));
  }

  get committed(): number {
    return this.events.filter((event) => event.committed !== undefined).length;
  }

  /** Waits until it has said something, or has ended. */
  until(condition: () => boolean): Promise<void> {
    const said = new Promise<void>((resolve) => {
      const listener = (): void => {
        if (condition()) resolve();
      };
      this.#listeners.push(listener);
      listener();
    });
    return Promise.race([said, this.ended]);
  }
}
