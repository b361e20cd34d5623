// flowmetal doctor: what is wrong with the installation and a store, and what to do about it.
import { systemClock } from "../../base/clock.ts";
import { FlowmetalError } from "../../base/errors.ts";
import { systemRandom } from "../../base/random.ts";
import { examine, neededNode } from "../../observe/doctor.ts";
import type { Check } from "../../observe/check.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { findStore } from "../store-place.ts";
import { harmless } from "../streams.ts";

export async function run(context: Context): Promise<number> {
  const { options, out, env } = context;
  const { url } = findStore(options.store, context);
  if (url === "memory:") {
    throw new FlowmetalError("cli/usage", "a store in memory ends with its process: there is nothing to look at", {
      hint: "Name a store with --store PATH.",
    });
  }
  const checks = await examine({
    url,
    host: { clock: systemClock, random: systemRandom },
    node: process.versions.node,
    needed: neededNode(),
    driver: env["FLOWMETAL_SQLITE_DRIVER"],
  });
  const count = (verdict: Check["verdict"]): number => checks.filter((check) => check.verdict === verdict).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (options.json === true) await out.json({ problems, warnings, checks });
  else await out.lines(checks.flatMap(linesOf));
  return problems > 0 || (options.strict === true && warnings > 0) ? EXIT.faulted : EXIT.done;
}

function linesOf({ name, verdict, text, hint = "" }: Check): string[] {
  const line = `${verdict.padEnd(8)} ${name.padEnd(12)} ${harmless(text)}`;
  return hint === "" ? [line] : [line, `${" ".repeat(22)}${harmless(hint)}`];
}
