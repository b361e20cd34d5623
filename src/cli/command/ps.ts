// flowmetal ps: lists the programs of a store.
import type { ProgramSummary } from "../../client/client.ts";
import type { Context } from "../context.ts";
import { statusesOf } from "../filters.ts";
import { describeWaits } from "../progress.ts";
import { age, table } from "../words.ts";
import { withStore } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  const statuses = statusesOf(context.options.status);
  return withStore(context, { create: false }, async (client) => {
    const programs = await client.list({ statuses, limit: context.options.limit ?? null });
    if (context.options.json === true) await context.out.json({ programs });
    else await print(context, programs);
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
