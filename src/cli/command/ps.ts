// flowmetal ps: lists the programs of a store.
import type { ProgramSummary } from "../../client/client.ts";
import type { Context } from "../context.ts";
import { statusesOf } from "../filters.ts";
import { describeWaits } from "../progress.ts";
import { age, table } from "../words.ts";
import { withStore } from "../with-store.ts";

/** A store may hold programs without end; nobody reads more lines than this unasked. */
const LIMIT = 100;

export async function run(context: Context): Promise<number> {
  const { status, limit = LIMIT, json } = context.options;
  const statuses = statusesOf(status);
  return withStore(context, { create: false }, async (client) => {
    // One more than is shown tells whether there are more.
    const found = await client.list({ statuses, limit: limit + 1 });
    const programs = found.slice(0, limit);
    const more = found.length > limit;
    if (json === true) await context.out.json({ programs, more });
    else await print(context, programs);
    if (more && json !== true) context.err.line(`these are the newest ${limit}; for more: --limit N`);
    return 0;
  });
}

async function print({ out, clock }: Context, programs: readonly ProgramSummary[]): Promise<void> {
  if (programs.length === 0 && out.isTerminal) return out.write("no programs\n");
  const now = clock.now();
  const rows = programs.map((program) => [
    program.id,
    program.running ? `${program.status}*` : program.status,
    age(now - program.created),
    program.name,
    program.waits.length === 0 ? "" : describeWaits(program.waits, now),
  ]);
  await out.lines(table(["ID", "STATUS", "AGE", "NAME", "WAITS FOR"], rows, out.isTerminal));
}
