// flowmetal journal: prints the entries of a program's journal, one to a line.
import type { JournalLine } from "../../client/client.ts";
import type { Context } from "../context.ts";
import { RawJson } from "../json.ts";
import { harmless } from "../streams.ts";
import { withProgram } from "../with-store.ts";
import { moment } from "../words.ts";

export async function run(context: Context): Promise<number> {
  return withProgram(context, async (client, id) => {
    for await (const entry of client.journal(id, context.options.from ?? 0)) {
      if (context.options.json === true) await context.out.json({ ...entry, body: new RawJson(entry.body) });
      else await context.out.lines([asText(entry)]);
    }
    return 0;
  });
}

function asText({ position, kind, time, body }: JournalLine): string {
  return `${String(position).padStart(6)}  ${moment(time)}  ${kind.padEnd(9)}  ${harmless(body)}`;
}
