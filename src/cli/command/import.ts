// flowmetal import: puts the programs of an export into a store, paused (E-20).
import type { ImportedProgram } from "../../client/client.ts";
import { FlowmetalError } from "../../base/errors.ts";
import type { Context } from "../context.ts";
import { bytesOf } from "../script.ts";
import { quoteForShell } from "../store-place.ts";
import { withStore } from "../with-store.ts";

const PENDING = ["leave", "deny", "resend"] as const;

export async function run(context: Context): Promise<number> {
  const { options } = context;
  const [file] = context.args as [string];
  const pending = PENDING.find((one) => one === (options.pending ?? "leave"));
  if (pending === undefined) {
    throw new FlowmetalError("cli/usage", `--pending takes ${PENDING.join(", ")}, not ${options.pending}`, {
      hint: "See flowmetal import --help.",
    });
  }
  const bytes = await bytesOf(file, context);
  return withStore(context, { create: true }, async (client, place) => {
    const programs = await client.import(bytes, { name: file, back: options.back ?? false, pending });
    if (options.json === true) await context.out.json({ programs });
    else for (const program of programs) await print(context, program, place.flag);
    return 0;
  });
}

async function print({ out }: Context, program: ImportedProgram, flag: string): Promise<void> {
  const { id, name, copyOf, capabilities, again, unknown } = program;
  await out.lines([
    `${id} ${quoteForShell(name)} is paused here${copyOf === null ? "" : `, a copy of ${copyOf}`}`,
    ...(capabilities.length === 0 ? [] : [`  it needs: ${capabilities.join(" ")}`]),
    ...(again.length === 0 ? [] : [`  ${again.length} effects that were being sent will be sent again`]),
    ...(unknown.length === 0
      ? []
      : [`  ${unknown.length} effects that were being sent are unknown: nobody knows if they were`]),
    `  go on with it: flowmetal resume ${id}${flag}`,
  ]);
}
