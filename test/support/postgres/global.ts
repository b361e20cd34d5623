// For the whole test run: names it, and ends the PostgreSQL server that its files may have started.
import { RUN_VARIABLE, stopShared } from "./shared.ts";

export default function setup(): () => Promise<void> {
  const run = String(process.pid);
  process.env[RUN_VARIABLE] = run;
  return () => stopShared(run);
}
