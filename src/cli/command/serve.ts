// flowmetal serve: an interpreter and connectors for queues, until it is told to end.
import type { Context } from "../context.ts";
import { serveQueues } from "../serve.ts";

export function run(context: Context): Promise<number> {
  return serveQueues(context, { connectors: true });
}
