// The line on a terminal that says what a program waits for and since when; redrawn in place, gone when there is more to say.
import type { Wait } from "../journal/status.ts";
import { harmless } from "./streams.ts";
import { age } from "./words.ts";
import type { Surroundings } from "./context.ts";

const FIRST_MS = 400;
const EVERY_MS = 1000;
const CLEAR = "\r\x1b[K";

/** What a wait is, in a few words: `sleep`, `http GET 127.0.0.1 (since 3 s)`. */
export function describeWait({ kind, what, since, until }: Wait, now: number): string {
  const parts = [`since ${age(now - since)}`];
  if (until !== undefined && until > now) parts.push(`${age(until - now)} to go`);
  return `${harmless(what === "" || what === kind ? kind : `${kind} ${what}`)} (${parts.join(", ")})`;
}

/** All waits of a program in one line. */
export function describeWaits(waits: readonly Wait[], now: number): string {
  const [first, ...others] = waits;
  if (first === undefined) return "nothing";
  return describeWait(first, now) + (others.length === 0 ? "" : ` and ${others.length} more`);
}

/** Shows waits on standard error while it is a terminal; off one it does nothing at all. */
export class Progress {
  private waits: readonly Wait[] = [];
  private shown = false;
  private stopAlarm: () => void = () => {};

  constructor(private readonly surroundings: Pick<Surroundings, "out" | "err" | "clock">) {}

  /** Told each time what the program waits for; [] when it goes on. */
  update(waits: readonly Wait[]): void {
    // Most programs never wait: then standard error is not even looked at.
    if (waits.length === 0 && this.waits.length === 0) return;
    if (!this.surroundings.err.isTerminal) return;
    this.waits = waits;
    this.stopAlarm();
    if (waits.length === 0) this.hide();
    else if (this.shown) this.draw();
    else this.stopAlarm = this.surroundings.clock.after(FIRST_MS, () => this.draw());
  }

  /** Takes the line away, before something else is written. It comes back by itself while there are waits. */
  hide(): void {
    if (!this.shown) return;
    this.surroundings.err.write(CLEAR);
    this.shown = false;
  }

  /** Takes the line away for good. */
  stop(): void {
    this.update([]);
  }

  private draw(): void {
    const { out, err, clock } = this.surroundings;
    // In the middle of a line that the program began, the clearing would eat the beginning.
    if (!out.isTerminal || out.atLineStart) {
      const line = `waiting for ${describeWaits(this.waits, clock.now())}`;
      const fitting = line.length < err.columns ? line : `${line.slice(0, Math.max(0, err.columns - 2))}…`;
      err.write(`${CLEAR}${err.style("dim", fitting)}`);
      this.shown = true;
    }
    this.stopAlarm = clock.after(EVERY_MS, () => this.draw());
  }
}
