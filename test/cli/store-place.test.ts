// Which store a command means: the order of flag, environment, flowmetal.json and state directory, and what is refused.
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findStore, makeStateFolder, quoteForShell } from "../../src/cli/store-place.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";

test("the flag comes first, and a command that goes on repeats it", () => {
  const surroundings = { env: { FLOWMETAL_STORE: "b.db" }, cwd: "/w" };
  expect(findStore("it's.db", surroundings)).toEqual({ url: "sqlite:/w/it's.db", flag: " --store 'it'\\''s.db'" });
  expect(findStore("sqlite:/x/y.db", surroundings).url).toBe("sqlite:/x/y.db");
  expect(findStore("sqlite:///x/y.db", surroundings).url).toBe("sqlite:/x/y.db");
  expect(findStore("memory:", surroundings).url).toBe("memory:");
});

test("then the environment, then the nearest flowmetal.json, then the state directory", () => {
  const folder = scratchFolder();
  const deep = join(folder, "a", "b");
  mkdirSync(deep, { recursive: true });
  const env = { FLOWMETAL_STORE: "b.db", XDG_STATE_HOME: "/s", HOME: "/h" };
  expect(findStore(undefined, { env, cwd: deep })).toEqual({ url: `sqlite:${deep}/b.db`, flag: "" });
  const without = { XDG_STATE_HOME: "/s", HOME: "/h" };
  expect(findStore(undefined, { env: without, cwd: deep }).url).toBe("sqlite:/s/flowmetal/store.db");
  expect(findStore(undefined, { env: { HOME: "/h", XDG_STATE_HOME: "relative" }, cwd: deep }).url).toBe(
    "sqlite:/h/.local/state/flowmetal/store.db",
  );
  writeIn(folder, "flowmetal.json", '{ "store": "kept/store.db" }');
  expect(findStore(undefined, { env: without, cwd: deep }).url).toBe(`sqlite:${folder}/kept/store.db`);
  writeIn(join(folder, "a"), "flowmetal.json", "{}");
  expect(findStore(undefined, { env: without, cwd: deep }).url).toBe("sqlite:/s/flowmetal/store.db");
});

test.each([
  ["mysql://me:secret@db/x", 'a store this engine does not know: "mysql://me@db/x"'],
  ["postgres:db", "the URL of the store cannot be read"],
  ["postgres://me:se#cret@db/x", "cannot be read: postgres://me@db/x"],
  ["memory:x", "a store this engine does not know"],
  ["", "no path"],
  ["sqlite:", "no path"],
])("--store %j is refused", (written, message) => {
  expect(() => findStore(written, { env: {}, cwd: "/" })).toThrow(message);
});

test.each([
  ["{", "flowmetal.json"],
  ["[]", "no JSON object"],
  ['{ "stor": "x" }', 'no setting "stor"'],
  ['{ "store": 1 }', '"store" is no string'],
])("flowmetal.json that says %s is refused", (text, message) => {
  const cwd = scratchFolder();
  writeIn(cwd, "flowmetal.json", text);
  expect(() => findStore(undefined, { env: {}, cwd })).toThrow(message);
});

test("the state directory is made for the user alone, and no other folder is made", () => {
  const folder = scratchFolder();
  const env = { XDG_STATE_HOME: join(folder, "state") };
  makeStateFolder(`sqlite:${folder}/elsewhere/store.db`, { env });
  expect(statSync(join(folder, "state"), { throwIfNoEntry: false })).toBeUndefined();
  makeStateFolder(findStore(undefined, { env, cwd: folder }).url, { env });
  expect(statSync(join(folder, "state", "flowmetal")).mode & 0o777).toBe(0o700);
});

test("words are quoted for a shell only where they must be", () => {
  expect(["a-b/c.db", "a b", "", "$x"].map(quoteForShell)).toEqual(["a-b/c.db", "'a b'", "''", "'$x'"]);
});

test("a PostgreSQL store keeps its password, and what is printed of it has none", () => {
  const place = findStore("PostgreSQL://me:s3cret%40@db:5433/x?listen_url=postgres://me:other@db/x&schema=mine", {
    env: {},
    cwd: "/",
  });
  expect(place.url).toBe("postgres://me:s3cret%40@db:5433/x?listen_url=postgres://me:other@db/x&schema=mine");
  expect(place.flag).toBe(" --store 'postgres://me@db:5433/x?schema=mine'");
});
