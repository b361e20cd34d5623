// flowmetal start: puts a program into a queue; a process that serves the queue makes its first turn.
import { commandNames } from "../command-names.ts";
import type { Context } from "../context.ts";
import { labelsOf } from "../filters.ts";
import { modulePath } from "../module-path.ts";
import { readScript } from "../script.ts";
import { traceOf } from "../trace.ts";
import { withStore } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  const { options, cwd } = context;
  const [file, ...args] = context.args as [string, ...string[]];
  const script = await readScript(file, context, commandNames);
  const path = modulePath(file === "-" ? null : file, options.path ?? [], cwd);
  const { trace } = traceOf(context);
  const labels = { ...(trace === undefined ? {} : { traceparent: trace }), ...labelsOf(options.label ?? []) };
  const { maxSteps = null, priority = 0, queue = "default" } = options;
  return withStore(context, { create: true }, async (client) => {
    const id = await client.enqueue(script, { args, path, maxSteps, priority, labels, queue: queue as string });
    if (options.json === true) await context.out.json({ id });
    else await context.out.lines([id]);
    return 0;
  });
}
