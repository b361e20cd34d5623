// flowmetal output: prints what a program has printed, as the store has it (S-24).
import type { Context } from "../context.ts";
import { withProgram } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  return withProgram(context, async (client, id) => {
    const parts: string[] = [];
    for await (const text of client.output(id)) {
      if (context.options.json === true) parts.push(text);
      else await context.out.write(text);
    }
    if (context.options.json === true) await context.out.json({ id, output: parts.join("") });
    return 0;
  });
}
