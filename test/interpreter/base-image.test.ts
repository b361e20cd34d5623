// The base image goes into a store once, with the first program that is started there.
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { Interpreter } from "../../src/interpreter/interpreter.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { Source } from "../../src/source/source.ts";
import { openStore } from "../../src/store/open.ts";
import type { CommitBatch } from "../../src/store/store.ts";

const image = await shippedImage();
const host = { clock: systemClock, random: systemRandom };

test("the first program brings the image, the next one finds it there", async () => {
  const store = await openStore({ url: "memory:", host, folder: "." });
  const sent: string[][] = [];
  const commitTurns = store.commitTurns.bind(store);
  store.commitTurns = (batch: CommitBatch) => {
    sent.push(batch.turns.flatMap(({ texts }) => (texts?.images ?? []).map(({ hash }) => hash)));
    return commitTurns(batch);
  };
  const interpreter = new Interpreter({
    store,
    image,
    findImage: async () => image,
    connectors: new Connectors([]),
    ...host,
  });
  await interpreter.open();
  const start = () =>
    interpreter.start(
      { name: "t", source: new Source("t", "1"), args: '["v"]', stepsMax: null },
      { onOutput: () => undefined, onWaiting: () => undefined },
    ).ended;
  expect(await start()).toEqual({ status: "done" });
  expect(await start()).toEqual({ status: "done" });
  await interpreter.close();
  expect(sent).toEqual([[image.hash], []]);
  expect(await store.readImage({ hash: image.hash })).toBe(image.text);
  await store.close();
});
