// Three processes at a PostgreSQL server behind a network that is cut at any moment, also between a COMMIT and its reply; one is
// stopped for longer than its lease, one is killed. All programs come to the end of an undisturbed run.
import { createServer, type Server, Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { openStore } from "../../src/store/open.ts";
import { newSchema, postgresUrl, sql, withQuery } from "../support/postgres/shared.ts";
import { areOver, endOf, enqueue, FleetChild, host, makeChild, type Name, NAMES } from "./fleets.ts";

const MINUTES = Number(process.env["FLOWMETAL_TEST_MINUTES"] ?? 0);
const SEED = Number(process.env["FLOWMETAL_TEST_SEED"] ?? 1);
/** Of each program; the network is cut while they run. */
const COPIES = MINUTES > 0 ? 60 : 10;
/** One in so many packets is the last of its connection. */
const ODDS = 15;
const schema = newSchema();

/** A number from 0 to below `n`, one after the other from a seed (a linear congruential generator with Knuth's numbers). */
function drawing(seed: number): (n: number) => number {
  let state = BigInt(seed);
  return (n) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(n));
  };
}

/** A network between the processes and the server. */
class Network {
  /** Connections cut before something reached the server, and before its reply came back. */
  readonly cuts = { asking: 0, replying: 0 };
  /** Replies to commits that were kept: nobody knew what had become of them. */
  lostReplies = 0;
  isCutting = true;
  private readonly server: Server;

  constructor(
    private readonly to: { readonly host: string; readonly port: number },
    private readonly draw: (n: number) => number,
  ) {
    this.server = createServer((client) => this.join(client));
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as { port: number }).port;
  }

  private join(client: Socket): void {
    const server = new Socket().connect(this.to.port, this.to.host);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    let commits = false;
    const pass = (from: Socket, to: Socket, way: "asking" | "replying"): void => {
      from.on("data", (data: Buffer) => {
        if (way === "asking") commits = data.includes("commit_2(");
        if (this.isCutting && this.draw(commits ? ODDS / 3 : ODDS) === 0) {
          this.cuts[way]++;
          if (commits && way === "replying") this.lostReplies++;
          return end();
        }
        to.write(data);
      });
      from.on("close", end);
      from.on("error", end);
    };
    pass(client, server, "asking");
    pass(server, client, "replying");
  }

  close(): void {
    this.server.close();
  }
}

afterAll(async () => sql(await postgresUrl(), `DROP SCHEMA IF EXISTS ${schema} CASCADE`));

test("three processes behind a network that is cut, one of them stopped, one killed: the same ends, no turn twice", async () => {
  const child = await makeChild();
  const direct = withQuery(await postgresUrl(), { schema });
  const draw = drawing(SEED);
  const { hostname, port } = new URL(direct);
  const network = new Network({ host: hostname, port: Number(port) }, draw);
  const through = new URL(direct);
  through.port = String(await network.listen());
  const store = await openStore({ url: direct, host, folder: "/" });
  const ids: [Name, string][] = [];
  const calm = new Map<Name, unknown>();
  const children: FleetChild[] = [];
  const begin = (url: string): FleetChild => {
    const one = new FleetChild(child, url);
    children.push(one);
    return one;
  };
  try {
    // Undisturbed: straight to the server.
    const first = begin(direct);
    for (const name of NAMES) {
      const id = await enqueue(store, name);
      while (!(await areOver(store, [id]))) await systemClock.sleep(20);
      calm.set(name, await endOf(store, id));
      expect(calm.get(name)).toMatchObject({ status: "done", wrong: [] });
    }
    await first.drain();

    for (let i = 0; i < COPIES; i++) for (const name of NAMES) ids.push([name, await enqueue(store, name)]);
    const [a, b] = [begin(through.href), begin(through.href), begin(through.href)];
    const begun = async (): Promise<boolean> => (await store.readProgram({ program: ids[0][1] }))!.turn > 0;
    while (!(await begun())) await systemClock.sleep(5);
    await systemClock.sleep(draw(50));
    a.process.kill("SIGSTOP");
    b.process.kill("SIGKILL");
    begin(through.href);
    await systemClock.sleep(2_000 + draw(500));
    a.process.kill("SIGCONT");
    while (
      !(await areOver(
        store,
        ids.map(([, id]) => id),
      ))
    )
      await systemClock.sleep(50);
    network.isCutting = false;
    for (const [name, id] of ids)
      expect({ name, id, end: await endOf(store, id) }).toEqual({ name, id, end: calm.get(name) });
    const { asking, replying } = network.cuts;
    process.stdout.write(
      `network of seed ${SEED}: ${ids.length} programs, ${asking} connections cut before what was asked arrived and ${replying} before the reply, ${network.lostReplies} of them to commits\n`,
    );
    expect(asking + replying).toBeGreaterThan(2);
  } finally {
    for (const one of children) one.process.kill("SIGKILL");
    network.close();
    await store.close();
  }
}, 300_000);
