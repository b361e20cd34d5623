// The log of a process that serves: lines for people or, by pino, JSON for programs; one for what is noteworthy.
import type { ServeEvent } from "../client/client.ts";
import { scrubbed, scrubbedData } from "./scrub.ts";

/** From the least to the most important; `silent` is above all of them. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Whether a text names a level. */
export function isLogLevel(text: unknown): text is LogLevel {
  return (LOG_LEVELS as readonly unknown[]).includes(text);
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly json: boolean;
  /** Takes whole lines with their ends. */
  readonly write: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How a moment is shown to people, and a text that came from a program or a store. */
  readonly moment: (ms: number) => string;
  readonly harmless: (text: string) => string;
}

export type Log = (event: ServeEvent) => void;

/** Opens the log. pino is loaded only where lines are JSON. */
export async function openLog(options: LogOptions): Promise<Log> {
  return options.json ? jsonLog(options) : lineLog(options);
}

function lineLog({ level, write, now, moment, harmless }: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(level);
  return (event) => {
    if (LOG_LEVELS.indexOf(event.level) < least) return;
    write(`${moment(now())} ${harmless(scrubbed(event.text))}\n`);
  };
}

/** Fields are named by the words of the design: program, queues, interpreter, status, crashes. */
async function jsonLog({ level, write, now, harmless }: LogOptions): Promise<Log> {
  const { default: pino } = await import("pino");
  const options = {
    level,
    base: { pid: process.pid },
    messageKey: "text",
    timestamp: () => `,"time":${now()}`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, { write });
  return ({ level: at, kind, program, text, facts }) =>
    logger[at]({ kind, program, ...(scrubbedData(facts) as object) }, harmless(scrubbed(text)));
}
