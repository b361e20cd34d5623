// flowmetal ps: lists the programs of a store.
import type { ProgramSummary } from "../../client/client.ts";
import { isStatus, STATUSES, type Status } from "../../journal/status.ts";
import type { Context } from "../context.ts";
import { describeWaits } from "../progress.ts";
import { FlowmetalError } from "../../base/errors.ts";
import { age, table } from "../words.ts";
import { closest } from "../../base/suggest.ts";
import { withStore } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  const statuses = context.options.status?.map(toStatus) ?? null;
  return withStore(context, { create: false }, async (client) => {
    const programs = await client.list({ statuses, limit: context.options.limit ?? null });
    if (context.options.json === true) await context.out.json({ programs });
    else await print(context, programs);
    return 0;
  });
}

function toStatus(word: string): Status {
  if (isStatus(word)) return word;
  const meant = closest(word, STATUSES);
  throw new FlowmetalError("cli/usage", `there is no status ${JSON.stringify(word)}`, {
    hint: meant === null ? `There are ${STATUSES.join(", ")}.` : `Did you mean ${meant}?`,
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
