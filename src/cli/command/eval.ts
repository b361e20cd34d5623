// flowmetal eval: starts a program from a script and runs it until it is over or at rest.
import { commandNames } from "../command-names.ts";
import type { Context } from "../context.ts";
import { FlowmetalError } from "../../base/errors.ts";
import { modulePath } from "../module-path.ts";
import { runToRest } from "../run.ts";
import { readScript, scriptOfForms } from "../script.ts";
import { traceOf } from "../trace.ts";
import { withStore } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  const { options } = context;
  const [file, ...rest] = context.args;
  if (options.eval === undefined && file === undefined) {
    throw new FlowmetalError("cli/usage", "there is nothing to run", {
      hint: "Give a FILE, - for standard input, or -e FORMS. See flowmetal eval --help.",
    });
  }
  const script =
    options.eval !== undefined ? scriptOfForms(options.eval) : await readScript(file as string, context, commandNames);
  const isFile = options.eval === undefined && file !== "-";
  const path = modulePath(isFile ? (file as string) : null, options.path ?? [], context.cwd);
  const args = options.eval !== undefined ? context.args : rest;
  return withStore(context, { create: true }, (client, place) =>
    runToRest(context, client, {
      begin: (client, hooks) => client.start(script, { ...hooks, args, path, ...traceOf(context) }),
      printResult: options.eval !== undefined,
      store: place,
    }),
  );
}
