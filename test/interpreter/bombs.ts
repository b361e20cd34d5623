// Programs that end the process which evaluates them, beside healthy ones, and what must be true of all of them afterwards (E-15).
import type { ProgramRow } from "../../src/store/rows.ts";
import { checkJournal, type Site } from "./site.ts";

/** In one call of a primitive it takes more memory than there is. */
export const OUT_OF_MEMORY = "(count (vec (range 130000000)))";

/** In one call of a primitive it adds large integers for minutes. */
export const DOES_NOT_COME_BACK = "(let [n (bit-shift-left 1 900000)] (bit-and 1 (apply + (repeat 1000000 n))))";

/** Its state grows without end. */
export const GROWS = "(loop [m {} i 0] (recur (assoc m i [i]) (inc i)))";

const HEALTHY = `(ns app.steps (:require [flow.test :as test] [flow.time :refer [sleep]]))
(def n (parse-long (first *args*)))
(loop [i 0, sum 0]
  (if (< i 6)
    (do (sleep 400) (recur (inc i) (+ sum (first (test/echo (* n i))))))
    sum))`;

/** Puts healthy programs into the store; answers their ids. */
export async function startHealthy(site: Site, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await site.enqueue(HEALTHY, [String(n)]));
  return ids;
}

/** What is wrong with the healthy ones, looked at when all are to be done. */
export async function unwell(site: Site, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const [n, id] of ids.entries()) {
    const { status, result, crashes } = await site.row(id);
    if (status !== "done" || result !== String(15 * n) || crashes > 0)
      found.push(`program ${n}: ${status}, ${result}, ${crashes} crashes`);
    await checkJournal(site.store, id);
  }
  return found;
}

/** Events that a process told of, by kind. */
export function eventsOf(stderr: string, kind: string): { readonly program: string | null; readonly text: string }[] {
  const events = stderr.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  return events.filter((event) => event.kind === kind);
}

/** The type of the error at which a program stands. */
export function faultType({ status, error }: ProgramRow): string {
  if (status !== "faulted" || error === null) return status;
  return (JSON.parse(error) as [string, [string, string]])[1][1];
}
