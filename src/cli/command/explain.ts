// flowmetal explain: what an error code, or a type of error, means and what to do, without a network.
import { codes } from "../../base/codes.ts";
import { errorTypes } from "../../base/error-types.ts";
import { FlowmetalError } from "../../base/errors.ts";
import { closest } from "../../base/suggest.ts";
import type { Context } from "../context.ts";
import { readExplanations } from "../errors-doc.ts";
import { EXIT } from "../exit.ts";

/** Codes as they are, types with their colon. */
const titles: ReadonlyMap<string, string> = new Map([
  ...Object.entries(codes),
  ...Object.entries(errorTypes).map(([type, title]) => [`:${type}`, title] as const),
]);

export async function run(context: Context): Promise<number> {
  const asked = context.args[0].replace(/^\[|\]$/g, "");
  const code = titles.has(asked) ? asked : `:${asked}`;
  const title = titles.get(code);
  if (title === undefined) throw unknown(asked);
  const text = readExplanations().get(code) ?? title;
  if (context.options.json === true) await context.out.json({ code, title, text });
  else await context.out.lines([context.out.style("bold", code), "", text]);
  return EXIT.done;
}

function unknown(code: string): FlowmetalError {
  const meant = closest(code, [...titles.keys()]);
  return new FlowmetalError("cli/unknown-code", `there is no error code ${JSON.stringify(code)}`, {
    hint:
      meant === null ? "Codes stand in brackets behind the message, as in [store/locked]." : `Did you mean ${meant}?`,
  });
}
