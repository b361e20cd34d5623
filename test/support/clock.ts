// A clock that stands still until a test moves it.
import { type Clock, sleepOn, systemClock } from "../../src/base/clock.ts";

interface Alarm {
  readonly due: number;
  readonly callback: () => void;
}

/** Time that passes by `advance` alone; alarms ring in the order of their times, equal ones in the order they were set. */
export class FakeClock implements Clock {
  private readonly alarms = new Set<Alarm>();
  private passed = 0;

  constructor(private readonly start = 1_700_000_000_000) {}

  now(): number {
    return this.start + this.passed;
  }

  monotonic(): number {
    return this.passed;
  }

  after(ms: number, callback: () => void): () => void {
    const alarm = { due: this.passed + Math.max(0, ms), callback };
    this.alarms.add(alarm);
    return () => void this.alarms.delete(alarm);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  giveWay(): Promise<void> {
    return systemClock.giveWay();
  }

  /** How many alarms are set. */
  get waiting(): number {
    return this.alarms.size;
  }

  /** Lets time pass, and lets what was woken run. */
  async advance(ms: number): Promise<void> {
    const end = this.passed + ms;
    for (;;) {
      const [next] = [...this.alarms].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.alarms.delete(next);
      this.passed = Math.max(this.passed, next.due);
      next.callback();
      await Promise.resolve();
    }
    this.passed = end;
    await Promise.resolve();
  }
}
