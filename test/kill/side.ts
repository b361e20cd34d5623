// A script and the server it talks to, each a process of its own: killed at given moments, then judged by the store and the server's log.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { seededRandom } from "../../src/base/random.ts";
import { Program, type Session } from "./program.ts";
import { type LogLine, Service, standing } from "./service.ts";

export interface Side {
  readonly service: Service;
  readonly program: Program;
}

export interface Setting {
  /** The checkout; its dist/ must be built. */
  readonly root: string;
  /** Where the store and the server's log are kept, under the side's name. */
  readonly folder: string;
  readonly name: string;
  /** Paths below the root. */
  readonly script: string;
  readonly server: string;
  readonly flags: Readonly<Record<string, string | number | boolean>>;
  /** The script's arguments behind the address of the server. */
  readonly args: readonly string[];
}

const POLL = 5;
const GIVE_UP = 60_000;

/** Starts the server; the program is started by `run`. */
export async function startSide({ root, folder, name, script, server, flags, args }: Setting): Promise<Side> {
  const service = await Service.run(join(root, server), { port: 0, ...flags }, join(folder, `${name}.log`));
  return { service, program: new Program(root, join(folder, `${name}.db`), [service.url, ...args], script) };
}

/** What is wrong with the end of a process that should have ended well. */
export async function finish(session: Session, what: string): Promise<string[]> {
  const { code, stderr } = await session.ended;
  return code === 0 ? [] : [`${what} ended with exit code ${code}: ${stderr}`];
}

/** Numbers from 0 to 1 that follow from the seed. */
export function chances(seed: number | string): () => number {
  const random = seededRandom(`kills ${seed}`);
  return () => random.bytes(2).reduce((sum, byte) => sum * 256 + byte, 0) / 65_536;
}

/** The first number other than 0 that is found; 0 when the process is over. */
export async function until(session: Session, find: () => number): Promise<number> {
  const deadline = Date.now() + GIVE_UP;
  for (;;) {
    const found = find();
    if (found !== 0 || session.over) return found;
    if (Date.now() > deadline) throw new Error("the program does not get on");
    await delay(POLL);
  }
}

// ---- killing at moments

/** Waits for a moment in the life of a process that was just started; it may be over by then. */
export type Moment = (side: Side, session: Session) => Promise<void>;

/** So many milliseconds after the nth line that the server logs of this kind while the process runs. */
export function after(matches: (line: LogLine) => boolean, ms = 0, nth = 1): Moment {
  return async ({ service }, session) => {
    const from = service.log().length;
    await until(session, () => Number(service.log().slice(from).filter(matches).length >= nth));
    await delay(ms);
  };
}

/** So many milliseconds after the program is seen to sleep. */
export function asleep(ms: number): Moment {
  return async ({ program }, session) => {
    const deadline = Date.now() + GIVE_UP;
    while (!session.over && !(await program.sleeps())) {
      if (Date.now() > deadline) throw new Error("the program does not sleep");
    }
    await delay(ms);
  };
}

/** What a program was doing when it was killed, as far as the server knows. */
export interface Killed {
  /** Whether the server had a request in hand, and had not answered it when the process was gone. */
  readonly inRequest: boolean;
  /** What the tasks wait for. */
  readonly waits: readonly string[];
}

/** Runs the program, kills it at each moment in turn, and goes on; or until it is done, if that is sooner. */
export async function killAt(
  side: Side,
  moments: Iterable<Moment>,
): Promise<{ readonly kills: readonly Killed[]; readonly isDone: boolean }> {
  const kills: Killed[] = [];
  for (const moment of moments) {
    const session = side.program.run();
    await moment(side, session);
    if (session.over) return { kills, isDone: (await finish(session, "a run")).length === 0 };
    const open = standing(side.service.log());
    await session.kill();
    const { program } = await side.program.inspect();
    if (program.status === "done") return { kills, isDone: true };
    const answered = new Set(side.service.log().flatMap(({ n, event }) => (event === "answered" ? n : [])));
    kills.push({ inRequest: open.some((n) => !answered.has(n)), waits: program.waits.map(({ kind }) => kind) });
  }
  return { kills, isDone: false };
}

// ---- the verdict

/** What the server says it did, in order. */
export function done(log: readonly LogLine[]): string[] {
  return log.flatMap(({ what }) => what ?? []);
}

/**
 * What tells the killed program from the undisturbed one: its output, what the server did, twice or at all (the order counts, unless it
 * is up to chance), and the journal, which must replay to the same state.
 */
export async function differences(calm: Side, killed: Side, order: "in order" | "in any order"): Promise<string[]> {
  const found: string[] = [];
  const check = (holds: boolean, what: string) => {
    if (!holds) found.push(what);
  };
  const [expected, output] = [await calm.program.ask("output"), await killed.program.ask("output")];
  check(output === expected, `another output:\n${output}\nthan undisturbed:\n${expected}`);
  for (const { service } of [calm, killed]) found.push(...doneTwice(service.log()));
  const sorted = (list: string[]) => (order === "in order" ? list : list.sort());
  const [should, did] = [sorted(done(calm.service.log())), sorted(done(killed.service.log()))];
  check(
    JSON.stringify(did) === JSON.stringify(should),
    `the server did:\n${did.join("\n")}\nand not:\n${should.join("\n")}`,
  );
  const journal = await killed.program.journal();
  const answers = journal.filter(({ kind }) => kind === "answer").map(({ body }) => body.key);
  check(new Set(answers).size === answers.length, "an answer was taken twice");
  const replay = JSON.parse(await killed.program.ask("replay", "--verify", "--json")) as { readonly same: boolean };
  check(replay.same, `the journal does not replay: ${JSON.stringify(replay)}`);
  return found;
}

function doneTwice(log: readonly LogLine[]): string[] {
  const things = log.filter(({ event }) => event === "did").flatMap(({ what, key }) => [what as string, `key ${key}`]);
  const times = new Map<string, number>();
  for (const thing of things) times.set(thing, (times.get(thing) ?? 0) + 1);
  return [...times].flatMap(([thing, n]) => (n > 1 ? `done ${n} times: ${thing}` : []));
}

/** The most requests that the server had in hand at once. */
export function mostAtOnce(log: readonly LogLine[]): number {
  const inHand = log.map((_, i) => standing(log.slice(0, i + 1)).length);
  return Math.max(0, ...inHand);
}
