// docs/observing.md: its commands do what it says, and its tables name what there is: checks, fields, kinds, figures.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CliOptions, flowmetal, startFlowmetal, until } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { root, text } from "../support/tree.ts";
import { parseExposition } from "../observe/exposition.ts";

const page = text("docs/observing.md");
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, block]) => block as string);
const commands = blocks("sh").flatMap((block) => block.trim().split("\n"));

/** The first cells of the table that has this heading. */
function table(heading: string): string[][] {
  const [, rows] = new RegExp(`^${heading.replaceAll("|", "\\|")}\\n\\|[-|]+\\|\\n((?:\\|.*\\n)+)`, "m").exec(page)!;
  return (rows as string)
    .trim()
    .split("\n")
    .map((row) =>
      row
        .slice(1, -1)
        .split(" | ")
        .map((cell) => cell.trim()),
    );
}

const code = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);

/** Runs a line of the page: variables in front, then flowmetal. */
function parse(line: string): { readonly env: Record<string, string>; readonly args: string[] } {
  const words = line.replace(/ &$/, "").split(" ");
  const at = words.indexOf("flowmetal");
  return {
    env: Object.fromEntries(
      words.slice(0, at).map((word) => /^([^=]+)=(.*)$/.exec(word)!.slice(1) as [string, string]),
    ),
    args: words.slice(at + 1),
  };
}

test("every command of the page is run here", () => {
  expect(commands).toEqual([
    "flowmetal doctor",
    "flowmetal doctor --strict --json",
    "flowmetal serve --metrics 127.0.0.1:9464 &",
    "curl http://127.0.0.1:9464/metrics",
    "curl http://127.0.0.1:9464/health",
    "NODE_OPTIONS=--import=./tracing.mjs flowmetal serve",
    "TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 flowmetal start docs/examples/hello.fm",
  ]);
});

test("the checks of doctor are those of the table", { timeout: 120_000 }, async () => {
  const env = { FLOWMETAL_STORE: `${scratchFolder()}/store.db` };
  await flowmetal(["eval", "-e", "1"], { env });
  const plain = await flowmetal(parse(commands[0]).args, { env });
  expect(plain.code).toBe(0);
  const { checks } = JSON.parse((await flowmetal(parse(commands[1]).args, { env })).stdout) as {
    checks: { name: string }[];
  };
  expect(table("| name | what is looked at |").map(([name]) => code(name as string)[0])).toEqual(
    checks.map(({ name }) => name),
  );
});

/** A process that serves as the page says, on any free port. */
async function serving(line: string, options: CliOptions) {
  const { env, args } = parse(line);
  const process = startFlowmetal([...args.map((arg) => arg.replace(":9464", ":0"))], {
    ...options,
    env: { ...options.env, ...env },
  });
  await until("it serves", () => process.stderr().includes(" serving "));
  return process;
}

test("figures and health are to be had as the page says, and the tables name each family", {
  timeout: 120_000,
}, async () => {
  const folder = scratchFolder();
  const env = { FLOWMETAL_STORE: `${folder}/store.db` };
  const process = await serving(commands[2], { env });
  const url = /figures at (http:\S+)\/metrics/.exec(process.stderr())![1] as string;
  const work = writeIn(folder, "a.fm", "(ns a (:require [flow.time :as time]))\n(time/sleep 60000)");
  await flowmetal(["start", work], { env });
  let families: string[] = [];
  for (const deadline = Date.now() + 10_000; Date.now() < deadline && !families.includes("flowmetal_batch_turns"); ) {
    families = parseExposition(await (await fetch(`${url}/metrics`)).text()).map(({ name }) => name);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((await fetch(`${url}/health`)).status).toBe(200);
  process.child.kill("SIGTERM");
  expect((await process.ended).code).toBe(0);
  const named = table("| family | labels | |").flatMap(([cell]) => code(cell as string));
  const told = [...page.matchAll(/`(flowmetal_[a-z_]+\*?)[`{ >]/g)].map(([, name]) => name as string);
  const covers = (pattern: string) => (name: string) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  expect(named.length).toBeGreaterThan(10);
  expect(
    families.filter((family) => family !== "flowmetal_build_info" && !told.some((one) => covers(one)(family))),
  ).toEqual([]);
  // Those with labels are there only when there is something to tell.
  const known = [...families, ...TOLD_LATER];
  expect(told.filter((one) => !known.some(covers(one)))).toEqual([]);
});

const TOLD_LATER = [
  "flowmetal_takeovers_total",
  "flowmetal_suspects_total",
  "flowmetal_ended_total",
  "flowmetal_effects_total",
  "flowmetal_effect_seconds",
  "flowmetal_effects_open",
];

test("the kinds and fields of the log are those of the sources", () => {
  const events = text("src/interpreter/fleet.ts");
  const kinds = [...events.matchAll(/readonly kind: "([a-z-]+)"/g)].map(([, kind]) => kind as string);
  const row = page.split("\n").find((line) => line.startsWith("| `kind` |")) as string;
  expect(code(row).slice(1).sort()).toEqual(["listening", ...kinds.filter((kind) => kind !== "counted")].sort());
  const [example] = blocks("json");
  expect(Object.keys(JSON.parse(example) as object)).toEqual("level time pid kind program crashes text".split(" "));
});

test("the settings of the page are taken from flowmetal.json", { timeout: 120_000 }, async () => {
  const folder = scratchFolder();
  writeIn(folder, "flowmetal.json", blocks("json")[1].replace(":9464", ":0"));
  const process = startFlowmetal(["serve", "--store", `${folder}/store.db`], { cwd: folder });
  await until("it serves", () => process.stderr().includes('"kind":"serving"'));
  process.child.kill("SIGTERM");
  await process.ended;
  const first = JSON.parse(process.stderr().split("\n")[0]) as object;
  expect(first).toMatchObject({ level: "info", kind: "listening", program: null });
});

test("an SDK that is registered as the page says gets the spans of a program's trace", {
  timeout: 120_000,
}, async () => {
  const folder = scratchFolder();
  symlinkSync(join(root, "node_modules"), `${folder}/node_modules`);
  writeIn(folder, "tracing.mjs", blocks("js")[0]);
  const env = { FLOWMETAL_STORE: `${folder}/store.db` };
  const { env: trace, args } = parse(commands[6]);
  const started = await flowmetal(args, { env: { ...env, ...trace } });
  expect(started.code).toBe(0);
  const process = await serving(commands[5], { env, cwd: folder });
  await until("it is done", () => process.stderr().includes(`${started.stdout.trim()} is done`));
  process.child.kill("SIGTERM");
  const { stdout } = await process.ended;
  expect(stdout).toContain("name: 'flowmetal.turn'");
  expect(stdout).toContain("traceId: '0af7651916cd43dd8448eb211c80319c'");
  expect(stdout).toContain("name: 'flowmetal.commit'");
});
