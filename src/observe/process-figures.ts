// What this process knows of itself: memory, processor time, and how late its event loop is.
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../base/clock.ts";
import { ENGINE_VERSION } from "../base/version.ts";
import type { ProcessFigures } from "./metrics-text.ts";

const NANO = 1e9;
/** The event loop is looked at so often. */
const RESOLUTION_MS = 20;

export interface ProcessWatch {
  readonly read: () => ProcessFigures;
  readonly stop: () => void;
}

/** Begins to measure; `read` answers the figures since it was last called. */
export function watchProcess(clock: Pick<Clock, "now">): ProcessWatch {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const started = clock.now() / 1_000 - process.uptime();
  const read = (): ProcessFigures => {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    // It measures the distance of two looks; before the first there is nothing.
    const late = (nanoseconds: number): number => Math.max(0, (nanoseconds || 0) / NANO - RESOLUTION_MS / 1_000);
    const figures = {
      version: ENGINE_VERSION,
      started,
      cpu: (user + system) / 1e6,
      resident: rss,
      heap: heapUsed,
      delay: { p99: late(delay.percentile(99)), max: late(delay.max) },
    };
    delay.reset();
    return figures;
  };
  return { read, stop: () => void delay.disable() };
}
