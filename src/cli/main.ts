// The command line's entry: parses, runs one command, turns whatever goes wrong into a message and an exit code.
import { readFileSync } from "node:fs";
import { systemClock } from "../base/clock.ts";
import { parse, type Request } from "./commander.ts";
import type { Surroundings } from "./context.ts";
import { reportFailure } from "./failure.ts";
import { FlowmetalError } from "../base/errors.ts";
import { Errors, Output } from "./streams.ts";

/** Runs a command line in given surroundings; answers the exit code. Never throws. */
export async function runCommandLine(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  let json = argv.includes("--json");
  try {
    const request = parse(argv, version());
    switch (request.kind) {
      case "text":
        if (request.code === 0) await surroundings.out.write(request.text);
        else surroundings.err.write(request.text);
        return request.code;
      case "wrong":
        throw new FlowmetalError("cli/usage", request.message, { hint: usageHint(request) });
      case "run": {
        json = request.options.json === true;
        const command = await request.row.load();
        return await command.run({ ...surroundings, args: request.args, options: request.options });
      }
    }
  } catch (error) {
    return reportFailure(error, surroundings, json);
  }
}

function usageHint({ suggestion, command }: Extract<Request, { kind: "wrong" }>): string {
  const help = `See flowmetal ${command === null ? "" : `${command} `}--help.`;
  return suggestion === null ? help : `${suggestion} ${help}`;
}

/** The entry that bin/flowmetal calls. */
export async function main(argv: readonly string[]): Promise<void> {
  const code = await runCommandLine(argv, processSurroundings());
  // What is still open then (a connection kept alive, a driver's thread) has nothing to say any more.
  process.exit(code);
}

/** The entry of an evaluation process, which a process that serves starts from the same build (decision 19). */
export async function evaluation(): Promise<void> {
  await (await import("../client/evaluation-main.ts")).runEvaluation();
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function processSurroundings(): Surroundings {
  const { env } = process;
  return {
    out: new Output(() => process.stdout, env),
    err: new Errors(() => process.stderr, env),
    env,
    cwd: process.cwd(),
    readInput,
    onSignal,
    clock: systemClock,
    exitNow: (code) => process.exit(code),
    openClient: async (url, options) => (await import("../client/open.ts")).openClient(url, options),
  };
}

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

const onSignal: Surroundings["onSignal"] = (callback) => {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, callback);
  return () => {
    for (const signal of signals) process.off(signal, callback);
  };
};
