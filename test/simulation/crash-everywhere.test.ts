// The process is killed, or its store fails, at every commit of each program, one run for each: all come to the same end.
import { expect, test } from "vitest";
import { type ProgramName, programNames } from "./programs.ts";
import { differences, FAULTS, Simulation, type Simulated } from "./simulate.ts";
import type { Fault, Kind } from "./world.ts";

/** A run with one fault, at the commit of this number. */
async function faulted(name: ProgramName, { fault, at, kind }: Planned): Promise<{ ran: Simulated; hit: boolean }> {
  let hit = false;
  const faults = (method: string, count: number): Fault | null => {
    if (hit || method !== "commitTurns" || count !== at) return null;
    hit = true;
    return fault;
  };
  return { ran: await Simulation.planned([name], faults, kind), hit };
}

interface Planned {
  readonly fault: Fault;
  readonly at: number;
  readonly kind: Kind;
}

async function everywhere(name: ProgramName, kind: Kind): Promise<void> {
  const calm = await Simulation.planned([name], () => null, kind);
  expect(calm.wrong).toEqual([]);
  expect(calm.commits).toBeGreaterThan(1);
  for (let at = 0; at < calm.commits; at++) {
    for (const fault of FAULTS[kind]) {
      const { ran, hit } = await faulted(name, { fault, at, kind });
      expect(hit, `${fault} ${at}`).toBe(true);
      expect(differences(ran, calm), `${fault} ${at}`).toEqual([]);
    }
  }
}

test.each(programNames)("%s, at each of its commits", (name) => everywhere(name, "memory"));

/** Of the long tier, which has the time for all of them. */
const inFiles = Number(process.env["FLOWMETAL_TEST_MINUTES"] ?? 0) > 0 ? programNames : (["answers"] as const);

test.each(inFiles)("%s in a file, at each of its commits", (name) => everywhere(name, "sqlite"), 300_000);
