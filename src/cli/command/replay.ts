// flowmetal replay: runs a program's journal again without sending anything, and compares the state with the recorded one.
import type { ReplayReport } from "../../client/client.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { withProgram } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  return withProgram(context, async (client, id) => {
    const report = await client.replay(id);
    if (context.options.json === true) await context.out.json({ id, ...report });
    else await context.out.lines(describe(report));
    return report.same || context.options.verify !== true ? EXIT.done : EXIT.faulted;
  });
}

function describe(report: ReplayReport): string[] {
  const range = `entries ${report.from} to ${report.to}`;
  if (report.same) return [`same: ${range} replay to the recorded state`, `  ${report.replayed}`];
  return [
    `different: ${range} do not replay to the recorded state`,
    ...(report.recorded === report.replayed || report.replayed === "" ? [] : hashes(report)),
    ...(report.divergedAt === null ? [] : [`  first difference at entry ${report.divergedAt}`]),
    ...(report.why === null ? [] : [`  ${report.why}`]),
  ];
}

function hashes({ recorded, replayed }: ReplayReport): string[] {
  return [`  recorded ${recorded ?? "(no hash recorded)"}`, `  replayed ${replayed}`];
}
