// A fleet in a process of its own, which may kill itself at a commit: `node fleet-child.mjs IMAGE STORE [before|after N]`.
//
// The hook stands here and not in the engine: the store is wrapped. It says how many commits it made when it is drained.
import { readFileSync } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { ForeignConnector } from "../../src/connector/foreign.ts";
import { Fleet } from "../../src/interpreter/fleet.ts";
import { imageOfText } from "../../src/module/image.ts";
import { openStore } from "../../src/store/open.ts";
import type { Store } from "../../src/store/store.ts";

const [, , imagePath, url, when, at] = process.argv;
const image = imageOfText(readFileSync(imagePath, "utf8"));
const host = { clock: systemClock, random: systemRandom };
let commits = 0;

function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}

function killing(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const call = (params: unknown): unknown => (value as (given: unknown) => unknown).call(target, params);
      if (name !== "commitTurns") return call;
      return async (params: unknown) => {
        const isHere = commits++ === Number(at);
        if (isHere && when === "before") await die();
        const result = await call(params);
        if (isHere && when === "after") await die();
        return result;
      };
    },
  });
}

const fleet = new Fleet({
  ...host,
  store: killing(await openStore({ url, host, folder: process.cwd() })),
  image,
  findImage: async () => image,
  connectors: new Connectors([new ForeignConnector()]),
  capabilities: ["foreign:flow.test/echo"],
  queues: [{ name: "default" }],
  concurrency: 64,
  tell: (event) => process.stderr.write(`${JSON.stringify(event)}\n`),
});
process.on("SIGTERM", () => fleet.drain());
await fleet.serve();
process.stdout.write(`${commits}\n`);
process.exit(0);
