// Time from outside: the one place where the host's clocks and timers are read.

/** Time as the engine knows it. Tests bring their own. */
export interface Clock {
  /** Whole milliseconds since 1970; may jump. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** Calls `callback` once, `ms` from now at the earliest, unless the answered function is called before. */
  after(ms: number, callback: () => void): () => void;
  /** Is fulfilled `ms` from now, or at once when the signal aborts: the caller looks which it was. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets timers, signals and input that are due have their turn. */
  giveWay(): Promise<void>;
}

/** The longest wait that the host's timers know: they take more for nothing. */
const TIMER_MAX_MS = 2 ** 31 - 1;

function after(ms: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    const part = Math.min(left, TIMER_MAX_MS);
    timer = setTimeout(() => (left > part ? arm(left - part) : callback()), part);
  };
  arm(Math.max(0, ms));
  return () => clearTimeout(timer);
}

/** Waits on a clock's alarm; see `Clock.sleep`. */
export function sleepOn(clock: Pick<Clock, "after">, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const cancel = clock.after(ms, finish);
    signal?.addEventListener("abort", finish);
  });
}

/** Not `performance.now()`, whose module costs a start two milliseconds. */
function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** The host's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic,
  after,
  sleep: (ms, signal) => sleepOn({ after }, ms, signal),
  giveWay: () => new Promise((resolve) => setImmediate(resolve)),
};
