// flowmetal gc: deletes finished programs of an age, and compiled code and sources that nothing names any more (E-19).
import type { GcReport } from "../../client/client.ts";
import { parseDuration } from "../../base/duration.ts";
import { FlowmetalError } from "../../base/errors.ts";
import type { Context } from "../context.ts";
import { withStore } from "../with-store.ts";
import { age, table } from "../words.ts";

export async function run(context: Context): Promise<number> {
  const { olderThan, dryRun = false, json } = context.options;
  const ms = olderThan === undefined ? null : toAge(olderThan);
  return withStore(context, { create: false }, async (client) => {
    const report = await client.gc({ olderThan: ms, dryRun });
    if (json === true) await context.out.json({ dryRun, ...report });
    else await print(context, report, dryRun);
    return 0;
  });
}

function toAge(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms >= 0) return ms;
  throw new FlowmetalError("cli/usage", `${JSON.stringify(text)} is no length of time`, {
    hint: "Write it as in 30d, 12h or PT5M.",
  });
}

async function print({ out, clock }: Context, report: GcReport, dryRun: boolean): Promise<void> {
  const { programs, units, images, blobs } = report;
  const now = clock.now();
  const rows = programs.map(({ id, status, updated, name }) => [id, status, age(now - updated), name]);
  if (rows.length > 0) await out.lines(table(["ID", "STATUS", "OVER FOR", "NAME"], rows, out.isTerminal));
  const verb = dryRun ? "would delete" : "deleted";
  const texts = `${units} units of code, ${images} base images, ${blobs} texts`;
  await out.lines([`${verb} ${programs.length} finished programs; ${texts} that nothing names`]);
}
