// A process of its own on a store, for tests of several processes: `child.ts MODE URL-OR-PATH ARGS...`, one JSON line an event.

import { systemClock } from "../../../src/base/clock.ts";
import { newId } from "../../../src/base/ids.ts";
import { systemRandom } from "../../../src/base/random.ts";
import { openStore } from "../../../src/store/open.ts";
import { isDriverName } from "../../../src/store/sqlite/driver.ts";
import type { ProgramRow } from "../../../src/store/rows.ts";
import type { Store } from "../../../src/store/store.ts";
import { turnOf } from "../support.ts";

const [mode, path, ...args] = process.argv.slice(2);
const host = { clock: systemClock, random: systemRandom };
const id = (): string => newId(host.clock, host.random);
const say = (event: object): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

/** Commits turns of a program, each with one chunk of output, until `count` are done or one is lost. */
async function commitTurns(store: Store, interpreter: string, row: ProgramRow, count: number): Promise<void> {
  let { turn, position } = row;
  for (let i = 0; i < count; i++) {
    const extras = { output: [{ branch: 0, number: turn, text: `${turn};` }] };
    const commit = turnOf({ ...row, turn, position }, extras);
    const result = await store.commitTurns({ id: id(), interpreter, lease: Number(args[2]), turns: [commit] });
    if (result.committed.length === 0) return say({ lost: turn, leaseLost: result.leaseLost });
    turn++;
    position++;
    say({ committed: turn });
  }
}

async function run(): Promise<void> {
  const driver = mode === "open" ? args.find(isDriverName) : undefined;
  const store = await openStore({ url: path, host, folder: "/", driver });
  if (mode === "open") {
    say({ opened: true });
  } else {
    const interpreter = id();
    await store.registerInterpreter({ id: interpreter, engine: "test", lease: Number(args[2]) });
    const claim = await store.claimProgram({ program: args[0], interpreter });
    say({ claim: claim.outcome });
    if (claim.outcome === "claimed") await commitTurns(store, interpreter, claim.row, Number(args[1]));
  }
  await store.close();
}

run().catch((error: unknown) => {
  const { code, message } = error as { code?: string; message?: string };
  say({ failed: code ?? message ?? String(error) });
});
