// flowmetal explain: what an error code means and what to do, without a network.
import { codes } from "../../base/codes.ts";
import { FlowmetalError } from "../../base/errors.ts";
import { closest } from "../../base/suggest.ts";
import type { Context } from "../context.ts";
import { readExplanations } from "../errors-doc.ts";
import { EXIT } from "../exit.ts";

export async function run(context: Context): Promise<number> {
  const code = context.args[0].replace(/^\[|\]$/g, "");
  if (!Object.hasOwn(codes, code)) throw unknown(code);
  const title = codes[code as keyof typeof codes];
  const text = readExplanations().get(code) ?? title;
  if (context.options.json === true) await context.out.json({ code, title, text });
  else await context.out.lines([context.out.style("bold", code), "", text]);
  return EXIT.done;
}

function unknown(code: string): FlowmetalError {
  const meant = closest(code, Object.keys(codes));
  return new FlowmetalError("cli/unknown-code", `there is no error code ${JSON.stringify(code)}`, {
    hint:
      meant === null ? "Codes stand in brackets behind the message, as in [store/locked]." : `Did you mean ${meant}?`,
  });
}
