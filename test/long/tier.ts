// The long tier: fifty kills, the examples under more of them, random programs that are written down and read back after every tick (S-27),
// and that are taken back and forked, other Nodes, the other SQLite driver, damaged snapshots, the fleet, what would take it along, simulations
// of it, and the model of its protocol.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { imageOfText } from "../../src/module/image.ts";
import { reportLine, runKills } from "../kill/harness.ts";
import { type Example, notices, randomMoments, refusedOrder, report, runExample } from "../kill/examples.ts";
import { runBombs, runFleet } from "./fleet.ts";
import { replayOnNodes, testDrivers } from "./nodes.ts";
import { checkRandom, median } from "../property/random.ts";
import { tryDamage } from "../snapshot/damage.ts";
import { takeSnapshots } from "../snapshot/sleepers.ts";

export interface LongOptions {
  /** The checkout; its dist/ is built. */
  readonly root: string;
  /** Text of the base image. */
  readonly image: string;
  readonly seed: number;
  /** How long random programs are tried. */
  readonly minutes: number;
  readonly say: (line: string) => void;
}

const KILLS = 50;
/** Kills that must fall inside a request, and inside a back-off sleep. */
const LEAST = 10;
/** Enough for the program to outlive its kills, with requests and sleeps left over. */
const SERVICES = 60;
/** Random programs between two looks at the clock. */
const BATCH = 25;
/** More than there is time for. */
const CHANGES_MAX = 100_000_000;
const EVERY_TICK = { dense: Number.POSITIVE_INFINITY, most: Number.POSITIVE_INFINITY };

/** The parts of the long tier by name; each answers what failed. */
export const parts: Readonly<Record<string, (options: LongOptions) => Promise<readonly string[]>>> = {
  kills: killMany,
  examples: killExamples,
  programs: tryPrograms,
  travel: takeBack,
  nodes: replayOnNodes,
  drivers: testDrivers,
  snapshots: trySnapshots,
  fleet: runFleet,
  bombs: runBombs,
  simulation: simulate,
  model: exploreMore,
  boundaries: killAtBoundaries,
  decoders: tryDecoders,
};

async function killMany({ root, seed, say }: LongOptions): Promise<readonly string[]> {
  const report = await runKills({ root, seed, kills: KILLS, services: SERVICES });
  say(reportLine(report, seed));
  const few = (["request", "sleep"] as const).filter((where) => report.fell[where] < LEAST);
  return [...report.failures, ...few.map((where) => `fewer than ${LEAST} kills fell inside a ${where}`)];
}

/** Kills that each example must be under before it comes to its end. */
const LEAST_EACH = 8;

async function killExamples({ root, seed, say }: LongOptions): Promise<readonly string[]> {
  const flags = { seed, "failure-rate": 0.35 };
  const examples: Example[] = [
    refusedOrder(40, flags),
    report(new Date(Date.now() + 3000).toISOString(), 120, { ...flags, "page-size": 2 }),
    notices(150, 6, { ...flags, silent: 0.05 }),
  ];
  const failures: string[] = [];
  for (const example of examples) {
    await runExample(root, example, randomMoments(`${example.name} ${seed}`, 2 * LEAST_EACH), (found) => {
      const inRequest = found.kills.filter((kill) => kill.inRequest).length;
      say(`${example.name}: ${found.kills.length} kills, ${inRequest} of them inside a request (seed ${seed})`);
      failures.push(...found.failures.map((failure) => `${example.name}: ${failure}`));
      if (found.kills.length < LEAST_EACH) failures.push(`${example.name}: fewer than ${LEAST_EACH} kills`);
    });
  }
  return failures;
}

async function tryPrograms({ image, seed, minutes, say }: LongOptions): Promise<readonly string[]> {
  const base = imageOfText(image);
  const deadline = Date.now() + minutes * 60_000;
  const ticks: number[] = [];
  let answered = 0;
  let next = seed;
  do {
    const finding = checkRandom(base, next++, BATCH, EVERY_TICK);
    if (finding.failure !== null) return [finding.failure];
    ticks.push(...finding.ticks);
    answered += finding.answered;
  } while (Date.now() < deadline);
  say(
    `${ticks.length} random programs of seeds ${seed} to ${next - 1}, restored after every tick: ${median(ticks)} ticks (median), ${Math.max(...ticks)} (most); ${answered} awaited answers`,
  );
  return [];
}

/** Random programs taken back and forked. */
async function takeBack(options: LongOptions): Promise<readonly string[]> {
  return byRunner(options, "test/property/travel.test.ts", /^\d+ random programs .*$/gm);
}

/** Fleets at one store in a time of their own, disturbed. */
async function simulate(options: LongOptions): Promise<readonly string[]> {
  return byRunner(options, "test/simulation", /^simulation [^\n]*of seeds .*$/gm);
}

/** The protocol of waiting and waking in larger settings. */
async function exploreMore(options: LongOptions): Promise<readonly string[]> {
  return byRunner(options, "test/model/protocol.test.ts", /^model of .*$/gm);
}

/** Processes that kill themselves at each commit. */
async function killAtBoundaries(options: LongOptions): Promise<readonly string[]> {
  return byRunner(options, "test/kill/boundaries.test.ts", /^killed at .*$/gm);
}

/** Any text through every decoder. */
async function tryDecoders(options: LongOptions): Promise<readonly string[]> {
  return byRunner(options, "test/fuzz/decoders.test.ts", /^fuzz of seed .*$/gm);
}

/** Tests that run at a store, with the image that the tests make: so by the test runner. `told`: the lines of theirs to pass on. */
function byRunner({ root, seed, minutes, say }: LongOptions, file: string, told: RegExp): readonly string[] {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, "run", file], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, FLOWMETAL_TEST_SEED: String(seed), FLOWMETAL_TEST_MINUTES: String(minutes) },
  });
  for (const [line] of stdout.matchAll(told)) say(line);
  return status === 0 ? [] : [`${stdout}${stderr}`];
}

/** A fifth of the time is for snapshots with one place changed. */
async function trySnapshots({ image, seed, minutes, say }: LongOptions): Promise<readonly string[]> {
  const taken = takeSnapshots(imageOfText(image));
  const { refused, ran, failure } = tryDamage(taken, seed, CHANGES_MAX, minutes * 12_000);
  say(`${refused + ran} changes of ${taken.length} snapshots: ${refused} refused, ${ran} ran on`);
  return failure === null ? [] : [failure];
}
