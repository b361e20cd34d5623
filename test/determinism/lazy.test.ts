// What calendars and zones need is read when they are used, and not by every start.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { build, spawnProcess } from "../support/cli.ts";
import { root } from "../support/tree.ts";

/** The files of the build that a process has read before it ended, of those that can be told apart. */
async function read(script: string): Promise<string[]> {
  build();
  const watch = `
    const fs = require("node:fs");
    const seen = new Set();
    const { readFileSync } = fs;
    fs.readFileSync = (path, ...rest) => (seen.add(String(path)), readFileSync(path, ...rest));
    const { main } = require(${JSON.stringify(join(root, "dist", "main.cjs"))});
    process.on("exit", () => {
      const loaded = [...seen, ...Object.keys(require.cache)].filter((path) => /zones\\.txt|temporal-polyfill/.test(path));
      process.stderr.write(JSON.stringify(loaded.map((path) => path.replace(/.*\\//, ""))));
    });
    main(["eval", "--store", "memory:", "-e", ${JSON.stringify(script)}]);`;
  const { stderr, code } = await spawnProcess(process.execPath, ["-e", watch]).ended;
  expect(code).toBe(0);
  return [...new Set(JSON.parse(stderr) as string[])];
}

test("a start reads neither", async () => {
  expect(await read("1")).toEqual([]);
  expect(await read("(require '[flow.time :as t]) (t/sleep 1) (t/iso (t/now))")).toEqual([]);
});

test("arithmetic of calendars reads the calendar, a zone the zones", async () => {
  expect(await read('(require \'[flow.time :as t]) (t/plus #date "2026-01-31" {:months 1})')).toEqual([
    "temporal-polyfill.cjs",
  ]);
  expect(await read('(require \'[flow.time :as t]) (t/offset (t/now) "Asia/Tokyo")')).toEqual(["zones.txt"]);
});

test("the build has both beside its bundle", () => {
  build();
  const builds = readdirSync(join(root, "dist")).filter((name) => /^[0-9a-f]{16}$/.test(name));
  const newest = builds
    .map((name) => join(root, "dist", name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  expect(readdirSync(newest)).toEqual(
    expect.arrayContaining(["temporal-polyfill.cjs", "zones.txt", "flowmetal.bundle"]),
  );
});
