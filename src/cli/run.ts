// Runs a program in this process until it is over or at rest: copies its output, shows what it waits for, and lets go of it
// at Ctrl-C, saying how to go on. What `eval` and `resume` have in common.
import type { Client, Fault, Run, RunEnd, RunOptions, Warning } from "../client/client.ts";
import type { Context, StopSignal } from "./context.ts";
import { EXIT, exitCodeOf } from "./exit.ts";
import { printedData } from "./json.ts";
import { faultData, renderFault, renderWarning, warningData } from "./faults.ts";
import { describeWaits, Progress } from "./progress.ts";
import type { StorePlace } from "./store-place.ts";
import { PipeClosed } from "./streams.ts";

/** How a run is begun and presented. */
export interface RunPlan {
  readonly begin: (client: Client, hooks: RunOptions) => Promise<Run>;
  /** Print the value of the last form. */
  readonly printResult: boolean;
  /** Where the program is kept. */
  readonly store: StorePlace;
}

/** Why this process let go of a program that could have gone on. */
type Reason = StopSignal | "pipe";

const REASON_EXITS: Readonly<Record<Reason, number>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hangUp,
  pipe: EXIT.pipeClosed,
};

/** Runs, reports how it ended, and answers the exit code. */
export async function runToRest(context: Context, client: Client, plan: RunPlan): Promise<number> {
  const progress = new Progress(context);
  const stop = new StopWatcher(context, progress);
  try {
    const run = await plan.begin(client, {
      maxSteps: context.options.maxSteps ?? null,
      onOutput: (text) => copyOutput(context, progress, stop, text),
      onWarning: (warning) => tellWarning(context, progress, stop, warning),
      onWaiting: (waits) => progress.update(waits),
    });
    if (context.options.json === true) await context.out.json({ event: "started", id: run.id });
    stop.watch(run);
    const end = await run.ended;
    progress.stop();
    return await reportEnd(context, run.id, end, stop.reason, plan);
  } finally {
    progress.stop();
    stop.dispose();
  }
}

async function copyOutput(context: Context, progress: Progress, stop: StopWatcher, text: string): Promise<void> {
  progress.hide();
  const { out, options } = context;
  await unlessClosed(stop, options.json === true ? out.json({ event: "output", text }) : out.write(text));
}

/** A warning is no part of what the program says: it goes to standard error, and under --json stands in the course of events. */
async function tellWarning(context: Context, progress: Progress, stop: StopWatcher, warning: Warning): Promise<void> {
  const { out, err, options } = context;
  progress.hide();
  if (options.json !== true) err.line(renderWarning(warning, err));
  else await unlessClosed(stop, out.json({ event: "warning", ...warningData(warning) }));
}

/** Waits for a write; where nobody reads any more, the program is let go of. */
async function unlessClosed(stop: StopWatcher, write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof PipeClosed)) throw error;
    stop.letGo("pipe");
  }
}

/** Lets go of the run at the first signal and ends the process at the second. */
class StopWatcher {
  reason: Reason | null = null;
  private run: Run | null = null;
  private readonly stopListening: () => void;

  constructor(
    private readonly context: Context,
    private readonly progress: Progress,
  ) {
    this.stopListening = context.onSignal((signal) => this.onSignal(signal));
  }

  /** From here on there is a run to let go of; at once, if a signal came while it was being started. */
  watch(run: Run): void {
    this.run = run;
    if (this.reason !== null) void run.letGo();
  }

  letGo(reason: Reason): void {
    this.reason ??= reason;
    void this.run?.letGo();
  }

  dispose(): void {
    this.stopListening();
  }

  private onSignal(signal: StopSignal): void {
    if (this.reason === null) {
      this.letGo(signal);
      return;
    }
    this.progress.stop();
    const { err, exitNow } = this.context;
    err.line("stopped at once; the program is at its last commit, and its lease runs out within two seconds.");
    exitNow(REASON_EXITS[this.reason]);
  }
}

/** Tells how a program ended, and answers the exit code. `reason`: why this process let go of it, if it did. */
export async function reportEnd(
  context: Context,
  id: string,
  end: RunEnd,
  reason: Reason | null,
  plan: Pick<RunPlan, "printResult" | "store">,
): Promise<number> {
  if (context.options.json === true) await context.out.json(endData(id, end));
  switch (end.status) {
    case "done":
      if (plan.printResult && context.options.json !== true) await context.out.lines([end.result.text]);
      return EXIT.done;
    case "faulted":
      reportFaults(context, id, end.faults, plan.store);
      return end.faults.every(({ code }) => code !== null && exitCodeOf(code) === EXIT.syntax)
        ? EXIT.syntax
        : EXIT.faulted;
    case "cancelled":
      context.err.line(end.reason === "" ? "cancelled" : `cancelled: ${end.reason}`);
      return EXIT.cancelled;
    default:
      return reportRest(context, id, end, reason, plan.store);
  }
}

function reportFaults(context: Context, id: string, faults: readonly Fault[], store: StorePlace): void {
  const { err } = context;
  for (const fault of faults) err.write(renderFault(fault, err));
  if (isInMemory(store)) err.line("the program stopped there; its store was in memory, and is gone");
  else
    err.line(
      `the program stopped there, its continuation intact; look at it with: flowmetal inspect${store.flag} ${id}`,
    );
}

/** Whether no other command can find the program. */
function isInMemory({ url }: StorePlace): boolean {
  return url === "memory:";
}

type Rest = Extract<RunEnd, { waits: unknown }>;

function reportRest(context: Context, id: string, end: Rest, reason: Reason | null, store: StorePlace): number {
  const { err, clock } = context;
  if (reason === "pipe") return EXIT.pipeClosed;
  const what = {
    waiting: ` (waiting for ${describeWaits(end.waits, clock.now())})`,
    paused: " (paused)",
    moved: " (moved to another store)",
    ready: "",
  }[end.status];
  err.line(`at rest: ${id}${what}`);
  if (isInMemory(store)) err.line("its store was in memory: there is nothing to go on with");
  else if (end.status !== "moved") err.line(`go on with: flowmetal resume${store.flag} ${id}`);
  return reason === null ? EXIT.atRest : REASON_EXITS[reason];
}

/** The last line of --json. */
function endData(id: string, end: RunEnd): Record<string, unknown> {
  const base = { event: "ended", id, status: end.status };
  switch (end.status) {
    case "done":
      return { ...base, result: printedData(end.result) };
    case "faulted":
      return { ...base, faults: end.faults.map(faultData) };
    case "cancelled":
      return { ...base, reason: end.reason };
    default:
      return { ...base, waits: end.waits };
  }
}
