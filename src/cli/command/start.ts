// flowmetal start: puts a program into a queue; a process that serves the queue makes its first turn.
import { FlowmetalError } from "../../base/errors.ts";
import { commandNames } from "../command-names.ts";
import type { Context } from "../context.ts";
import { modulePath } from "../module-path.ts";
import { readScript } from "../script.ts";
import { withStore } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  const { options, cwd } = context;
  const [file, ...args] = context.args as [string, ...string[]];
  const script = await readScript(file, context, commandNames);
  const path = modulePath(file === "-" ? null : file, options.path ?? [], cwd);
  const labels = Object.fromEntries((options.label ?? []).map(labelOf));
  const { maxSteps = null, priority = 0, queue = "default" } = options;
  return withStore(context, { create: true }, async (client) => {
    const id = await client.enqueue(script, { args, path, maxSteps, priority, labels, queue: queue as string });
    if (options.json === true) await context.out.json({ id });
    else await context.out.lines([id]);
    return 0;
  });
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new FlowmetalError("cli/usage", `--label takes NAME=TEXT, not ${JSON.stringify(text)}`, {
    hint: "Write it like --label month=11.",
  });
}
