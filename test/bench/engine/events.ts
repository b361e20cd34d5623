// Events as the benchmarks deliver them: answers to what a program asked of the outside, by the store's own delivery call.
import { randomBelow } from "../../../src/base/random.ts";
import { newEntry } from "../../../src/journal/codec.ts";
import type { Store } from "../../../src/store/store.ts";
import { host } from "./stores.ts";

/** Between two events, in ms: at rest nobody waits for the outside in a hurry, and a loop of its own rhythm would fall in step with ours. */
const PAUSE = { least: 10, most: 20 };

export function pauseBetween(): Promise<void> {
  return host.clock.sleep(PAUSE.least + randomBelow(host.random, PAUSE.most - PAUSE.least));
}

/** Answers the effect `key` of a program. */
export async function deliver(store: Store, program: string, key: string): Promise<void> {
  const { body } = newEntry("answer", { key, outcome: "ok", body: "1" });
  const { outcome } = await store.deliver({ program, key, kind: "answer", body });
  if (outcome !== "delivered") throw new Error(`an event was not delivered: ${outcome}`);
}
