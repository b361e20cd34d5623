// The scripts of docs/examples: each is listed for readers, and the commands in its first lines do what a reader expects.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { flowmetal } from "../support/cli.ts";
import { scratchFolder } from "../support/scratch.ts";
import { files, root, text } from "../support/tree.ts";

const ADDRESS = "http://127.0.0.1:8080";
const scripts = files("docs/examples", ".fm");

/** The commands in the comment at the head of a script, without what a shell does to them but quotes. */
function commands(path: string): string[][] {
  const head = text(path).split("\n(ns ")[0] as string;
  return [...head.matchAll(/^; {3}(node|flowmetal) (.+)$/gm)].map(([, program, rest]) => [
    program as string,
    ...[...(rest as string).matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? (plain as string)),
  ]);
}

/** What a script prints when it is run as its head says, in part: one for each command. */
const printed: Record<string, RegExp[]> = {
  "docs/examples/status-report.fm": [/^10 services: /m],
  "docs/examples/order-saga.fm": [
    /^Order 1001 is placed: 2 items for 17\.50, shipment s\d+ to Bern\.$/m,
    /^Order 1002 was refused, to ship: no way to Atlantis\.\n {2}undone: charge\n {2}undone: reserve cup \(2\)\n {2}undone: reserve tea \(1\)$/m,
  ],
  "docs/examples/nightly-report.fm": [/^all +\d+ +[\d,.]+ +[\d.]+$/m],
  "docs/examples/fan-out.fm": [/^30 subscribers: 26 told, 1 refused, 3 silent/, /, 0 failed, \d+ late$/m],
};

test("every script is listed in README.md and in docs/language.md", () => {
  expect(scripts.length).toBeGreaterThan(4);
  const lists = (page: string, folder: string) => (path: string) =>
    text(page).includes(`](${folder}${path.slice("docs/examples/".length)})`);
  expect(scripts.filter((path) => !lists("docs/language.md", "examples/")(path))).toEqual([]);
  expect(scripts.filter((path) => !lists("README.md", "docs/examples/")(path))).toEqual([]);
});

test("every script with a server is run here", () => {
  const withServer = scripts.filter((path) => files("docs/examples").includes(path.replace(/\.fm$/, "-server.mjs")));
  expect(Object.keys(printed).sort()).toEqual(withServer.sort());
});

test("the command of docs/language.md is that of a script's head", () => {
  const [, server, script] = /^```sh\n(node .*) &\n(flowmetal .*)\n```/m.exec(text("docs/language.md")) ?? [];
  const head = text("docs/examples/order-saga.fm");
  expect(head).toContain(`;   ${server} &\n`);
  expect(head).toContain(`;   ${script}\n`);
});

test.each(Object.entries(printed))("%s runs as its head says", { timeout: 60_000 }, async (path, expected) => {
  const [server, ...runs] = commands(path) as [string[], ...string[][]];
  expect(server.slice(0, 2)).toEqual(["node", path.replace(/\.fm$/, "-server.mjs")]);
  expect(server[server.length - 1]).toBe("&");
  expect(runs.length).toBe(expected.length);
  const address = await serve(server.slice(1, -1));
  const store = `${scratchFolder()}/store.db`;
  for (const [i, [program, ...args]] of runs.entries()) {
    expect(program).toBe("flowmetal");
    expect(args).toContain(ADDRESS);
    const own = args.map((arg) => (arg === ADDRESS ? address : arg));
    const { code, stdout, stderr } = await flowmetal(["--store", store, ...own]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(expected[i] as RegExp);
  }
});

/** Starts a server as its reader does, but on any free port; answers where it listens. */
async function serve(args: readonly string[]): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [...args, "--port", "0"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await once(lines, "line")) as [string];
  return line.replace("listening on ", "");
}
