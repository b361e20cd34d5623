// flowmetal wait: waits until a program is over or stands at an error, whoever runs it.
import type { Context } from "../context.ts";
import { reportEnd } from "../run.ts";
import { withProgram } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  return withProgram(context, async (client, id, store) =>
    reportEnd(context, id, await client.wait(id), null, { printResult: true, store }),
  );
}
