// Several processes on one file: nothing that was committed is lost, nobody writes under another's term.

import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { expect, it } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom } from "../../src/base/random.ts";
import { newId } from "../../src/base/ids.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { Child } from "./processes/spawn.ts";
import { inFolder, program, turnOf } from "./support.ts";

const host = { clock: systemClock, random: seededRandom(`processes ${systemClock.now()}`) };
async function newProgram(path: string): Promise<string> {
  const id = newId(host.clock, host.random);
  const store = await openSqliteStore({ path, host });
  await store.createProgram({ program: program(id) });
  await store.close();
  return id;
}

it("loses nothing that was committed when a process is killed at any moment", () =>
  inFolder(async (folder) => {
    const path = `${folder}/store.db`;
    const id = await newProgram(path);
    let known = 0;
    for (let round = 0; round < 5; round++) {
      const child = new Child(["commit", path, id, "100000", "40"]);
      await child.until(() => child.committed >= 3 + round * 7);
      await systemClock.sleep(round * 3);
      child.process.kill("SIGKILL");
      await child.ended;
      expect(child.events[0]).toEqual({ claim: "claimed" });
      const said = child.events.at(-1)!.committed!;
      expect(said).toBeGreaterThan(known);
      const store = await openSqliteStore({ path, host });
      const row = (await store.readProgram({ program: id }))!;
      // Its last reply may have been on its way.
      expect(row.turn).toBeGreaterThanOrEqual(said);
      const journal = await store.readJournal({ program: id });
      expect(journal.map((entry) => entry.position)).toEqual([...Array(row.position).keys()]);
      expect(row.position).toBe(row.turn + 1);
      const output = (await store.readOutput({ program: id })).map((chunk) => chunk.text);
      expect(output).toEqual([...Array(row.turn).keys()].map((turn) => `${turn};`));
      known = row.turn;
      await store.close();
      await systemClock.sleep(50);
    }
  }));

it("lets two processes commit to one file at once, each its own program", () =>
  inFolder(async (folder) => {
    const path = `${folder}/store.db`;
    const ids = [await newProgram(path), await newProgram(path)];
    const children = ids.map((id) => new Child(["commit", path, id, "80", "5000"]));
    await Promise.all(children.map((child) => child.ended));
    expect(children.map((child) => child.committed)).toEqual([80, 80]);
    const store = await openSqliteStore({ path, host });
    for (const id of ids) expect(await store.readProgram({ program: id })).toMatchObject({ turn: 80, output: 80 });
    await store.close();
  }));

it("refuses the commits of a process that was stopped and lost its program meanwhile", () =>
  inFolder(async (folder) => {
    const path = `${folder}/store.db`;
    const id = await newProgram(path);
    const child = new Child(["commit", path, id, "100000", "200"]);
    await child.until(() => child.committed >= 3);
    const store = await openSqliteStore({ path, host });
    const interpreter = newId(host.clock, host.random);
    await store.registerInterpreter({ id: interpreter, engine: "test", lease: 60_000 });
    expect((await store.claimProgram({ program: id, interpreter })).outcome).toBe("owned");
    // A process may be stopped while it holds the file's lock; then it goes on and is stopped again (docs/limits.md).
    let claim = await store.claimProgram({ program: id, interpreter });
    while (claim.outcome !== "claimed") {
      child.process.kill("SIGSTOP");
      await systemClock.sleep(300);
      const tried = store.claimProgram({ program: id, interpreter });
      const stuck = systemClock.sleep(500).then(() => null);
      const won = await Promise.race([tried, stuck]);
      if (won === null) child.process.kill("SIGCONT");
      claim = await tried;
    }
    expect(claim).toMatchObject({ takenOver: true, row: { crashes: 1 } });
    const turn = turnOf(claim.row, { output: [{ branch: 1, number: 0, text: "mine" }] });
    const commit = newId(host.clock, host.random);
    expect((await store.commitTurns({ id: commit, interpreter, lease: 60_000, turns: [turn] })).committed).toEqual([
      id,
    ]);
    child.process.kill("SIGCONT");
    await child.ended;
    expect(child.events.at(-1)).toMatchObject({ lost: claim.row.turn, leaseLost: false });
    expect(await store.readProgram({ program: id })).toMatchObject({ turn: claim.row.turn + 1, owner: interpreter });
    await store.close();
  }));

it("wakes a watcher when another process commits", () =>
  inFolder(async (folder) => {
    const path = `${folder}/store.db`;
    const id = await newProgram(path);
    const store = await openSqliteStore({ path, host });
    let calls = 0;
    const stop = await store.watch(() => calls++);
    const child = new Child(["commit", path, id, "1", "5000"]);
    await child.ended;
    await systemClock.sleep(600);
    expect(calls).toBeGreaterThan(0);
    await stop();
    await store.close();
  }));

it.runIf(process.getuid?.() === 0)("refuses by name a file that this user may not write", () =>
  inFolder(async (folder) => {
    chmodSync(folder, 0o755);
    const inner = `${folder}/inner`;
    mkdirSync(inner);
    const path = `${inner}/store.db`;
    await newProgram(path);
    const child = new Child(["open", path], 65534);
    await child.ended;
    expect(child.events).toEqual([{ failed: "store/read-only" }]);
    chownSync(inner, 65534, 65534);
    chownSync(path, 65534, 65534);
    const allowed = new Child(["open", path], 65534);
    await allowed.ended;
    expect(allowed.events).toEqual([{ opened: true }]);
  }),
);

it("says what to do when the native part of the driver is not installed", () =>
  inFolder(async (folder) => {
    const hide = `import Module from "node:module"; const load = Module._load;
      Module._load = (name, ...rest) => {
        if (/[\\\\/]sqlite3[\\\\/]|^sqlite3$|sqlite3[.]node$|^bindings$/.test(name)) throw new Error("Could not locate the bindings file");
        return load(name, ...rest);
      };`;
    const preload = ["--import", `data:text/javascript,${encodeURIComponent(hide)}`];
    const child = new Child(["open", `${folder}/store.db`, "sqlite3"], undefined, preload);
    await child.ended;
    expect(child.events).toEqual([{ failed: "store/no-driver" }]);
  }));
