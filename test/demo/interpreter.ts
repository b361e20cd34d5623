// One interpreter of the demonstration with a protection switched off, in a process of its own: `node interpreter.mjs IMAGE STORE`.
import { readFileSync } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { ForeignConnector } from "../../src/connector/foreign.ts";
import { Fleet } from "../../src/interpreter/fleet.ts";
import { imageOfText } from "../../src/module/image.ts";
import { openStore } from "../../src/store/open.ts";

const [, , imagePath, url] = process.argv;
const image = imageOfText(readFileSync(imagePath, "utf8"));
const host = { clock: systemClock, random: systemRandom };
const fleet = new Fleet({
  ...host,
  store: await openStore({ url, host, folder: process.cwd() }),
  image,
  findImage: async () => image,
  connectors: new Connectors([new ForeignConnector()]),
  capabilities: ["foreign:flow.test/echo"],
  queues: [{ name: "default" }],
  concurrency: 256,
  tell: (event) => process.stderr.write(`${JSON.stringify(event)}\n`),
});
process.on("SIGTERM", () => fleet.drain());
await fleet.serve();
process.exit(0);
