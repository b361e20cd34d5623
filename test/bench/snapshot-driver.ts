// Prints the size of the snapshot of a program that waits on one event. Argument: the file of the base image.
import { readFileSync } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { Interpreter, type Running } from "../../src/interpreter/interpreter.ts";
import { imageOfText } from "../../src/module/image.ts";
import { Source } from "../../src/source/source.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";

const host = { clock: systemClock, random: systemRandom };
const text = readFileSync(process.argv[2] as string, "utf8");
const image = imageOfText(text);
const store = openMemoryStore(host);
const interpreter = new Interpreter({
  store,
  image,
  findImage: async () => image,
  connectors: new Connectors(),
  ...host,
});
await interpreter.open();
const source = new Source("wait.fm", "(await (event))");
await new Promise<void>((resolve, reject) => {
  const run: Running = interpreter.start(
    { name: source.name, source, args: '["v"]', stepsMax: null },
    { onOutput: () => {}, onWaiting: (waits) => void (waits.length > 0 && report(run).then(resolve, reject)) },
  );
  run.ended.catch(reject);
});
await interpreter.close();

/** Lets the program go, so that it rests in the store, and looks at it there. */
async function report(run: Running): Promise<void> {
  await run.letGo();
  const snapshot = await store.readSnapshot({ program: run.id });
  if (snapshot === null) throw new Error("a program at rest has no snapshot");
  console.log(JSON.stringify({ bytes: Buffer.byteLength(snapshot.body), body: snapshot.body }));
}
