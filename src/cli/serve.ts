// Serves queues until a signal: what `serve` and `interpreter` have in common. One line on standard error for what is noteworthy.
import { FlowmetalError } from "../base/errors.ts";
import type { ServeEvent } from "../client/client.ts";
import { nearestConfig, type QueueConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit.ts";
import { toJson } from "./json.ts";
import { harmless } from "./streams.ts";
import { withStore } from "./with-store.ts";
import { moment } from "./words.ts";

/** Programs in memory at once, unless told otherwise. */
const CONCURRENCY = 256;

/** MB that one program may take, unless told otherwise (E-15). */
const MEMORY = 64;

/** Serves until SIGTERM, SIGINT or SIGHUP, then lets go of everything; a second signal ends the process at once. */
export async function serveQueues(context: Context, { connectors }: { readonly connectors: boolean }): Promise<number> {
  const { concurrency = CONCURRENCY, memory = MEMORY } = context.options;
  if (concurrency === 0) {
    throw new FlowmetalError("cli/usage", "--concurrency 0 would run nothing", { hint: "Give a number from 1 on." });
  }
  if (memory === 0) {
    throw new FlowmetalError("cli/usage", "--memory 0 would run nothing", { hint: "Give a number of MB from 1 on." });
  }
  const queues = queuesOf(context);
  return withStore(context, { create: true }, async (client) => {
    const onEvent = (event: ServeEvent): void => tell(context, event);
    const serving = await client.serve({ queues, concurrency, memory, connectors, onEvent });
    let signals = 0;
    const stopListening = context.onSignal((signal) => {
      signals++;
      if (signals === 1) serving.drain();
      else {
        context.err.line(`${signal} again: ended at once; what was not committed is done again elsewhere.`);
        context.exitNow(EXIT.interrupted);
      }
    });
    try {
      await serving.ended;
    } finally {
      stopListening();
    }
    return EXIT.done;
  });
}

/** The queues named by --queue, with the settings of flowmetal.json; else those named there; else `default`. */
function queuesOf({ options, cwd }: Context): readonly QueueConfig[] {
  const configured = nearestConfig(cwd)?.queues ?? [];
  const { queue } = options;
  if (queue === undefined) return configured.length > 0 ? configured : [{ name: "default" }];
  return [...new Set([queue].flat())].map((name) => configured.find((one) => one.name === name) ?? { name });
}

function tell({ err, options, clock }: Context, event: ServeEvent): void {
  const time = clock.now();
  if (options.json === true) err.line(toJson({ time, ...event }));
  else err.line(`${moment(time)} ${harmless(event.text)}`);
}
