// flowmetal export and import with real files and processes: a program sleeps in one store and wakes in another, once.
import type { ChildProcess } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exportLines } from "../../src/client/depart.ts";
import { checkMoveFile, programsIn } from "../../src/client/move-file.ts";
import { findImage } from "../../src/client/find-image.ts";
import { openClient } from "../../src/client/open.ts";
import { sha256 } from "../../src/base/hash.ts";
import { openStore } from "../../src/store/open.ts";
import { defaultDriver, openDriver } from "../../src/store/sqlite/open-driver.ts";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { newEntry } from "../../src/journal/codec.ts";
import { flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { root } from "../support/tree.ts";

const SCRIPT = `(ns trip (:require [flow.time :as time]))
(def seen (atom ["é"]))
(println "leaving")
(swap! seen conj 1/2)
(time/sleep 700)
(println "arriving" (deref seen))
(deref seen)
`;
const OUTPUT = "leaving\narriving [é 1/2]\n";

const quiet = { maxSteps: null, onOutput: () => undefined, onWaiting: () => undefined };

/** A store in which a program sleeps, run by nobody. */
async function sleeping(folder: string, script = SCRIPT) {
  const store = join(folder, "a.db");
  const client = await openClient(`sqlite:${store}`, { create: true });
  const run = await client.start(
    { name: "trip.fm", text: script },
    { args: [], ...quiet, onWaiting: (waits) => void (waits.length > 0 && run.letGo()) },
  );
  await run.ended;
  await client.close();
  return { store, id: run.id };
}

test("a program that sleeps goes on in another store, to the end it would have had, and replays there", {
  timeout: 30_000,
}, async () => {
  const folder = scratchFolder();
  writeIn(folder, "trip.fm", SCRIPT);
  // Its owner lives: the export pauses it there, and that process ends with the program at rest.
  const owner = startFlowmetal(["eval", "--store", "a.db", "trip.fm"], { cwd: folder });
  await until("the program sleeps", () => owner.stdout() === "leaving\n");
  const exported = await flowmetal(["export", "@last", "--store", "a.db", "-o", "trip.jsonl", "--json"], {
    cwd: folder,
  });
  expect(exported.code).toBe(0);
  const [id] = (JSON.parse(exported.stdout) as { programs: string[] }).programs;
  expect(await owner.ended).toMatchObject({ code: 4, stdout: "leaving\n" });
  // Nobody goes on with it there, and what is sent to it is told so.
  expect((await flowmetal(["resume", id, "--store", "a.db"], { cwd: folder })).stderr).toContain("[program/over]");
  const store = await open(join(folder, "a.db"));
  const body = newEntry("message", { key: "k", name: "n", from: null, body: "1" }).body;
  expect(await store.deliver({ program: id, key: "k", kind: "message", body })).toEqual({
    outcome: "gone",
    status: "moved",
  });
  await store.close();
  const imported = await flowmetal(["import", "trip.jsonl", "--store", "b.db"], { cwd: folder });
  expect(imported.stdout).toContain(`${id} trip.fm is paused here`);
  const resumed = await flowmetal(["resume", id, "--store", "b.db"], { cwd: folder });
  expect(resumed).toMatchObject({ code: 0, stdout: "arriving [é 1/2]\n" });
  expect((await flowmetal(["output", id, "--store", "b.db"], { cwd: folder })).stdout).toBe(OUTPUT);
  const replays = await Promise.all(
    ["a.db", "b.db"].map((file) => flowmetal(["replay", id, "--verify", "--store", file], { cwd: folder })),
  );
  expect(replays.map(({ code }) => code)).toEqual([0, 0]);
  // A second import, and one of what is there.
  const twice = await flowmetal(["import", "trip.jsonl", "--store", "b.db"], { cwd: folder });
  expect(twice).toMatchObject({ code: 6 });
  expect(twice.stderr).toContain("[move/exists]");
  const home = await flowmetal(["import", "trip.jsonl", "--store", "a.db"], { cwd: folder });
  expect(home.stderr).toContain("import --back");
});

test("an owner that was stopped while its program left and went on elsewhere does nothing more", {
  timeout: 30_000,
}, async () => {
  const folder = scratchFolder();
  writeIn(folder, "trip.fm", SCRIPT);
  const owner = startFlowmetal(["eval", "--store", "a.db", "trip.fm"], { cwd: folder });
  await until("the program sleeps", () => owner.stdout() === "leaving\n");
  await stopOutside(owner.child, join(folder, "a.db"));
  // Two want to move it, and one to go on with it: whoever comes first, it arrives once.
  const options = { cwd: folder };
  const [resumed, ...exported] = await Promise.all([
    flowmetal(["resume", "@last", "--store", "a.db"], options),
    exportInTime("1.jsonl", folder),
    exportInTime("2.jsonl", folder),
  ]);
  const outputs = [resumed.stdout];
  let home = "a.db";
  for (const [i, { code }] of exported.entries()) {
    if (code !== 0) continue;
    const imported = await flowmetal(["import", `${i + 1}.jsonl`, "--store", "b.db"], options);
    if (imported.code !== 0) continue;
    home = "b.db";
    outputs.push((await flowmetal(["resume", "@last", "--store", home], options)).stdout);
  }
  owner.child.kill("SIGCONT");
  outputs.push((await owner.ended).stdout);
  // Its first line may be shown twice, if it was stopped before it had noted that it is (S-24); in the store it stands once.
  expect(outputs.join("").match(/arriving/g)).toHaveLength(1);
  expect((await flowmetal(["output", "@last", "--store", home], options)).stdout).toBe(OUTPUT);
});

test("an export is written again as it was; back in its store the program goes on; a copy has an id of its own", {
  timeout: 30_000,
}, async () => {
  const folder = scratchFolder();
  const { store, id } = await sleeping(folder);
  const client = await openClient(`sqlite:${store}`, { create: false });
  onTestFinished(() => client.close());
  const copies = await text(client.export([id], { to: null }));
  const first = await text(client.export([id], { to: "b" }));
  // Whoever had claimed it would write no more: see the contract of moveProgram.
  const again = await text(client.export([id], { to: "elsewhere" }));
  // Terms and times of what was closed move on; nothing else does.
  const plain = (file: string) =>
    file
      .split("\n")
      .slice(1, -2)
      .map((line) => line.replace(/"updated":\d+|"term":\d+/g, ""));
  expect(plain(again)).toEqual(plain(first));
  const options = { name: "f", back: false, pending: "leave" } as const;
  await expect(client.import(bytesOf(first), options)).rejects.toMatchObject({ code: "move/exists" });
  const [copy] = await client.import(bytesOf(copies), options);
  expect(copy).toMatchObject({ copyOf: id, name: "trip.fm" });
  expect(copy.id).not.toBe(id);
  const [back] = await client.import(bytesOf(first), { ...options, back: true });
  expect(back).toMatchObject({ id, copyOf: null });
  for (const one of [copy.id, id]) {
    const printed: string[] = [];
    expect((await client.list({ statuses: ["paused"], limit: null })).map((row) => row.id)).toContain(one);
    const run = await client.resume(one, {
      maxSteps: null,
      onOutput: (chunk) => void printed.push(chunk),
      onWaiting: () => undefined,
      onOwner: () => undefined,
    });
    expect(await run.ended).toMatchObject({ status: "done", result: { text: '["é" 1/2]' } });
    expect(printed.join("")).toContain("arriving [é 1/2]\n");
    expect(await client.replay(one)).toMatchObject({ same: true });
  }
  // From a file into memory: stores of another kind.
  const memory = await openClient("memory:", { create: true });
  onTestFinished(() => memory.close());
  const [there] = await memory.import(bytesOf(first), options);
  expect(await memory.replay(there.id)).toMatchObject({ same: true });
});

test("a program whose snapshots are in chunks takes them along; one that is missing or changed is found", async () => {
  const folder = scratchFolder();
  const large = `(def table (zipmap (range 3000) (map str (range 3000))))\n${SCRIPT}`;
  const { store, id } = await sleeping(folder, large);
  const client = await openClient(`sqlite:${store}`, { create: false });
  onTestFinished(() => client.close());
  const file = await text(client.export([id], { to: null }));
  const moved = await text(client.export([id], { to: "b" }));
  expect(moved).toContain('["chunk",');
  const memory = await openClient("memory:", { create: true });
  onTestFinished(() => memory.close());
  const options = { name: "f", back: false, pending: "leave" } as const;
  for (const one of [moved, file]) {
    const [there] = await memory.import(bytesOf(one), options);
    const run = await memory.resume(there.id, { ...quiet, onOwner: () => undefined });
    expect(await run.ended).toMatchObject({ status: "done" });
    expect(await memory.replay(there.id)).toMatchObject({ same: true });
  }
  for (const change of [
    (all: string) => all.replace(/\n\["chunk".*/, ""),
    (all: string) => all.replace(/(\["chunk",".*)1/, "$12"),
  ]) {
    const bytes = bytesOf(forge(moved, change));
    await expect(memory.import(bytes, options)).rejects.toMatchObject({ code: "move/bad-file" });
  }
  const driver = await openDriver(defaultDriver(), { path: store, host, patience: 1000 });
  await driver.exec("DELETE FROM chunks WHERE hash = (SELECT min(hash) FROM chunks)");
  await driver.close();
  const found: string[] = [];
  for await (const { program, problem } of client.check()) found.push(`${program} ${problem}`);
  expect(found.join()).toContain(`${id} the snapshot does not load`);
});

test("what was being sent when a program left is sent again if its contract allows that, else nobody knows", async () => {
  const folder = scratchFolder();
  const client = await openClient(`sqlite:${join(folder, "a.db")}`, { create: true });
  onTestFinished(() => client.close());
  const { store, id } = await withEffects(folder);
  const file = await text(client.export([id], { to: "b" }));
  expect((await store.listEffects({ program: id })).map(({ state }) => state)).toEqual([
    "settled",
    "settled",
    "settled",
  ]);
  await store.close();
  const other = join(folder, "b.db");
  const there = await openClient(`sqlite:${other}`, { create: true });
  onTestFinished(() => there.close());
  const [arrived] = await there.import(bytesOf(file), { name: "f", back: false, pending: "leave" });
  expect(arrived).toMatchObject({ capabilities: ["http"], again: ["again"], unknown: ["once"] });
  const target = await open(other);
  onTestFinished(() => target.close());
  expect((await target.listEffects({ program: id })).map(({ key, state }) => [key, state])).toEqual([
    ["again", "pending"],
    ["once", "unknown"],
    ["later", "pending"],
  ]);
  expect((await target.readInbox({ program: id })).map(({ key }) => key)).toEqual(["unknown:once"]);
});

test("files that are cut short, changed, of a newer format, or made up are refused by name, and leave nothing", {
  timeout: 30_000,
}, async () => {
  const folder = scratchFolder();
  const { store, id } = await sleeping(folder);
  const client = await openClient(`sqlite:${store}`, { create: false });
  const file = await text(client.export([id], { to: "b" }));
  await client.close();
  const target = await openClient(`sqlite:${join(folder, "b.db")}`, { create: true });
  onTestFinished(() => target.close());
  const refusal = async (bytes: string): Promise<string> => {
    try {
      await target.import(bytesOf(bytes), { name: "f.jsonl", back: false, pending: "leave" });
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
    return "imported";
  };
  const lines = file.split("\n");
  const whole = /move\/bad-file f\.jsonl cannot be imported: (its end is missing|it was changed|it is no export)/;
  for (const cut of [0, 1, 100, file.length >> 1, file.length - 2])
    expect(await refusal(file.slice(0, cut))).toMatch(whole);
  expect(await refusal(`${file}x`)).toMatch(whole);
  expect(await refusal(lines.filter((_, i) => i !== lines.length - 4).join("\n"))).toMatch(whole);
  expect(await refusal(file.replace("leaving", "Leaving"))).toMatch(whole);
  expect(await refusal(file.replace('"format":1', '"format":2'))).toMatch(/^move\/newer-file /);
  // Whoever writes the hash anew is looked through as well.
  const forged = (change: (text: string) => string): string => forge(file, change);
  expect(await refusal(forged((all) => all.replace('(println \\"leaving', '(println \\"Leaving')))).toContain(
    "is not what its hash says",
  );
  expect(await refusal(forged((all) => all.replace(/"status":"paused"/, '"status":"ready"')))).toContain("not paused");
  expect(await refusal(forged((all) => all.replace(/\n\["entry",2,.*/, "")))).toContain("a gap at entry 2");
  expect(await refusal(forged((all) => all.replace(/"command","\{/, '"command","{ ')))).toContain(
    "not what this engine writes",
  );
  expect(await refusal(forged((all) => all.replace(/("snapshot",\d+,\d+,")[0-9a-f]{8}/, "$100000000")))).toContain(
    "not what",
  );
  expect(await refusal(forged((all) => all.replace(/\n\["unit".*/, "")))).toContain("lacks unit ");
  expect(await refusal(forged((all) => all.replace(/\n\["blob".*/, "")))).toContain("lacks source ");
  expect(await refusal(forged((all) => all.replace('"turn":', '"Turn":')))).toContain("is no line of an export");
  expect(await refusal(forged((all) => `${all}\n["entry",1e400,"x","{}",1]`))).toContain("is no line of an export");
  expect(await refusal(forged((all) => all.replace('"programs":1', '"programs":2')))).toContain("has 2 programs");
  expect(await target.list({ statuses: null, limit: null })).toEqual([]);
  expect(await refusal(file)).toBe("imported");
});

test("a line or a program that is larger than the limits is refused, by who reads it and, before it is marked, by who writes it", async () => {
  const folder = scratchFolder();
  const { store: path, id } = await sleeping(folder);
  const client = await openClient(`sqlite:${path}`, { create: false });
  onTestFinished(() => client.close());
  const file = await text(client.export([id], { to: null }));
  const lines = file.split("\n").slice(0, -2);
  const line = Math.max(...lines.map((one) => Buffer.byteLength(one)));
  const own = lines.slice(lines.findIndex((one) => one.startsWith('["program"')));
  // The image is longer than all that is the program's own.
  const program = Math.max(
    own.reduce((sum, one) => sum + Buffer.byteLength(one), 0),
    lines.slice(1, -own.length).reduce((sum, one) => sum + Buffer.byteLength(one), 0),
  );
  const read = async (limits: { line: number; program: number }): Promise<number> => {
    let count = 0;
    const header = await checkMoveFile(bytesOf(file), "f", limits);
    for await (const _ of programsIn(bytesOf(file), "f", header, limits)) count++;
    return count;
  };
  const tooLarge = { code: "move/too-large" };
  expect(await read({ line, program })).toBe(1);
  await expect(read({ line: line - 1, program })).rejects.toMatchObject(tooLarge);
  await expect(read({ line, program: program - 1 })).rejects.toMatchObject(tooLarge);
  const store = await open(path);
  onTestFinished(() => store.close());
  const before = await store.readRows({ program: id });
  const pause = (): never => {
    throw new Error("it is refused before anybody pauses it");
  };
  const leave = (limits: { line: number; program: number }) =>
    text(exportLines({ store, image: findImage, pause }, [id], "b", limits));
  const all = Buffer.byteLength(lines.slice(1).join("\n")) + 1;
  await expect(leave({ line, program: all - 1 })).rejects.toMatchObject(tooLarge);
  await expect(leave({ line: line - 1, program: all })).rejects.toMatchObject(tooLarge);
  expect(await store.readRows({ program: id })).toEqual(before);
});

test("many programs pass one at a time: the texts they share stand in the file once", async () => {
  const folder = scratchFolder();
  const client = await openClient(`sqlite:${join(folder, "a.db")}`, { create: true });
  onTestFinished(() => client.close());
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const options = { args: [], maxSteps: null, queue: "default", priority: 0, labels: {} };
    ids.push(await client.enqueue({ name: "f.fm", text: `(foreign "nobody" ${n % 2})\n` }, options));
  }
  const file = await text(client.export(ids, { to: "b" }));
  const kinds = file.split("\n").map((one) => one.slice(0, 7));
  expect(kinds.filter((kind) => kind === '["image').length).toBe(1);
  expect(kinds.filter((kind) => kind === '["blob"').length).toBe(2);
  expect(kinds.lastIndexOf('["blob"')).toBeGreaterThan(kinds.indexOf('["progr'));
  const target = await openClient(`sqlite:${join(folder, "b.db")}`, { create: true });
  onTestFinished(() => target.close());
  const options = { name: "f", back: false, pending: "leave" } as const;
  // The last of them is refused: none is there.
  const broken = forge(file, (all) => all.slice(0, all.lastIndexOf('\n["entry"')));
  await expect(target.import(bytesOf(broken), options)).rejects.toMatchObject({ code: "move/bad-file" });
  expect(await target.list({ statuses: null, limit: null })).toEqual([]);
  expect((await target.import(bytesOf(file), options)).map(({ id }) => id)).toEqual(ids);
});

test("an export that is refused leaves no pause behind: the program goes on where it is", {
  timeout: 30_000,
}, async () => {
  const folder = scratchFolder();
  writeIn(folder, "trip.fm", SCRIPT);
  const owner = startFlowmetal(["eval", "--store", "a.db", "trip.fm"], { cwd: folder });
  await until("the program sleeps", () => owner.stdout() === "leaving\n");
  // It keeps its lease and answers nobody.
  const path = join(folder, "a.db");
  await stopOutside(owner.child, path);
  const keeper = await open(path);
  const [row] = await keeper.listPrograms({});
  const driver = await openDriver(defaultDriver(), { path, host, patience: 1000 });
  await driver.exec("UPDATE interpreters SET expires = expires + 60000");
  await driver.close();
  const refused = await flowmetal(["export", row.id, "--store", "a.db", "-o", "f"], { cwd: folder });
  expect(refused.stderr).toContain("[program/owned]");
  expect((await keeper.readInbox({ program: row.id })).map(({ body }) => JSON.parse(body!).command)).toEqual([
    "pause",
    "resume",
  ]);
  await keeper.close();
  owner.child.kill("SIGCONT");
  expect(await owner.ended).toMatchObject({ code: 0, stdout: OUTPUT });
  expect(existsSync(join(folder, "f"))).toBe(false);
});

test("an export needs a file and programs; nothing is marked when the file cannot be written", {
  timeout: 30_000,
}, async () => {
  const folder = scratchFolder();
  const { id } = await sleeping(folder);
  const run = (...args: string[]) => flowmetal([...args, "--store", "a.db"], { cwd: folder });
  expect(await run("export", id)).toMatchObject({ code: 2 });
  expect(await run("export", "--label", "a=b", "-o", "f")).toMatchObject({ code: 3 });
  const nowhere = await run("export", id, "-o", "missing/f");
  expect(nowhere.stderr).toContain("[cli/cannot-write]");
  expect((await run("ps", "--status", "waiting")).stdout).toContain(id);
  expect(existsSync(join(folder, "missing"))).toBe(false);
  const several = await run("export", "--status", "waiting", "-o", "f", "--to", "b");
  expect(several).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, "f"), "utf8")).toContain(id);
  writeFileSync(join(folder, "g"), "(println 1)\n");
  appendFileSync(join(folder, "f"), "\n");
  for (const file of ["f", "g"]) expect(await run("import", file)).toMatchObject({ code: 65 });
});

test("the commands of docs/store.md do what it says", { timeout: 30_000 }, async () => {
  const folder = scratchFolder();
  await sleeping(folder);
  const document = readFileSync(join(root, "docs", "store.md"), "utf8");
  const commandsOf = (heading: string): string[] => {
    const section = document.split(`\n## ${heading}\n`)[1].split("\n## ", 1)[0];
    return (/```sh\n([\s\S]*?)```/.exec(section) as RegExpExecArray)[1].trim().split("\n");
  };
  // The backup first: a program that has moved away is over.
  for (const line of [...commandsOf("Backup and restore"), ...commandsOf("Moving programs")]) {
    const [name, ...args] = line.split(" ");
    expect(name).toBe("flowmetal");
    const { code, stderr } = await flowmetal(args, { cwd: folder, env: { FLOWMETAL_STORE: "a.db" } });
    expect([line, code, stderr.includes("error")]).toEqual([line, 0, false]);
  }
  const finished = await flowmetal(["output", "@last"], { cwd: folder, env: { FLOWMETAL_STORE: "other.db" } });
  expect(finished.stdout).toBe(OUTPUT);
});

const host = { clock: systemClock, random: systemRandom };
const open = (path: string) => openStore({ url: `sqlite:${path}`, host, folder: "/" });

/** In pieces, as a file is read. */
const bytesOf = (text: string) => () => {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, i) => bytes.subarray(1000 * i, 1000 * (i + 1)));
};

/** An export that somebody has changed who knows how its last line is made. */
function forge(file: string, change: (text: string) => string): string {
  const content = change(file.split("\n").slice(0, -2).join("\n"));
  return `${content}\n${JSON.stringify({ lines: content.split("\n").length, sha256: sha256(`${content}\n`) })}\n`;
}

/** Exports the last program; again where whoever runs it has not paused it in time. */
async function exportInTime(file: string, cwd: string) {
  for (;;) {
    const result = await flowmetal(["export", "@last", "--store", "a.db", "-o", file], { cwd });
    if (!result.stderr.includes("[program/owned]")) return result;
  }
}

/** Stops a process while it holds no lock on a store: in a transaction it would stop all others (docs/limits.md). */
async function stopOutside(child: ChildProcess, path: string): Promise<void> {
  const driver = await openDriver(defaultDriver(), { path, host, patience: 20 });
  for (;;) {
    child.kill("SIGSTOP");
    const free = await driver.transaction([], async () => true).catch(() => false);
    if (free) return driver.close();
    child.kill("SIGCONT");
    await systemClock.sleep(5);
  }
}

async function text(lines: AsyncIterable<string>): Promise<string> {
  let all = "";
  for await (const line of lines) all += line;
  return all;
}

/** A sleeping program with effects that a connector has under way, and one that it has not. */
async function withEffects(folder: string) {
  const { store: path, id } = await sleeping(folder);
  const store = await open(path);
  const interpreter = "0".repeat(26);
  await store.registerInterpreter({ id: interpreter, engine: "0.1.0", lease: 60_000 });
  const claim = await store.claimProgram({ program: id, interpreter });
  if (claim.outcome !== "claimed") throw new Error(claim.outcome);
  const { row } = claim;
  const effect = { kind: "http", topic: "", capability: "http", payload: "{}", contract: "{}" } as const;
  const turn = { turn: row.turn + 1, status: "waiting", ticks: 0, observations: [], made: [] } as const;
  const { waiting, wake, branch, calls, image } = row;
  await store.commitTurns({
    id: "1".repeat(26),
    interpreter,
    lease: 60_000,
    turns: [
      {
        program: id,
        term: row.term,
        turn: row.turn,
        position: row.position,
        entries: [newEntry("turn", { ...turn, versions: ["0.1.0", "p", "u"] })],
        effects: [
          { ...effect, key: "again", delivery: "at-least-once", state: "sending" },
          { ...effect, key: "once", delivery: "at-most-once", state: "sending" },
          { ...effect, key: "later", delivery: "at-most-once", state: "pending" },
        ],
        after: { status: "waiting", waiting, wake, cut: false, branch, calls, image, release: true },
      },
    ],
  });
  // The state was at rest before this turn, too.
  return { store, id };
}
