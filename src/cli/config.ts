// flowmetal.json: the settings of the nearest one, checked.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FlowmetalError } from "../base/errors.ts";
import { closest } from "../base/suggest.ts";
import { isLogLevel, LOG_LEVELS, type LogLevel } from "../observe/log.ts";

export interface Config {
  /** The file itself, absolute. Paths in it count from its folder. */
  readonly file: string;
  /** Where the store is, as it is written there. */
  readonly store: string | null;
  /** The queues that `serve` and `interpreter` serve. */
  readonly queues: readonly QueueConfig[];
  /** Where figures are to be had by HTTP, as it is written there. */
  readonly metrics: string | null;
  readonly log: LogConfig;
  /** Folders that modules are looked for in, as they are written there. */
  readonly path: readonly string[];
  /** The file that holds the keys of the store, as it is written there. */
  readonly encryption: string | null;
}

export interface QueueConfig {
  readonly name: string;
  /** Programs of it in memory at once, at most. */
  readonly concurrency?: number;
  /** Of its programs with the same text as this label, so many are in memory at once at most, in all processes together. */
  readonly per?: { readonly label: string; readonly limit: number };
}

/** Of the log of `serve` and `interpreter`. */
export interface LogConfig {
  readonly level?: LogLevel;
  /** JSON lines even without --json. */
  readonly json?: boolean;
}

const NAME = "flowmetal.json";
const SHAPE =
  'It may say { "store": "PATH", "encryption": "FILE OF KEYS", "path": ["FOLDER", ...], "queues": { "NAME": { "concurrency": N, "per": { "LABEL": N } }, ... }, "metrics": "HOST:PORT", "log": { "level": "info", "format": "json" } }.';

/** The settings of the nearest flowmetal.json, from `folder` upwards; null if there is none. Throws `cli/config`. */
export function nearestConfig(folder: string): Config | null {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, NAME);
    const text = readIfThere(file);
    if (text !== null) return checked(text, file);
    if (dirname(at) === at) return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
    if (code === "ENOENT") return null;
    throw new FlowmetalError("cli/config", `${file} cannot be read (${code})`, { hint: "Mend or remove it." });
  }
}

function checked(text: string, file: string): Config {
  const wrong = (what: string, hint = SHAPE) => new FlowmetalError("cli/config", `${file}: ${what}`, { hint });
  const config = parsed(text, wrong);
  if (!isObject(config)) throw wrong("it is no JSON object");
  const { store = null, path = [], queues = {}, encryption = null, metrics = null, log = {}, ...others } = config;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    const near = closest(unknown, ["store", "path", "queues", "encryption", "metrics", "log"]);
    throw wrong(
      `there is no setting ${JSON.stringify(unknown)}`,
      near === null ? SHAPE : `Did you mean ${JSON.stringify(near)}? ${SHAPE}`,
    );
  }
  if (store !== null && typeof store !== "string") throw wrong('"store" is no string');
  const isFile = typeof encryption === "string" && !encryption.includes("\0") && !encryption.startsWith("fmk1-");
  if (encryption !== null && !isFile) throw wrong('"encryption" is not the name of a file, which holds the keys');
  if (!Array.isArray(path)) throw wrong('"path" is no list of folders');
  const odd = path.find((folder) => typeof folder !== "string" || folder === "" || folder.includes("\0"));
  if (odd !== undefined) throw wrong(`"path" holds what is no folder: ${JSON.stringify(odd)}`);
  if (metrics !== null && typeof metrics !== "string") throw wrong('"metrics" is no address, such as "127.0.0.1:9464"');
  const lists = { path: path as string[], queues: checkedQueues(queues, wrong) };
  return { file, store, ...lists, encryption, metrics, log: checkedLog(log, wrong) };
}

function checkedLog(log: unknown, wrong: (what: string) => Error): LogConfig {
  const { level, format, ...others } = isObject(log) ? log : { log };
  const isFormat = format === undefined || format === "json" || format === "text";
  if (Object.keys(others).length > 0 || !isFormat || (level !== undefined && !isLogLevel(level)))
    throw wrong(`"log" may say { "level": one of ${LOG_LEVELS.join(", ")}, "format": "json" or "text" }`);
  return {
    ...(level === undefined ? {} : { level: level as LogLevel }),
    ...(format === undefined ? {} : { json: format === "json" }),
  };
}

function checkedQueues(queues: unknown, wrong: (what: string) => Error): QueueConfig[] {
  if (!isObject(queues)) throw wrong('"queues" is no object of queues by name');
  return Object.entries(queues).map(([name, settings]) => {
    const { concurrency, per, ...others } = isObject(settings) ? settings : { settings };
    const limit = per === undefined ? null : limitPer(per);
    if (Object.keys(others).length > 0 || !(concurrency === undefined || isCount(concurrency)) || limit === undefined)
      throw wrong(
        `the queue ${JSON.stringify(name)} may say { "concurrency": N, "per": { "LABEL": N } }, one label, each N from 1 on`,
      );
    return {
      name,
      ...(concurrency === undefined ? {} : { concurrency: concurrency as number }),
      ...(limit === null ? {} : { per: limit }),
    };
  });
}

/** `{ "customer": 2 }`: two of each customer. Undefined: it says something else. */
function limitPer(per: unknown): QueueConfig["per"] {
  const entries = isObject(per) ? Object.entries(per) : [];
  const [label, limit] = entries[0] ?? [];
  return entries.length === 1 && label !== undefined && isCount(limit) ? { label, limit } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The host's own words about a text that is not JSON differ from version to version, so they are left out. */
function parsed(text: string, wrong: (what: string) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong("it is not JSON");
  }
}
