// Fleets in processes of their own at one store, and what must be so at the end whatever happened to them.
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { systemRandom } from "../../src/base/random.ts";
import { ENGINE_VERSION } from "../../src/base/version.ts";
import { findImage } from "../../src/client/find-image.ts";
import { StoreClient } from "../../src/client/store-client.ts";
import { verifyReplay } from "../../src/interpreter/replay.ts";
import { decodeBody } from "../../src/journal/codec.ts";
import { isOver } from "../../src/journal/status.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import type { Store } from "../../src/store/store.ts";
import { bundled } from "../support/bundle.ts";

export const host = { clock: systemClock, random: systemRandom };
const NS = "(ns t (:require [flow.test :as test] [flow.time :refer [sleep]] [flow.task :refer [scope spawn]]))\n";

/** Small programs whose ends depend on nothing that can happen to their processes. */
export const TEXTS = {
  steps: "(loop [i 0 sum 0] (if (< i 5) (do (println :at i) (recur (inc i) (+ sum (first (test/echo i))))) sum))",
  tasks: `(def sum (atom 0))
    (scope (run! await (mapv (fn [n] (spawn (fn [] (sleep (* 20 n)) (swap! sum + (first (test/echo n)))))) (range 4))))
    (println :sum @sum) @sum`,
  finally: `(def log (atom []))
    (try (swap! log conj (test/echo 1)) (nth [] 5) (catch :index _ (swap! log conj :caught))
      (finally (swap! log conj (test/echo 2)) (println :cleaned)))
    @log`,
} as const;
export type Name = keyof typeof TEXTS;
export const NAMES = Object.keys(TEXTS) as readonly Name[];

/** Bundles the child; answers the arguments every one begins with. `version`: of an engine that calls itself another. */
export async function makeChild(version: string | null = null): Promise<readonly [bundle: string, image: string]> {
  const find = `export const ENGINE_VERSION = "${ENGINE_VERSION}"`;
  const patch = { file: "src/base/version.ts", find, replace: `export const ENGINE_VERSION = "${version}"` };
  const bundle = await bundled("test/kill/fleet-child.ts", version ?? "child", version === null ? null : patch);
  const image = join(dirname(bundle), "fleet-image.json");
  writeFileSync(image, (await shippedImage()).text);
  return [bundle, image];
}

/** One process. */
export class FleetChild {
  readonly process: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  said = "";

  constructor(child: readonly [string, string], url: string, kill: readonly [when: string, at: number] | null = null) {
    this.process = spawn(process.execPath, [...child, url, ...(kill ?? []).map(String)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.said += text;
      });
    }
    this.ended = new Promise((resolve) => this.process.on("close", (code, signal) => resolve({ code, signal })));
  }

  get isOver(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Tells it to end; answers whether it killed itself before. */
  async drain(): Promise<boolean> {
    // Before it serves it does not know the signal.
    while (!this.said.includes('"serving"') && !this.isOver) await host.clock.sleep(10);
    this.process.kill("SIGTERM");
    const { code, signal } = await this.ended;
    if (signal === "SIGKILL") return true;
    if (code !== 0) throw new Error(`it did not end in order: ${code ?? signal}\n${this.said}`);
    return false;
  }
}

export function enqueue(store: Store, name: Name): Promise<string> {
  const startInterpreter = () => Promise.reject(new Error("no interpreter here"));
  const client = new StoreClient({ store, image: shippedImage, findImage, startInterpreter });
  const options = { args: [], maxSteps: null, queue: "default", priority: 0, labels: {} };
  return client.enqueue({ name: `${name}.fm`, text: `${NS}${TEXTS[name]}` }, options);
}

export async function areOver(store: Store, ids: readonly string[]): Promise<boolean> {
  for (const id of ids) {
    const { status } = (await store.readProgram({ program: id }))!;
    if (!isOver(status) && status !== "faulted") return false;
  }
  return true;
}

/** What a program came to, and what is wrong with its journal. */
export async function endOf(store: Store, id: string) {
  const row = (await store.readProgram({ program: id }))!;
  const journal = await store.readJournal({ program: id });
  const wrong: string[] = [];
  journal.forEach(({ position }, i) => {
    if (position !== i) wrong.push(`entry ${i} has position ${position}`);
  });
  const turns = journal.flatMap(({ kind, body }) => (kind === "turn" ? decodeBody(kind, body).turn : []));
  if (turns.some((turn, i) => turn !== i + 1)) wrong.push(`turns ${turns.join(" ")}`);
  const answers = journal.flatMap(({ kind, body }) => (kind === "answer" ? decodeBody(kind, body).key : []));
  if (new Set(answers).size < answers.length) wrong.push("an answer was taken twice");
  const verified = await verifyReplay({ store, image: findImage }, row);
  if (!verified.same) wrong.push(`it does not replay: ${verified.why}`);
  const output = (await store.readOutput({ program: id })).map(({ text }) => text).join("");
  return { status: row.status, result: row.result, output, answers: answers.length, wrong };
}
