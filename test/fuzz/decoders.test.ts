// Any text through every decoder: it is read, or refused by name. More of it in the long tier, with --seed.
import { expect, test } from "vitest";
import { fuzz } from "./decoders.ts";

const seed = Number(process.env["FLOWMETAL_TEST_SEED"] ?? Date.now() % 1_000_000);
const minutes = process.env["FLOWMETAL_TEST_MINUTES"];
const BUDGET_MS = minutes === undefined ? 10_000 : Number(minutes) * 60_000;

test(`decoders refuse by name (seed ${seed})`, { timeout: 3 * BUDGET_MS + 60_000 }, async () => {
  const { tried, failure } = await fuzz(seed, Date.now() + BUDGET_MS);
  console.log(`fuzz of seed ${seed}: ${tried} inputs`);
  expect(failure).toBe(null);
});
