// Operations on what a store keeps of programs: states of the past, rewinds, forks, and what is not kept any more (E-3, E-7, E-19).
import { FlowmetalError } from "../base/errors.ts";
import { jsonToValue, valueToJson } from "../data/json.ts";
import { notWaiting } from "../interpreter/fork.ts";
import type { Interpreter } from "../interpreter/interpreter.ts";
import { type LoadContext, type Loaded, loadProgram } from "../interpreter/loading.ts";
import { describeEffect } from "../interpreter/turn.ts";
import { waitsOf } from "../interpreter/waits.ts";
import { decodeBody } from "../journal/codec.ts";
import type { JsonText } from "../journal/record.ts";
import type { Wait } from "../journal/status.ts";
import type { ProgramRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { GcOptions, GcReport, RewindAnswer } from "./client.ts";

/** Content-addressed rows that nothing names are deleted when nobody has touched them for so long (E-19). */
const UNTOUCHED_MS = 7 * 86_400_000;
/** Programs deleted in one call of the store. */
const PROGRAMS_PER_CALL = 100;

/** A program as it was after `at` entries, and what it waited for there. Nothing is run. */
export async function machineAt(
  context: LoadContext,
  row: ProgramRow,
  at: number,
): Promise<{ readonly loaded: Loaded; readonly waits: readonly Wait[] }> {
  const { store } = context;
  const loaded = await loadProgram(context, row.id, { position: at });
  const effects = await store.listEffects({ program: row.id });
  const open = new Map(effects.map((effect) => [effect.key, describeEffect(effect)]));
  for (const { key, topic } of row.calls) open.set(key, { kind: "foreign", what: topic });
  const [entry] = await store.readJournal({ program: row.id, from: at - 1, limit: 1 });
  return { loaded, waits: waitsOf(loaded.machine, open, [], entry?.time ?? row.created) };
}

/** Answers that a person gives, as texts of ours: only well-formed JSON, and as it was written. */
export function answersGiven(answers: Readonly<Record<string, string>>): Map<string, JsonText> {
  return new Map(
    Object.entries(answers).map(([key, text]) => {
      try {
        return [key, valueToJson(jsonToValue(text))];
      } catch (cause) {
        throw new FlowmetalError("program/bad-answer", `the answer given for ${key} is no JSON`, { cause });
      }
    }),
  );
}

/** Refuses answers for what the program does not wait for after `to` entries, and positions it does not have. */
export async function checkAnswers(
  context: LoadContext,
  program: string,
  to: number,
  keys: Iterable<string>,
): Promise<void> {
  const { machine } = await loadProgram(context, program, { position: to });
  for (const key of keys) if (!machine.state.open.has(key)) throw notWaiting(program, key, to);
}

/** Lets this process carry out the commands of a program that nobody runs, and go no further than it waits (E-7). */
export async function carryOut(store: Store, interpreter: Interpreter, program: string): Promise<boolean> {
  // A run of this process carries it out: to claim the program would take it from that run.
  interpreter.lookAgain(program);
  if (interpreter.isRunning(program)) return false;
  const claim = await store.claimProgram({ program, interpreter: interpreter.id });
  if (claim.outcome !== "claimed") return false;
  const quiet = { onOutput: () => undefined, onWaiting: () => undefined };
  await interpreter.resume(claim.row, { ...quiet, letGoWhenWaiting: true }).ended;
  return true;
}

/** The commands `pause` that a program has taken in since a position, or has still to take in. */
export async function pausedBy(store: Store, program: string, from: number): Promise<readonly string[]> {
  const rows = [...(await store.readInbox({ program })), ...(await store.readJournal({ program, from }))];
  const commands = rows.flatMap(({ kind, body }) => (kind === "command" ? [decodeBody("command", body!)] : []));
  return commands.filter(({ command }) => command === "pause").map(({ id }) => id);
}

/** What became of a rewind whose command has been put, as the journal from a position on tells; null: nothing yet. */
export async function rewindOutcome(
  store: Store,
  program: string,
  command: string,
  from: number,
): Promise<RewindAnswer | null> {
  for (const { kind, body, position } of await store.readJournal({ program, from })) {
    if (kind === "rewound" && decodeBody("rewound", body).command === command)
      return { outcome: "rewound", branch: position };
    if (kind !== "refused") continue;
    const refused = decodeBody("refused", body);
    if (refused.command !== command) continue;
    const { why, baseTurn, turn } = refused;
    return { outcome: "refused", why, baseTurn, turn };
  }
  return null;
}

/** Deletes finished programs that are old enough, where an age is given, and texts that nothing names. */
export async function collectGarbage(store: Store, { olderThan, dryRun }: GcOptions): Promise<GcReport> {
  const now = await store.readTime();
  const programs = [];
  if (olderThan !== null) {
    const limit = dryRun ? Number.MAX_SAFE_INTEGER : PROGRAMS_PER_CALL;
    for (;;) {
      const some = await store.collectPrograms({ before: now - olderThan, limit, dryRun });
      programs.push(...some);
      if (dryRun || some.length === 0) break;
    }
  }
  const { units, images, blobs } = await store.collectTexts({ before: now - UNTOUCHED_MS, dryRun });
  return { programs, units: units.length, images: images.length, blobs: blobs.length };
}
