// flowmetal cancel: ends a program, whoever runs it (E-6, E-7).
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { withProgram } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  return withProgram(context, async (client, id) => {
    const answer = await client.cancel(id, context.options.reason ?? "");
    if (context.options.json === true) await context.out.json({ id, ...answer });
    if (answer.outcome === "already-over") {
      if (context.options.json !== true) context.err.line(`${id} is over already: ${answer.status}`);
      return answer.status === "cancelled" ? EXIT.done : EXIT.conflict;
    }
    if (context.options.json !== true) await context.out.lines([sentence(id, answer.outcome)]);
    return EXIT.done;
  });
}

function sentence(id: string, outcome: "cancelled" | "requested"): string {
  return outcome === "cancelled" ? `cancelled ${id}` : `the process that runs ${id} has been told to cancel it`;
}
