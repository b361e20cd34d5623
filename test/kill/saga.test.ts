// A saga killed with SIGKILL while it undoes its steps undoes all of them, in order, under the keys it had: as if nothing had happened.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { build } from "../support/cli.ts";
import { root } from "../support/tree.ts";
import { Program, type Session } from "./program.ts";
import { inFlight, requestsByKey, Service } from "./service.ts";

const SEATS = 8;
const KILLS = 6;
const LATENCY = 100;
const PAUSE = 100;

interface Side {
  readonly service: Service;
  readonly program: Program;
}

async function start(folder: string, name: string): Promise<Side> {
  const log = join(folder, `${name}.log`);
  const service = await Service.run(join(root, "test/kill/saga-server.mjs"), { latency: LATENCY }, log);
  const program = new Program(root, join(folder, `${name}.db`), [service.url, String(SEATS)], "test/kill/saga.fm");
  return { service, program };
}

async function finish(session: Session): Promise<void> {
  const { code, stderr } = await session.ended;
  expect(code, stderr).toBe(0);
}

/** Waits until so many more seats have been asked back than before; 0: until the process is over. */
async function undoing(service: Service, session: Session, more: number): Promise<void> {
  const count = () => service.log().filter(({ event, method }) => event === "arrived" && method === "DELETE").length;
  const from = count();
  const deadline = Date.now() + 60_000;
  while (!session.over && count() < from + more) {
    if (Date.now() > deadline) throw new Error("the program does not get on");
    await delay(5);
  }
}

test("a saga survives kills between and inside of its compensations", { timeout: 240_000 }, async () => {
  build();
  const folder = await mkdtemp(join(tmpdir(), "flowmetal-saga-"));
  const random = seededRandom("saga");
  const [calm, killed] = [await start(folder, "calm"), await start(folder, "killed")];
  try {
    const undisturbed = finish(calm.program.run());
    let inside = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const session = killed.program.run();
      await undoing(killed.service, session, 2);
      await delay(((random.bytes(1)[0] as number) / 255) * (LATENCY + PAUSE));
      expect(session.over).toBe(false);
      await session.kill();
      const log = killed.service.log();
      const { program } = await killed.program.inspect();
      expect(program.status).not.toBe("done");
      if (program.waits.some(({ key }) => key !== undefined && inFlight(log, key))) inside++;
    }
    await finish(killed.program.run());
    await undisturbed;
    process.stdout.write(`${KILLS} kills of a saga that undoes: ${inside} inside of a request\n`);

    expect(inside).toBeGreaterThan(0);
    expect(inside).toBeLessThan(KILLS);
    const requests = requestsByKey(killed.service.log());
    expect([...requests.values()]).toEqual([...requestsByKey(calm.service.log()).values()]);
    const givenBack = [...requests.values()].filter((request) => request.startsWith("DELETE"));
    const seats = Array.from({ length: SEATS }, (_, n) => `DELETE /seats/${n}`).reverse();
    expect(givenBack).toEqual(seats.flatMap((request) => [request, request]));
    expect(await (await fetch(`${killed.service.url}/seats`)).json()).toEqual([]);

    const output = await killed.program.ask("output");
    expect(output).toBe(await calm.program.ask("output"));
    expect(output).toContain("[post /payment ([7 7] [6 6] [5 5] [4 4] [3 3] [2 2] [1 1] [0 0])]");
    const made = (await killed.program.journal()).flatMap(({ body }) => body.made ?? []);
    expect(made.map(({ key }) => key)).toEqual([...requests.keys()]);
    expect(JSON.parse(await killed.program.ask("replay", "--verify", "--json"))).toMatchObject({ same: true });
  } finally {
    calm.service.stop();
    killed.service.stop();
    await rm(folder, { recursive: true });
  }
});
