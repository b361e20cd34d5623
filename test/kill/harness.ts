// Kills the status report again and again with SIGKILL, goes on with it each time, and says whether anybody could tell.
//
// A kill counts only if the journal has grown since the process began and the program is not done. Where it fell is told from
// the store afterwards: what the program waits for, and whether the server had that request in hand.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Program, type Session } from "./program.ts";
import { inFlight, type LogLine, requestsByKey, Service } from "./service.ts";
import { chances, finish, type Side, until } from "./side.ts";

export interface KillOptions {
  /** The checkout; its dist/ must be built. */
  readonly root: string;
  readonly seed: number;
  readonly kills: number;
  /** Services in the server's directory: a program must last for all the kills. */
  readonly services: number;
}

export type Where = "request" | "sleep" | "elsewhere";

export interface KillReport {
  readonly fell: Readonly<Record<Where, number>>;
  /** Kills that do not count. */
  readonly void: number;
  /** What must not be; empty: all is well. */
  readonly failures: readonly string[];
}

/** Milliseconds a request takes at the server, and of the first pause after a failed one. */
const LATENCY = 150;
const PAUSE = 200;

/** Runs the program undisturbed and, against a server of the same seed, under kills; compares. */
export async function runKills(options: KillOptions): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), "flowmetal-kill-"));
  const services: Service[] = [];
  const start = async (name: string): Promise<Side> => {
    const service = await Service.start({ ...options, folder, name, latency: LATENCY });
    services.push(service);
    return { service, program: new Program(options.root, join(folder, `${name}.db`), [service.url, String(PAUSE)]) };
  };
  try {
    const [calm, killed] = [await start("calm"), await start("killed")];
    const undisturbed = finish(calm.program.run(), "the undisturbed run");
    const counts = await killRepeatedly(killed, options);
    const failures = [await undisturbed, await finish(killed.program.run(), "the last run")].flat();
    return { ...counts, failures: [...failures, ...(failures.length > 0 ? [] : await compare(calm, killed))] };
  } finally {
    for (const service of services) service.stop();
    await rm(folder, { recursive: true });
  }
}

// ---- killing

async function killRepeatedly(side: Side, { kills, seed }: KillOptions): Promise<Pick<KillReport, "fell" | "void">> {
  const chance = chances(seed);
  const fell = { request: 0, sleep: 0, elsewhere: 0 };
  let ignored = 0;
  let position = -1;
  while (fell.request + fell.sleep + fell.elsewhere < kills) {
    if (ignored > kills) throw new Error(`${ignored} kills that do not count, against ${JSON.stringify(fell)}`);
    const session = side.program.run();
    await momentToKill(side.service, session, chance);
    const killedAt = Date.now();
    await session.kill();
    const log = side.service.log();
    const standing = await side.program.inspect();
    if (standing.program.status === "done")
      throw new Error(`done after ${JSON.stringify(fell)}: it needs more services`);
    if (standing.position > position) fell[whereIn(standing.program.waits, log, killedAt)]++;
    else ignored++;
    position = standing.position;
  }
  return { fell, void: ignored };
}

function whereIn(
  waits: Awaited<ReturnType<Program["inspect"]>>["program"]["waits"],
  log: readonly LogLine[],
  killedAt: number,
): Where {
  if (waits.some(({ kind, until }) => kind === "sleep" && until !== undefined && until > killedAt)) return "sleep";
  return waits.some(({ key }) => key !== undefined && inFlight(log, key)) ? "request" : "elsewhere";
}

/**
 * Waits for a random moment once the program has got on: some way into a request, some way into the pause after one that
 * failed, or any time at all.
 */
async function momentToKill(service: Service, session: Session, chance: () => number): Promise<void> {
  const aim = chance();
  const from = service.log().length;
  const since = () => service.log().slice(from);
  const answered = await until(session, () => since().findIndex(({ event }) => event === "answered") + 1);
  if (aim < 0.4) {
    await until(session, () =>
      Number(
        since()
          .slice(answered)
          .some(({ event }) => event === "arrived"),
      ),
    );
    await delay(chance() * LATENCY * 0.8);
  } else if (aim < 0.8) {
    await until(session, () => Number(since().some(({ event, status }) => event === "answered" && status === 503)));
    await delay(chance() * PAUSE);
  } else await delay(chance() * 2 * (LATENCY + PAUSE));
}

// ---- comparing

async function compare(calm: Side, killed: Side): Promise<string[]> {
  const failures: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) failures.push(what);
  };
  const [expected, output] = [await calm.program.ask("output"), await killed.program.ask("output")];
  check(output === expected, `another output:\n${output}\nthan undisturbed:\n${expected}`);

  const journal = await killed.program.journal();
  const made = journal.flatMap(({ body }) => body.made ?? []).filter(({ kind }) => kind === "http");
  const requests = requestsByKey(killed.service.log());
  for (const { key } of made) check(requests.has(key), `the request with key ${key} never reached the server`);
  const keys = new Set(made.map(({ key }) => key));
  check(keys.size === made.length, "two requests have the same key");
  for (const [key, what] of requests) check(keys.has(key), `${what} came with key ${key}, which is in no entry`);
  const undisturbed = [...requestsByKey(calm.service.log()).values()];
  check(same([...requests.values()], undisturbed), "other requests, or in another order, than undisturbed");
  const answers = journal.filter(({ kind }) => kind === "answer").map(({ body }) => body.key);
  check(new Set(answers).size === answers.length, "an answer was taken twice");

  const replay = JSON.parse(await killed.program.ask("replay", "--verify", "--json")) as Replay;
  check(replay.same && replay.recorded === replay.replayed, `the journal does not replay: ${JSON.stringify(replay)}`);
  return failures;
}

interface Replay {
  readonly same: boolean;
  readonly recorded: string;
  readonly replayed: string;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The report in one line. */
export function reportLine({ fell, void: ignored }: KillReport, seed: number): string {
  const all = fell.request + fell.sleep + fell.elsewhere;
  return `${all} kills: ${fell.request} inside a request, ${fell.sleep} inside a back-off sleep, ${fell.elsewhere} elsewhere; ${ignored} more did not count (seed ${seed})`;
}
