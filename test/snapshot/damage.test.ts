// Snapshots that somebody changed in one place: refused by name, or a program that runs on without an error of the host.
import { beforeAll, expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { tryDamage } from "./damage.ts";
import { type Taken, takeSnapshots } from "./sleepers.ts";

/** The same for everybody; the rest of the time goes to changes nobody has tried. */
const SEEDS = [1, 2, 3, 5, 8, 13];
const CHANGES = 100;
const NEW_CHANGES = { most: 2_000, milliseconds: 4_000 };

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

test("changes that nobody has tried", () => {
  const seed = Date.now() % 1_000_000;
  expect(tryDamage(taken, seed, NEW_CHANGES.most, NEW_CHANGES.milliseconds).failure).toBeNull();
});
