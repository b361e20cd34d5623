// The process is killed, or its store fails, at every commit of each program, one run for each: all come to the same end.
import { expect, test } from "vitest";
import { type ProgramName, programNames } from "./programs.ts";
import { differences, Simulation, type Simulated } from "./simulate.ts";
import type { Fault } from "./world.ts";

const FAULTS: readonly Fault[] = ["before", "after", "killed before", "killed after"];

/** A run with one fault, at the commit of this number. */
async function faulted(name: ProgramName, fault: Fault, at: number): Promise<{ ran: Simulated; hit: boolean }> {
  let hit = false;
  const ran = await Simulation.planned([name], (method, count) => {
    if (hit || method !== "commitTurns" || count !== at) return null;
    hit = true;
    return fault;
  });
  return { ran, hit };
}

test.each(programNames)("%s, at each of its commits", async (name) => {
  const calm = await Simulation.planned([name], () => null);
  expect(calm.wrong).toEqual([]);
  expect(calm.commits).toBeGreaterThan(1);
  for (let at = 0; at < calm.commits; at++) {
    for (const fault of FAULTS) {
      const { ran, hit } = await faulted(name, fault, at);
      expect(hit, `${fault} ${at}`).toBe(true);
      expect(differences(ran, calm), `${fault} ${at}`).toEqual([]);
    }
  }
});
