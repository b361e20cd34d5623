// Serves queues until a signal: what `serve` and `interpreter` have in common, and what those who watch it get: a log, and figures.
import { systemClock } from "../base/clock.ts";
import { FlowmetalError } from "../base/errors.ts";
import type { Client, ServeEvent } from "../client/client.ts";
import { parseAddress } from "../observe/address.ts";
import { isLogLevel, LOG_LEVELS, type Log, openLog } from "../observe/log.ts";
import type { MetricsServer } from "../observe/metrics-server.ts";
import { type Config, nearestConfig, type QueueConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { EXIT } from "./exit.ts";
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
  const config = nearestConfig(context.cwd);
  const queues = queuesOf(context, config);
  const log = await logOf(context, config);
  return withStore(context, { create: true }, async (client) => {
    const metrics = await metricsOf(context, config, client, queues);
    const onEvent = (event: ServeEvent): void => {
      if (metrics !== null) note(metrics, event);
      log(event);
    };
    if (metrics !== null) log(listening(metrics.url));
    const onTally = metrics === null ? {} : { onTally: metrics.count.bind(metrics) };
    const serving = await client.serve({ queues, concurrency, memory, connectors, onEvent, ...onTally });
    let signals = 0;
    const stopListening = context.onSignal((signal) => {
      signals++;
      if (metrics !== null) metrics.state = "draining";
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
      await metrics?.close();
    }
    return EXIT.done;
  });
}

/** The queues named by --queue, with the settings of flowmetal.json; else those named there; else `default`. */
function queuesOf({ options }: Context, config: Config | null): readonly QueueConfig[] {
  const configured = config?.queues ?? [];
  const { queue } = options;
  if (queue === undefined) return configured.length > 0 ? configured : [{ name: "default" }];
  return [...new Set([queue].flat())].map((name) => configured.find((one) => one.name === name) ?? { name });
}

function logOf({ options, err, clock }: Context, config: Config | null): Promise<Log> {
  const { logLevel = config?.log.level ?? "info" } = options;
  if (!isLogLevel(logLevel)) {
    throw new FlowmetalError("cli/usage", `there is no level ${JSON.stringify(logLevel)}`, {
      hint: `It is one of ${LOG_LEVELS.join(", ")}.`,
    });
  }
  const json = options.json ?? config?.log.json ?? false;
  const write = (text: string): void => err.write(text);
  return openLog({ level: logLevel, json, write, now: () => clock.now(), moment, harmless });
}

/** Listens for those who want figures, if that is wished. */
async function metricsOf(
  { options }: Context,
  config: Config | null,
  client: Client,
  queues: readonly QueueConfig[],
): Promise<MetricsServer | null> {
  const written = options.metrics ?? config?.metrics ?? null;
  if (written === null) return null;
  const address = parseAddress(written, options.metrics === undefined ? '"metrics" of flowmetal.json' : "--metrics");
  const names = queues.map(({ name }) => name);
  const { MetricsServer } = await import("../observe/metrics-server.ts");
  return MetricsServer.open({ address, clock: systemClock, report: () => client.report(names) });
}

function note(metrics: MetricsServer, { kind }: ServeEvent): void {
  if (metrics.state === "draining") return;
  if (kind === "serving" || kind === "restarting") metrics.state = kind;
}

function listening(url: string): ServeEvent {
  return { kind: "listening", level: "info", program: null, text: `figures at ${url}/metrics`, facts: { url } };
}
