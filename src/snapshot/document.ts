// The outermost layer of a snapshot: the JSON object and the types of its members, checked before anything is made of them.
import { FlowmetalError } from "../base/errors.ts";
import { INSTANT_MAX } from "../base/limits.ts";
import { isUnitName } from "../data/tagged-read.ts";

/** A snapshot's members as snapshot.ts names them; whatever is left out is empty. */
export interface SnapshotDocument {
  readonly image: string;
  readonly id: string;
  readonly counters: readonly number[];
  readonly units: readonly string[];
  readonly nodes: readonly unknown[];
  readonly vars: readonly (readonly unknown[])[];
  readonly own: readonly (readonly unknown[])[];
  readonly refs: readonly (readonly unknown[])[];
  readonly tasks: readonly unknown[];
  readonly main: unknown;
  readonly ready: readonly unknown[];
  readonly waiters: readonly (readonly unknown[])[];
  readonly open: readonly unknown[];
  readonly timers: readonly (readonly unknown[])[];
  readonly cancelled: boolean;
  readonly ticksMax: number | null;
}

export const VERSION = 1;
const MEMBERS: ReadonlySet<string> = new Set("v i p k u n g o c t m r w e d x l".split(" "));
const COUNTERS = 6;
/** Which counter is the last time observed. */
const NOW = 3;
/** A counter of more cannot count on without losing numbers, and no program comes that far. */
const COUNTER_MAX = 2 ** 52;

/** Refuses a snapshot; `path` says where in it. */
export function refuse(problem: string, path: string): never {
  throw new FlowmetalError("snapshot/invalid", `this snapshot is not valid: ${path}: ${problem}`);
}

/** Reads the text of a snapshot; throws `snapshot/version` and `snapshot/invalid`. */
export function readDocument(text: string): SnapshotDocument {
  const json = parse(text);
  if (typeof json !== "object" || json === null || Array.isArray(json)) return refuse("not a JSON object", "all of it");
  const members = json as Readonly<Record<string, unknown>>;
  checkVersion(members["v"]);
  for (const name of Object.keys(members)) if (!MEMBERS.has(name)) refuse("no member has this name", name.slice(0, 40));
  const { i, p, k, t } = members;
  if (typeof i !== "string" || !/^[0-9a-f]{64}$/.test(i)) return refuse("not the hash of an image", "i");
  if (typeof p !== "string" || !/^[\x21-\x7e]{1,255}$/.test(p)) return refuse("not a program id", "p");
  const tasks = list(members, "t");
  return {
    image: i,
    id: p,
    counters: counters(k),
    units: list(members, "u").map(unitName),
    nodes: list(members, "n"),
    vars: rows(members, "g"),
    own: rows(members, "o"),
    refs: rows(members, "c"),
    tasks,
    main: members["m"] ?? (Array.isArray(t) ? tasks[0] : undefined),
    ready: list(members, "r"),
    waiters: rows(members, "w"),
    open: list(members, "e"),
    timers: rows(members, "d"),
    cancelled: flag(members, "x"),
    ticksMax: count(members, "l"),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuse("not JSON", "all of it");
  }
}

function checkVersion(version: unknown): void {
  if (version === VERSION) return;
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) refuse("not a version", "v");
  throw new FlowmetalError(
    "snapshot/version",
    `this snapshot has format ${String(version)}; this engine knows ${VERSION}`,
    {
      hint: "the program was last run by a newer Flowmetal: run it with that one",
    },
  );
}

function counters(k: unknown): readonly number[] {
  if (!Array.isArray(k) || k.length !== COUNTERS) return refuse(`not ${COUNTERS} counters`, "k");
  k.forEach((counter, index) => {
    if (!isCounter(counter)) refuse("not a counter", `k[${index}]`);
    if (index === NOW && counter > INSTANT_MAX) refuse("not a time", `k[${index}]`);
  });
  return k as number[];
}

/** True for an integer that counts or numbers something. */
export function isCount(n: unknown): n is number {
  return typeof n === "number" && Number.isSafeInteger(n) && n >= 0;
}

/** True for a count that can be counted on from. */
export function isCounter(n: unknown): n is number {
  return isCount(n) && n <= COUNTER_MAX;
}

function flag(members: Readonly<Record<string, unknown>>, name: string): boolean {
  if (!Object.hasOwn(members, name)) return false;
  return members[name] === 1 || refuse("not 1", name);
}

function count(members: Readonly<Record<string, unknown>>, name: string): number | null {
  if (!Object.hasOwn(members, name)) return null;
  const member = members[name];
  return isCount(member) ? member : refuse("not a count", name);
}

function list(members: Readonly<Record<string, unknown>>, name: string): readonly unknown[] {
  if (!Object.hasOwn(members, name)) return [];
  const member = members[name];
  return Array.isArray(member) ? (member as unknown[]) : refuse("not an array", name);
}

function rows(members: Readonly<Record<string, unknown>>, name: string): readonly (readonly unknown[])[] {
  const all = list(members, name);
  all.forEach((row, index) => {
    if (!Array.isArray(row)) refuse("not an array", `${name}[${index}]`);
  });
  return all as (readonly unknown[])[];
}

function unitName(name: unknown, index: number): string {
  return typeof name === "string" && isUnitName(name) ? name : refuse("not the hash of a unit", `u[${index}]`);
}
