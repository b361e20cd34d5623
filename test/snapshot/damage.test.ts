// Snapshots that somebody changed in one place: refused by name, or a program that runs on without an error of the host.
import { beforeAll, expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { tryDamage } from "./damage.ts";
import { type Taken, takeSnapshots } from "./sleepers.ts";

/** The same for everybody; changes that nobody has tried are for the long tier. */
const SEEDS = [1, 2, 3, 5, 8, 13, 1005, 2004, 2030, 2053];
const CHANGES = 200;

let taken: readonly Taken[];
beforeAll(async () => {
  taken = takeSnapshots(await shippedImage());
});

test("the programs wait often, and in every way", () => {
  expect(taken.length).toBeGreaterThan(100);
  const texts = taken.map(({ text }) => text).join();
  const parts = ['"M","catch"', '"M","finally"', '"M","block"', '"M","binding"', '"M","scope"', '"M","search"'];
  const others = ['"handle"', '"prompt"', '["K",1', '["K",0', '"z"', '"Z"', '["++"', '["m*"', '"fg"', "machine/force"];
  for (const part of [...parts, ...others]) expect([part, texts.includes(part)]).toEqual([part, true]);
});

test.each(SEEDS)("changes of seed %i", (seed) => {
  const { failure, refused, ran } = tryDamage(taken, seed, CHANGES);
  expect(failure).toBeNull();
  expect(refused).toBeGreaterThan(CHANGES / 3);
  expect(ran).toBeGreaterThan(CHANGES / 10);
});
