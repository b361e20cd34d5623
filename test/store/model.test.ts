// Random sequences of operations answer the same from the stores of databases as from the memory store, and leave the same behind.

import fc from "fast-check";
import { expect, it } from "vitest";
import { newEntry } from "../../src/journal/codec.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { openTestPostgres } from "./postgres-support.ts";
import { effect, inFolder, LEASE, program, TestHost, turnEntry, turnOf } from "./support.ts";

const host = new TestHost("model");
const IDS = Array.from({ length: 5 }, () => host.newId());
const INTERPRETERS = Array.from({ length: 3 }, () => host.newId());
/** Every step of a sequence commits under an id of its own; a repetition uses an earlier one. */
const COMMITS = Array.from({ length: 64 }, () => host.newId());
const KEYS = ["k0", "k1", "k2", "k3", "k4"];
const COMMANDS = ["c0", "c1"];

type Op = (store: Store, clock: TestHost["clock"], step: number) => Promise<unknown>;

const id = fc.constantFrom(...IDS);
const interpreter = fc.constantFrom(...INTERPRETERS);
const key = fc.constantFrom(...KEYS);
/** Mostly none, so that most turns break no rule. */
const few = <T>(item: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary: fc.array(item, { maxLength: 2 }) });
const off = fc.constantFrom(0, 0, 0, 0, 0, 1);

const WAITS = Array.from({ length: 8 }, () => "waiting" as const);
const after = fc.record({
  status: fc.constantFrom(...WAITS, "waiting", "ready", "paused", "faulted", "done"),
  wake: fc.constantFrom(null, 0, host.clock.time + 500),
  cut: fc.boolean(),
  release: fc.constantFrom(false, false, false, true),
  calls: few(fc.constant({ key: "call", topic: "t", position: 1 })),
});
const turn = fc.record({
  id,
  off,
  claim: fc.constantFrom(false, false, false, true),
  birth: fc.boolean(),
  consume: fc.nat({ max: 3 }),
  answered: few(key),
  effects: few(
    fc.record({
      key,
      state: fc.constantFrom("pending", "sending"),
      delivery: fc.constantFrom("at-least-once", "at-most-once"),
      due: fc.constantFrom(0, host.clock.time + 300),
    }),
  ),
  settled: few(fc.record({ key, state: fc.constantFrom("settled", "unknown") })),
  output: few(fc.record({ branch: fc.nat({ max: 1 }), number: fc.nat({ max: 12 }), text: fc.constant("x") })),
  snapshot: fc.boolean(),
  base: fc.constantFrom(false, false, false, true),
  after,
});

type TurnSpec = typeof turn extends fc.Arbitrary<infer T> ? T : never;

/** The turn a description means for a program as it now stands. */
async function build(store: Store, spec: TurnSpec) {
  const fresh = { id: spec.id, term: 1, turn: 0, position: 1 };
  const row = (await store.readProgram({ program: spec.id })) ?? fresh;
  const inbox = (await store.readInbox({ program: spec.id })).slice(0, spec.consume);
  const answers = inbox.map((open) => newEntry("answer", { key: open.key, outcome: "ok", body: "1" }));
  const birth = spec.birth && row === fresh;
  const position = (birth ? 1 : row.position) + answers.length + 2;
  const base = spec.snapshot && spec.base ? [newEntry("base", { hash: "h", position })] : [];
  return turnOf(birth ? fresh : { ...row, turn: row.turn + spec.off }, {
    ...(birth ? { birth: program(spec.id) } : { claim: spec.claim }),
    entries: [...answers, turnEntry(row.turn + 1), ...base],
    consumed: inbox.map((open, i) => ({ id: open.id, position: (birth ? 1 : row.position) + i })),
    answered: spec.answered,
    effects: spec.effects.map(({ key, ...change }) => effect(key, change as object)),
    settled: spec.settled.map(({ key, state }) => ({ key, state: state as "settled", outcome: "ok", body: "1" })),
    output: spec.output,
    ...(spec.snapshot ? { snapshot: { hash: "h", body: `{"turn":${row.turn}}` } } : {}),
    after: spec.after as object,
  });
}

const ops: fc.Arbitrary<Op> = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: LEASE }).map((ms) => advance(ms)) },
  interpreter.map(
    (id): Op =>
      (store) =>
        store.registerInterpreter({ id, engine: "e", lease: LEASE }),
  ),
  interpreter.map(
    (interpreter): Op =>
      (store) =>
        store.renewLease({ interpreter, lease: LEASE }),
  ),
  interpreter.map(
    (interpreter): Op =>
      (store) =>
        store.retireInterpreter({ interpreter }),
  ),
  {
    weight: 3,
    arbitrary: id.map(
      (id): Op =>
        (store) =>
          store.createProgram({ program: program(id) }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(id, interpreter).map(
      ([program, interpreter]): Op =>
        (store) =>
          store.claimProgram({ program, interpreter }),
    ),
  },
  fc.tuple(id, interpreter, fc.nat({ max: 3 })).map(
    ([program, interpreter, term]): Op =>
      (store) =>
        store.releaseProgram({ program, interpreter, term }),
  ),
  fc.tuple(fc.array(id, { maxLength: 3 }), interpreter, fc.nat({ max: 3 })).map(
    ([programs, interpreter, term]): Op =>
      async (store) =>
        [
          ...(await store.releasePrograms({ interpreter, programs: programs.map((program) => ({ program, term })) })),
        ].sort(),
  ),
  {
    weight: 2,
    arbitrary: fc.tuple(interpreter, fc.constantFrom(1, 9), fc.boolean()).map(
      ([interpreter, limit, suspects]): Op =>
        (store) =>
          store.claimPrograms({ interpreter, queues: [{ name: "default", limit }], limit: 4, suspects }),
    ),
  },
  {
    weight: 2,
    arbitrary: interpreter.map(
      (interpreter): Op =>
        async (store) => {
          const work = await store.readWork({ interpreter, queues: ["default"], capabilities: ["http"] });
          return { ...work, addressed: [...work.addressed].sort() };
        },
    ),
  },
  {
    weight: 12,
    arbitrary: fc
      .tuple(
        fc.array(turn, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(null, null, null, ...INTERPRETERS),
        fc.constantFrom(0, 0, 0, 0, 1, 2),
      )
      .map(([turns, other, back]) => commit(turns, other, back)),
  },
  { weight: 4, arbitrary: fc.tuple(id, key).map(([program, key]) => deliver(program, key)) },
  fc.tuple(id, fc.constantFrom(...COMMANDS), fc.boolean()).map(([program, id, cancel]) => command(program, id, cancel)),
  {
    weight: 3,
    arbitrary: fc.tuple(interpreter, fc.option(id), fc.constantFrom(1, 99)).map(([owner, program, limit]): Op => {
      const scope = program === null ? {} : { program };
      return async (store) => {
        const claim = { owner, limit, queues: ["default"], capabilities: ["http"], ...scope };
        return byKey(await store.claimEffects(claim));
      };
    }),
  },
  fc.tuple(key, interpreter, fc.nat({ max: 3 })).map(
    ([key, owner, term]): Op =>
      (store) =>
        store.settleEffect({ key, owner, term, outcome: "ok", body: "2" }),
  ),
  fc.tuple(key, interpreter, fc.nat({ max: 3 })).map(
    ([key, owner, term]): Op =>
      (store, clock) =>
        store.postponeEffect({ key, owner, term, due: clock.time + 200 }),
  ),
  fc.tuple(id, fc.nat({ max: 4 })).map(
    ([program, serial]): Op =>
      (store) =>
        store.markShown({ program, serial }),
  ),
  fc.tuple(id, fc.constantFrom(1, 99)).map(
    ([program, limit]): Op =>
      (store) =>
        store.trimJournal({ program, limit }),
  ),
  fc.tuple(fc.nat({ max: 1000 }), fc.constantFrom(1, 99), fc.boolean()).map(
    ([age, limit, dryRun]): Op =>
      (store, clock) =>
        store.collectPrograms({ before: clock.time - age, limit, dryRun }),
  ),
  fc.constant((store: Store) => store.listClaimable({ queues: ["default"], limit: 3 })),
);

function advance(ms: number): Op {
  return async (_, clock) => {
    clock.time += ms;
  };
}

function commit(turns: TurnSpec[], other: string | null, back: number): Op {
  return async (store, _, step) => {
    const built = await Promise.all(turns.map((spec) => build(store, spec)));
    // Mostly by an owner, so that most commits pass the guard.
    const owner = (await store.readProgram({ program: built[0].program }))?.owner ?? INTERPRETERS[0];
    const id = COMMITS[Math.max(0, step - back)];
    const batch = { id, interpreter: other ?? owner, lease: LEASE, turns: built, again: back > 0 };
    const { refused, ...result } = await store.commitTurns(batch);
    return {
      ...result,
      committed: [...result.committed].sort(),
      refused: refused.map(({ program }) => program).sort(),
    };
  };
}

function deliver(program: string, key: string): Op {
  const body = newEntry("answer", { key, outcome: "ok", body: "1" }).body;
  return (store) => store.deliver({ program, key, kind: "answer", body });
}

function command(program: string, id: string, cancel: boolean): Op {
  const name = cancel ? "cancel" : "pause";
  const body = { id, command: name, baseTurn: null, author: "me", reason: "", body: "null" } as const;
  return (store) => store.putCommand({ program, command: body });
}

const byKey = <T extends { readonly key: string }>(rows: readonly T[]): T[] =>
  [...rows].sort((a, b) => (a.key < b.key ? -1 : 1));

/**
 * A delivery without its number, which only has to tell it from others that are there: SQLite gives that of one that was deleted, with
 * its program, to the next.
 */
function withoutId<T extends object>(row: T): Omit<T, "id"> {
  const { id: _, ...rest } = row as T & { id?: unknown };
  return rest;
}

/** Everything a store holds about the programs of the model. */
async function everything(store: Store): Promise<unknown> {
  const programs = await store.listPrograms({});
  const of = async (program: string) => ({
    journal: await store.readJournal({ program }),
    inbox: (await store.readInbox({ program })).map(withoutId),
    effects: await store.listEffects({ program }),
    output: await store.readOutput({ program }),
    snapshots: await store.listSnapshots({ program }),
    snapshot: await store.readSnapshot({ program }),
  });
  return { programs, rest: await Promise.all(programs.map(({ id }) => of(id))) };
}

async function answerOf(op: Op, store: Store, clock: TestHost["clock"], step: number): Promise<unknown> {
  try {
    const answer = await op(store, clock, step);
    const isDelivery = (answer as { outcome?: unknown } | null)?.outcome === "delivered";
    return { answer: isDelivery ? withoutId(answer as object) : answer };
  } catch {
    return "refused";
  }
}

let committed = 0;
let runs = 0;

async function compare(sequence: readonly Op[], store: Store, host: TestHost): Promise<void> {
  runs++;
  const oracle = new TestHost("oracle");
  const memory = openMemoryStore(oracle);
  for (const [step, op] of [...BEGIN, ...sequence].entries()) {
    const expected = await answerOf(op, memory, oracle.clock, step);
    expect(await answerOf(op, store, host.clock, step)).toEqual(expected);
    const { answer } = expected as { answer?: { committed?: readonly string[] } };
    committed += answer?.committed?.length ?? 0;
  }
  expect(await everything(store)).toEqual(await everything(memory));
  await memory.close();
}

/** Opens an empty store for the work. */
type WithStore = (work: (store: Store, host: TestHost) => Promise<void>) => Promise<void>;

const withSqlite: WithStore = (work) =>
  inFolder(async (folder) => {
    const host = new TestHost("file");
    const store = await openSqliteStore({ path: `${folder}/s.db`, host, synchronous: "NORMAL" });
    await work(store, host).finally(() => store.close());
  });

const withPostgres: WithStore = async (work) => {
  const host = new TestHost("server");
  const { store, remove } = await openTestPostgres(host);
  await work(store, host).finally(remove);
};

/** An interpreter that owns some programs: without them most of a sequence would be refused. */
const BEGIN: readonly Op[] = [
  (store) => store.registerInterpreter({ id: INTERPRETERS[0], engine: "e", lease: LEASE }),
  ...IDS.slice(0, 3).flatMap((id): Op[] => [
    (store) => store.createProgram({ program: program(id) }),
    (store) => store.claimProgram({ program: id, interpreter: INTERPRETERS[0] }),
  ]),
];

const STORES: readonly [name: string, withStore: WithStore, numRuns: number][] = [
  ["SQLite", withSqlite, 100],
  ["PostgreSQL", withPostgres, 30],
];

it.each(STORES)("%s answers every operation as the memory store does", async (_, withStore, numRuns) => {
  const sequences = fc.array(ops, { minLength: 20, maxLength: 40 });
  const same = fc.asyncProperty(sequences, (sequence) => withStore((store, host) => compare(sequence, store, host)));
  committed = 0;
  runs = 0;
  await fc.assert(same, { numRuns, interruptAfterTimeLimit: 15_000 });
  // The sequences are worth something only if many of their turns pass.
  expect(committed / runs).toBeGreaterThan(2);
});
