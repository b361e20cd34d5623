// flowmetal interpreter: runs the programs of queues; what leaves the process is carried out by others.
import type { Context } from "../context.ts";
import { serveQueues } from "../serve.ts";

export function run(context: Context): Promise<number> {
  return serveQueues(context, { connectors: false });
}
