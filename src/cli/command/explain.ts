// flowmetal explain: what an error code, or a type of error, means and what to do, without a network.
import { FlowmetalError } from "../../base/errors.ts";
import { closest } from "../../base/suggest.ts";
import type { Context } from "../context.ts";
import { errorTitles, titleOf } from "../error-titles.ts";
import { readExplanations } from "../errors-doc.ts";
import { EXIT } from "../exit.ts";

export async function run(context: Context): Promise<number> {
  const [asked] = context.args;
  const code = titleOf(asked);
  if (code === null) throw unknown(asked);
  const title = errorTitles.get(code);
  const text = readExplanations().get(code) ?? title;
  if (context.options.json === true) await context.out.json({ code, title, text });
  else await context.out.lines([context.out.style("bold", code), "", text as string]);
  return EXIT.done;
}

function unknown(code: string): FlowmetalError {
  const meant = closest(code, [...errorTitles.keys()]);
  return new FlowmetalError("cli/unknown-code", `there is no error code ${JSON.stringify(code)}`, {
    hint:
      meant === null ? "Codes stand in brackets behind the message, as in [store/locked]." : `Did you mean ${meant}?`,
  });
}
