// What `flowmetal doctor` asks a store that can be read: schema, clock, interpreters, queues, programs, effects.
import type { Clock } from "../base/clock.ts";
import { SCHEMA as POSTGRES_SCHEMA } from "../store/postgres/migrate.ts";
import type { StoreMeta } from "../store/rows.ts";
import { SCHEMA as FILE_SCHEMA } from "../store/sqlite/schema.ts";
import { FIGURES_DEPTH_MAX, type Store, type StoreFigures } from "../store/store.ts";
import { type Check, ok, problem, seconds, warning } from "./check.ts";

/** What could be claimed for so long is served by nobody, or by too few. */
const WAITED_MS = 10_000;
/** So far a store's time may be from that of this machine. */
const CLOCK_MS = 2_000;

/** The checks of a store. */
export async function storeChecks(store: Store, clock: Pick<Clock, "now">): Promise<Check[]> {
  const meta = await store.readMeta();
  const time = await store.readTime();
  const overview = await store.readFigures({ queues: [] });
  const queues = [...new Set(overview.programs.map(({ queue }) => queue))].filter((queue) => queue !== "local");
  const figures = await store.readFigures({ queues });
  return [
    schemaCheck(meta, store.url.startsWith("postgres") ? POSTGRES_SCHEMA : FILE_SCHEMA),
    clockCheck(time - clock.now()),
    interpreterCheck(await store.listInterpreters(), figures),
    ...queueChecks(figures),
    ...programChecks(figures),
    ...effectChecks(figures),
  ];
}

function schemaCheck({ schema, minWriter }: StoreMeta, mine: number): Check {
  const text = `The store has schema ${schema}; this engine knows ${mine}`;
  if (minWriter > mine) {
    const hint = "It was written by a newer Flowmetal: use that one to run its programs.";
    return problem("schema", `${text}, and may not write it.`, hint);
  }
  if (schema < mine) {
    return warning(
      "schema",
      `${text}.`,
      "The next command that writes brings it up to date; or: flowmetal store migrate.",
    );
  }
  return ok("schema", `${text}.`);
}

function clockCheck(ahead: number): Check {
  if (Math.abs(ahead) <= CLOCK_MS) return ok("clock", "The store's time is that of this machine.");
  const text = `The store's time is ${seconds(Math.abs(ahead))} ${ahead > 0 ? "ahead of" : "behind"} that of this machine.`;
  const hint =
    "A clock was set, or machines differ: set them by NTP. A file's time stands still until the clock has caught up, and timers wait.";
  return warning("clock", text, hint);
}

function interpreterCheck(
  rows: readonly { readonly id: string; readonly expires: number }[],
  { time }: StoreFigures,
): Check {
  const dead = rows.filter(({ expires }) => expires <= time);
  const alive = `${rows.length - dead.length} interpreters hold leases`;
  if (dead.length === 0) return ok("interpreters", `${alive}.`);
  const text = `${alive}; of ${dead.length} the lease ran out in the last ten minutes: ${dead.map(({ id }) => id).join(", ")}.`;
  return warning("interpreters", text, "They were killed, stopped, or cut off from the store: look at their logs.");
}

function queueChecks({ queues, time, interpreters }: StoreFigures): Check[] {
  const waiting = queues.filter(({ since }) => since !== null && time - since > WAITED_MS);
  if (waiting.length === 0) return [ok("queues", "No program waits for an interpreter.")];
  return waiting.map(({ queue, claimable, since }) => {
    const many = claimable === FIGURES_DEPTH_MAX ? `${claimable} or more` : String(claimable);
    const text = `In the queue ${queue} ${many} programs could be run, and one has been waiting for ${seconds(time - (since as number))}.`;
    const more = interpreters === 0 ? "Nobody serves it" : "Nobody serves it, or too few do";
    return warning("queues", text, `${more}: flowmetal serve --queue ${queue}.`);
  });
}

function programChecks({ programs, crashed }: StoreFigures): Check[] {
  const sum = (status: string): number =>
    programs.filter((one) => one.status === status).reduce((all, { count }) => all + count, 0);
  const [faulted, paused] = [sum("faulted"), sum("paused")];
  const all = programs.reduce((sum, { count }) => sum + count, 0);
  const checks: Check[] = [];
  if (faulted > 0) {
    const hint = "flowmetal ps --status faulted lists them, flowmetal inspect says why; flowmetal resume tries again.";
    checks.push(warning("programs", `${faulted} programs stopped at an error.`, hint));
  }
  if (paused > 0) {
    checks.push(
      warning(
        "programs",
        `${paused} programs are paused.`,
        "flowmetal ps --status paused lists them; flowmetal resume lets one go on.",
      ),
    );
  }
  if (crashed > 0) {
    const text = `The processes of ${crashed} programs have died since they were last committed.`;
    checks.push(
      warning(
        "programs",
        text,
        "After two such deaths a program is evaluated alone, after four it stops: see docs/serving.md.",
      ),
    );
  }
  return checks.length > 0 ? checks : [ok("programs", `${all} programs are not over, and none of them is stuck.`)];
}

function effectChecks({ effects, time }: StoreFigures): Check[] {
  const late = effects.filter(({ state, due }) => state === "pending" && due !== null && time - due > WAITED_MS);
  const unknown = effects.filter(({ state }) => state === "unknown");
  const checks = late.map(({ capability, count, due }) => {
    const text = `${count} effects wait for somebody who has the capability ${capability}, one since ${seconds(time - (due as number))}.`;
    const who =
      capability === "http"
        ? "flowmetal serve carries them out, and flowmetal interpreter does not."
        : "No process that serves their queues has it: begin one that does.";
    return warning("effects", text, who);
  });
  for (const { capability, count } of unknown) {
    const text = `Of ${count} effects (${capability}) that may be sent once only nobody knows whether they were.`;
    checks.push(warning("effects", text, "Their programs ask a person: flowmetal ps --status faulted lists them."));
  }
  return checks.length > 0 ? checks : [ok("effects", "No effect is left over.")];
}
