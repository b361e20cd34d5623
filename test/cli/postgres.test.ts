// A program on PostgreSQL from the command line: killed in the middle, gone on with, looked at; and what is said when there is no store.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { freePort, PASSWORD } from "../support/postgres/server.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";

const SCRIPT = `(ns app (:require [flow.time :refer [sleep]]))
(defforeign echo :topic "flow.test/echo")
(println "before" (echo {:a [1 2]}))
(sleep 700)
(println "after" (echo "x"))
{:result (echo 42)}
`;

let folder = "";
let url = "";
let schema = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowmetal-cli-postgres-"));
  writeFileSync(join(folder, "app.fm"), SCRIPT);
  schema = newSchema();
  url = withQuery(await postgresUrl(), { schema });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sql(await postgresUrl(), `DROP SCHEMA IF EXISTS ${schema} CASCADE`);
});

test("a program killed in its sleep goes on where it was, and everything can be looked at", async () => {
  const env = { FLOWMETAL_STORE: url };
  const first = startFlowmetal(["eval", "app.fm"], { cwd: folder, env });
  await until("it has printed", () => first.stdout().includes("before"));
  first.child.kill("SIGKILL");
  await first.ended;
  const resumed = await flowmetal(["resume", "@last"], { env });
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stdout).toContain("after [x]");

  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await flowmetal(args, { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toContain(PASSWORD);
    return stdout;
  };
  expect(await run("ps")).toMatch(/\tdone\t.*\tapp\.fm/);
  expect(await run("output", "@last")).toBe("before [{a [1 2]}]\nafter [x]\n");
  expect(await run("inspect", "@last")).toContain("done");
  const kinds = (await run("journal", "@last")).split("\n").map((line) => line.trim().split(/\s+/)[3]);
  expect(kinds).toEqual(expect.arrayContaining(["start", "turn", "answer", "timer", "done"]));
  expect(await run("replay", "@last", "--verify")).toContain("same");
  const [{ text }] = await sql(
    url,
    `SELECT string_agg(text, '' ORDER BY serial) AS text FROM ${schema}.flowmetal_v1_output`,
  );
  expect(text).toBe("before [{a [1 2]}]\nafter [x]\n");
});

test("Ctrl-C leaves the program at rest, and says how to go on without the password", async () => {
  const running = startFlowmetal(["eval", "--store", url, "-e", '(println "resting") (flow.time/sleep 3600000)'], {
    cwd: folder,
  });
  await until("it is at rest", () => running.stdout().includes("resting"));
  running.child.kill("SIGINT");
  const { stderr } = await running.ended;
  expect(stderr).toContain("flowmetal resume");
  expect(stderr).not.toContain(PASSWORD);
  expect(stderr).toMatch(/--store 'postgres:\/\/flow@127\.0\.0\.1:\d+\/postgres\?schema=t_\w+'/);
});

test("each way to have no store has a code and a way out, and shows no password", async () => {
  const server = await postgresUrl();
  const changed = (change: (url: URL) => void): string => {
    const other = new URL(server);
    change(other);
    return other.href;
  };
  const port = await freePort();
  const cases: [url: string, code: string][] = [
    [changed((u) => (u.port = String(port))), "store/unreachable"],
    [changed((u) => (u.password = "wr0ng-pw")), "store/denied"],
    [changed((u) => (u.pathname = "/nothing")), "store/missing"],
    [withQuery(server, { schema: newSchema() }), "store/missing"],
    [withQuery(server, { schema: "A-B" }), "store/bad-url"],
    [withQuery(server, { pool: "0" }), "store/bad-url"],
    [`${server.replace("postgres://", "postgress://")}`, "store/bad-url"],
    ["postgres://flow:s3cret-pw@extra@h:x/db", "store/bad-url"],
    ["postgres:flow", "store/bad-url"],
  ];
  const results = await Promise.all(cases.map(([store]) => flowmetal(["ps", "--store", store])));
  results.forEach(({ code, stdout, stderr }, i) => {
    expect(code).not.toBe(0);
    expect(stderr).toContain(`[${cases[i][1]}]`);
    expect(stderr).toContain("hint: ");
    expect(stdout + stderr).not.toMatch(/s3cret|wr0ng/);
  });
});
