// Rewinds (E-3, E-7): whether a command to go back is carried out, the machine it goes back to, and what it is given again.
//
// A rewind is appended, nothing is truncated: `command {rewind}`, `rewound {to}`, and then the answers that the journal has for
// events of the state at `to`, in order, as entries of the new branch. So the state behind it is a function of the journal.
import { decodeBody, newEntry } from "../journal/codec.ts";
import type { CancelledBody, CommandBody, Entry, NewEntry, RewoundBody } from "../journal/entry.ts";
import { type JsonText, splitMembers } from "../journal/record.ts";
import type { Machine } from "../machine/machine.ts";
import { decodeSnapshot } from "../snapshot/snapshot.ts";
import type { Store } from "../store/store.ts";

/** Entries one read of the journal asks for. */
const ENTRIES_PER_READ = 1_000;

/** What a rewind is to do. `answers`: by effect key, what its author gives in place of what the journal has; plain JSON. */
export interface RewindOrder {
  readonly to: number;
  readonly answers: ReadonlyMap<string, JsonText>;
}

/** Where a program is when a command is delivered: its turn counter, the command's position, where its journal begins. */
export interface Whereabouts {
  readonly turn: number;
  readonly position: number;
  readonly base: number;
}

/** What a command `rewind` says; or why it is not carried out, a function of the journal alone. */
export function rewindOf(command: CommandBody, at: Whereabouts): RewindOrder | { readonly refused: string } {
  if (command.baseTurn !== at.turn) return { refused: "moved on" };
  const members = splitMembers(command.body);
  const to = Number(members.get("to"));
  if (!Number.isSafeInteger(to) || to < 1 || to > at.position)
    return { refused: `there is no state after ${members.get("to") ?? "no"} entries: it has ${at.position}` };
  if (to < at.base) return { refused: `what was before entry ${at.base} is gone: the journal was compacted there` };
  return { to, answers: splitMembers(members.get("answers") ?? "{}") };
}

/** The body of a command `rewind`. */
export function rewindBody({ to, answers }: RewindOrder): JsonText {
  const given = [...answers].map(([key, body]) => `${JSON.stringify(key)}:${body}`).join(",");
  return given === "" ? `{"to":${to}}` : `{"to":${to},"answers":{${given}}}`;
}

/** A machine in the state of a snapshot, on the branch that the entry at `branch` begins. */
export function revived(of: { readonly newMachine: () => Machine }, text: string, branch: number): Machine {
  const machine = of.newMachine();
  machine.adopt(decodeSnapshot(text, machine));
  machine.state.branch = branch;
  return machine;
}

type Again = NonNullable<RewoundBody["again"]>;

/**
 * What the journal has for the events of a state, from the state's position on: of each its last answer, strays included (that an
 * event of another branch was answered is as true here), and the timers that rang.
 */
export async function answersSince(store: Store, program: string, machine: Machine, to: number): Promise<Again> {
  const { open, timers } = machine.state;
  const dues = new Map(timers.map(({ event, due }) => [event.id, due]));
  const found = new Map<string, readonly [number, string]>();
  for (let from = to; ; from += ENTRIES_PER_READ) {
    const entries = await store.readJournal({ program, from, limit: ENTRIES_PER_READ });
    for (const { kind, position, body } of entries) {
      if (kind === "answer") {
        const { key } = decodeBody("answer", body);
        if (open.has(key)) found.set(key, [position, key]);
      } else if (kind === "timer") {
        const { ref, due } = decodeBody("timer", body);
        if (dues.get(ref) === due) found.set(`timer ${ref}`, [position, ""]);
      }
    }
    if (entries.length < ENTRIES_PER_READ) break;
  }
  return [...found.values()].sort(([a], [b]) => a - b);
}

/** The same with the answers of the command at `position` in place of others; those that replace none come last. */
export function substituted(again: Again, { answers }: RewindOrder, position: number): Again {
  const others = [...answers.keys()].filter((key) => !again.some((one) => one[1] === key));
  return [
    ...again.map((one): Again[number] => (answers.has(one[1]) ? [position, one[1]] : one)),
    ...others.map((key): Again[number] => [position, key]),
  ];
}

/** Something that a rewind gives again: an answer to an effect, or a timer as the entry of when it rang before. */
export interface GivenAgain {
  readonly entry: NewEntry;
  readonly key: string | null;
  readonly ref: number | null;
}

/** What it is that a rewind gives again. `command`: the command of the rewind, which the journal may not have yet. */
export async function readAgain(
  store: Store,
  program: string,
  again: Again,
  command: NewEntry & { readonly position: number },
): Promise<readonly GivenAgain[]> {
  const given: GivenAgain[] = [];
  for (const [position, key] of again) {
    const entry = position === command.position ? command : await entryAt(store, program, position);
    const { kind, body } = entry;
    if (key === "") given.push({ entry: { kind, body }, key: null, ref: decodeBody("timer", body).ref });
    else given.push({ entry: kind === "answer" ? { kind, body } : answerOf(body, key), key, ref: null });
  }
  return given;
}

async function entryAt(store: Store, program: string, position: number): Promise<Entry> {
  const [entry] = await store.readJournal({ program, from: position, limit: 1 });
  if (entry?.position !== position) throw new Error(`bug: entry ${position}, to be given again, is gone`);
  return entry;
}

/** The answer that a command gives. */
function answerOf(command: JsonText, key: string): NewEntry {
  const answers = splitMembers(splitMembers(decodeBody("command", command).body).get("answers") ?? "{}");
  return newEntry("answer", { key, outcome: "ok", body: answers.get(key) as JsonText });
}

/** Whether the program has not been given it yet. */
export function isPending({ state }: Machine, { key, ref }: GivenAgain): boolean {
  if (key !== null) return state.open.has(key);
  return state.timers.some(({ event }) => event.id === ref);
}

/** The command that had cancelled a program at a position, on the way that led there: rewinds are followed back. */
export async function cancelBefore(store: Store, program: string, position: number): Promise<CancelledBody | null> {
  /** What held from each of these positions on, in order. */
  const held: (readonly [from: number, cancel: CancelledBody | null])[] = [[0, null]];
  const at = (there: number) => held.findLast(([from]) => from <= there)?.[1] ?? null;
  for (let from = 0; from < position; ) {
    const limit = Math.min(ENTRIES_PER_READ, position - from);
    const entries = await store.readJournal({ program, from, limit });
    for (const entry of entries) {
      if (entry.position >= position) break;
      if (entry.kind === "rewound") held.push([entry.position + 1, at(decodeBody("rewound", entry.body).to)]);
      if (entry.kind !== "command" || held[held.length - 1][1] !== null) continue;
      const { id, command, reason } = decodeBody("command", entry.body);
      if (command === "cancel") held.push([entry.position + 1, { command: id, reason }]);
    }
    if (entries.length < limit) break;
    from = entries[entries.length - 1].position + 1;
  }
  return at(position);
}
