// flowmetal export: writes programs, with all they need, into a file, and marks them as moved (E-20).
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { FlowmetalError } from "../../base/errors.ts";
import type { Client } from "../../client/client.ts";
import type { Context } from "../context.ts";
import { labelsOf, statusesOf } from "../filters.ts";
import { withStore } from "../with-store.ts";

export async function run(context: Context): Promise<number> {
  const { copy = false, output, to, json, plain = false } = context.options;
  if (!copy && output === undefined) {
    throw new FlowmetalError("cli/usage", "programs that move need a file", {
      hint: "Name one with -o FILE; with --copy they stay, and standard output will do.",
    });
  }
  return withStore(context, { create: false }, async (client) => {
    const ids = await chosen(context, client);
    const lines = client.export(ids, { to: copy ? null : (to ?? (output as string)), plain });
    if (output === undefined) for await (const line of lines) await context.out.write(line);
    else await writeFile(resolve(context.cwd, output), output, lines);
    if (json === true && output !== undefined) await context.out.json({ file: output, copy, programs: ids });
    else context.err.line(`${copy ? "copied" : "moved"} ${ids.length === 1 ? ids[0] : `${ids.length} programs`}`);
    return 0;
  });
}

/** The programs named, or those with a status or label. */
async function chosen({ args, options }: Context, client: Client): Promise<readonly string[]> {
  const filtered = options.status !== undefined || options.label !== undefined;
  if (filtered === args.length > 0) {
    throw new FlowmetalError("cli/usage", "it is not clear which programs are meant", {
      hint: "Name them by their ids, or choose them with --status or --label.",
    });
  }
  const ids: string[] = [];
  for (const typed of args) ids.push(await client.resolve(typed));
  if (!filtered) return [...new Set(ids)];
  const found = await client.find({ statuses: statusesOf(options.status), labels: labelsOf(options.label ?? []) });
  if (found.length > 0) return found;
  throw new FlowmetalError("program/not-found", "no program has that status and these labels", {
    hint: "flowmetal ps lists the programs of a store",
  });
}

/** Writes a file that has its name only when it is whole and on the disk. */
async function writeFile(path: string, name: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${path}.part`;
  try {
    const file = openSync(part, "w", 0o600);
    try {
      for await (const line of lines) writeSync(file, line);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof FlowmetalError || code === undefined) throw error;
    throw new FlowmetalError("cli/cannot-write", `${name} cannot be written (${code})`, {
      hint: "name another file: a program that was marked as moved can be exported again",
    });
  }
}
