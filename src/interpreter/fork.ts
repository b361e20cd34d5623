// Forks (E-3): a new program that goes on from a state of another, which notices nothing.
//
// The fork begins with that state as its first snapshot instead of with nothing, as a compacted journal does; its `start` entry says
// where the state comes from, and its journal replays by itself. Effect keys hold the program's id, so all it makes are its own.
import type { Clock } from "../base/clock.ts";
import { FlowmetalError } from "../base/errors.ts";
import { idOfBytes, newId } from "../base/ids.ts";
import { quote } from "../base/canonical-json.ts";
import { sha256Bytes } from "../base/hash.ts";
import type { Random } from "../base/random.ts";
import { decodeBody, encodeBody, newEntry } from "../journal/codec.ts";
import type { JsonText } from "../journal/record.ts";
import type { Machine } from "../machine/machine.ts";
import { encodeSnapshot, unitsNamed } from "../snapshot/snapshot.ts";
import type { ForkRows, NewEffect, NewProgram, NewTexts, ProgramRow, UnitRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { type LoadContext, type Loaded, loadProgram } from "./loading.ts";
import { answersSince, readAgain, substituted } from "./rewind.ts";
import { modulesOfStart } from "./start-modules.ts";

export interface ForkContext extends LoadContext {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * What becomes of effects that the original has made and that are not answered: `leave`: they are the original's, and the fork waits
 * until somebody answers it; `deny`: the fork is given the error `:effect/denied`; `resend`: the fork makes them anew.
 */
export const PENDING = ["leave", "deny", "resend"] as const;
export type Pending = (typeof PENDING)[number];

export interface ForkParams {
  readonly row: ProgramRow;
  /** From the state after so many entries. */
  readonly at: number;
  /** By effect key, what the fork is given in place of what the journal has; plain JSON. */
  readonly answers: ReadonlyMap<string, JsonText>;
  readonly pending: Pending;
}

/** Makes the fork, at rest and owned by nobody, and answers its id. Refuses a state in which the program is over (`program/over`). */
export async function forkProgram(context: ForkContext, { row, at, answers, pending }: ForkParams): Promise<string> {
  const { store } = context;
  const loaded = await loadProgram(context, row.id, { position: at });
  const { machine, start } = loaded;
  if (machine.status() === "done") throw overThere(row.id, at);
  const id = newId(context.clock, context.random);
  const given = await answersOf(store, row.id, machine, at, answers);
  const left = [...machine.state.open.keys()].filter((key) => !given.some((one) => one.key === key));
  if (pending === "deny") given.push(...left.map(denied));
  const effects = pending === "resend" ? await makeAnew(store, row, id, machine, left) : [];
  machine.state.id = id;
  machine.state.branch = 0;
  const snapshot = encodeSnapshot(machine.state);
  const fork: ForkRows = { snapshot: { hash: snapshot.hash, body: snapshot.text }, answers: given, effects };
  const forked = { from: row.id, position: at, hash: snapshot.hash };
  const program: NewProgram = {
    id,
    name: row.name,
    queue: row.queue === `local:${row.id}` ? `local:${id}` : row.queue,
    image: machine.state.image,
    start: encodeBody("start", { ...start, forked }),
    labels: row.labels,
    priority: row.priority,
    fork,
  };
  await store.createProgram({ program, texts: await textsOf(context, loaded, snapshot.text) });
  return id;
}

type Given = { readonly key: string; readonly body: JsonText };

/** The answers that the fork is given first: those of the journal, others in their place where they are given. */
async function answersOf(
  store: Store,
  program: string,
  machine: Machine,
  at: number,
  answers: ReadonlyMap<string, JsonText>,
): Promise<Given[]> {
  const unknown = [...answers.keys()].find((key) => !machine.state.open.has(key));
  if (unknown !== undefined) throw notWaiting(program, unknown, at);
  const known = await answersSince(store, program, machine, at);
  // The position of no entry stands for what is given here.
  const again = substituted(known, { to: at, answers }, -1).filter(([, key]) => key !== "");
  const nothing = { kind: "command", body: "", position: -1 } as const;
  const journalled = await readAgain(
    store,
    program,
    again.filter(([position]) => position >= 0),
    nothing,
  );
  return again.map(([position, key]) => {
    const own = answers.get(key);
    if (position >= 0 || own === undefined) return { key, body: journalled.find((one) => one.key === key)!.entry.body };
    return { key, body: newEntry("answer", { key, outcome: "ok", body: own }).body };
  });
}

/** Nothing is left of the program that a snapshot could hold. */
function overThere(program: string, at: number): FlowmetalError {
  return new FlowmetalError(
    "program/over",
    `after entry ${at} program ${program} is over: no fork could go on from there`,
    {
      hint: `give an earlier position: flowmetal journal ${program} lists the entries`,
    },
  );
}

/** Somebody answers what the program does not wait for. */
export function notWaiting(program: string, key: string, at: number): FlowmetalError {
  return new FlowmetalError("program/not-waiting", `after entry ${at} program ${program} waits for no answer ${key}`, {
    hint: `flowmetal inspect ${program} --at ${at} shows what it waits for there, with its key`,
  });
}

function denied(key: string): Given {
  const body =
    '{"type":"effect/denied","message":"what the program this is a fork of had asked is not asked again","data":{}}';
  return { key, body: newEntry("answer", { key, outcome: "error", body }).body };
}

/** Gives effects that are not answered keys of the fork's own, and answers their rows. */
async function makeAnew(
  store: Store,
  row: ProgramRow,
  fork: string,
  machine: Machine,
  keys: readonly string[],
): Promise<NewEffect[]> {
  const effects: NewEffect[] = [];
  const renamed = new Map<string, string>();
  for (const old of keys) {
    const made = await effectOf(store, row, old);
    if (made === null) continue;
    const key = idOfBytes(sha256Bytes(`[${quote(fork)},${quote(old)}]`).subarray(0, 16));
    renamed.set(old, key);
    effects.push({ ...made, key });
  }
  const { state } = machine;
  state.open = new Map(
    [...state.open].map(([key, event]) => {
      event.key = renamed.get(key) ?? key;
      return [event.key, event];
    }),
  );
  return effects;
}

/** An effect as it was made: by its row or, for a call inside of a process, by the turn that made it (E-4). */
async function effectOf(store: Store, row: ProgramRow, key: string): Promise<Omit<NewEffect, "key"> | null> {
  const found = await store.readEffect({ key });
  if (found !== null) {
    const { kind, topic, capability, payload, delivery, contract } = found;
    return { kind, topic, capability, payload, delivery, contract, state: "pending" };
  }
  const call = row.calls.find((one) => one.key === key);
  if (call === undefined) return null;
  const [entry] = await store.readJournal({ program: row.id, from: call.position, limit: 1 });
  const made = decodeBody("turn", entry.body).made.find((one) => one.key === key);
  if (made === undefined) return null;
  const { kind, topic, delivery = "at-least-once", payload = "null" } = made;
  return { kind, topic, capability: `foreign:${topic}`, payload, delivery, contract: "{}", state: "pending" };
}

/** All that the state names, to be touched by who relies on it (E-19): units with those nested in them, sources, the image. */
async function textsOf(context: LoadContext, { sources, start }: Loaded, snapshot: string): Promise<NewTexts> {
  const { store } = context;
  const units = new Map<string, UnitRow>();
  let wanted: readonly string[] = [...unitsNamed(snapshot)];
  while (wanted.length > 0) {
    const found = await store.readUnits({ hashes: wanted });
    for (const unit of found) units.set(unit.hash, unit);
    const nested = found.flatMap(({ debug }) => (JSON.parse(debug) as { readonly units: readonly string[] }).units);
    wanted = [...new Set(nested)].filter((hash) => !units.has(hash));
  }
  const modules = await Promise.all(
    modulesOfStart(start).map(async ({ hash }) => ({ hash, body: await store.readBlob({ hash }) })),
  );
  const image = await context.image(start.image, store);
  const isThere = await store.hasImage({ hash: image.hash });
  return {
    units: [...units.values()],
    blobs: [
      ...[...sources].map(([hash, { text }]) => ({ hash, body: text })),
      ...modules.flatMap(({ hash, body }) => (body === null ? [] : [{ hash, body }])),
    ],
    ...(isThere ? {} : { images: [{ hash: image.hash, body: image.text }] }),
  };
}
