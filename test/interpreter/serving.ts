// A process of the command line that serves a site.
import { type CliProcess, startFlowmetal, until } from "../support/cli.ts";
import type { Site } from "./site.ts";

/** Starts one, and waits until it serves. `words`: options; in front of them `serve`, else it is an `interpreter`. */
export async function serving(site: Site, ...words: string[]): Promise<CliProcess> {
  const [command, ...options] = words[0] === "serve" ? words : ["interpreter", ...words];
  const process = startFlowmetal([command, "--store", site.file, "--json", ...options]);
  await until("it serves", () => process.stderr().includes('"serving"'));
  return process;
}
