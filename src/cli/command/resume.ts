// flowmetal resume: takes over a program that is at rest and runs it until it is over or at rest again.
import type { Context } from "../context.ts";
import { runToRest } from "../run.ts";
import { withProgram } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  return withProgram(context, (client, id, place) =>
    runToRest(context, client, {
      begin: (client, hooks) => client.resume(id, { ...hooks, onOwner: (ms) => sayWaiting(context, ms) }),
      printResult: false,
      store: place,
    }),
  );
}

function sayWaiting({ err }: Context, ms: number): void {
  err.line(`waiting for the lease of the process that ran it last to run out (${(ms / 1000).toFixed(1)} s at most)`);
}
