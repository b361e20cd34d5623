// flowmetal fmt: sets the white space of scripts, in place; or says which are not as it would set them.
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { FlowmetalError } from "../../base/errors.ts";
import { format } from "../../format/format.ts";
import { Source } from "../../source/source.ts";
import { commandNames } from "../command-names.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { readScript } from "../script.ts";
import { scriptFiles } from "../script-files.ts";

interface Formatted {
  readonly file: string;
  readonly text: string;
  readonly changed: boolean;
}

export async function run(context: Context): Promise<number> {
  const { options, out } = context;
  const named = context.args.length === 0 ? ["."] : context.args;
  // Nothing is written before all texts were read: a mistake in one changes none.
  const results: Formatted[] = [];
  for (const file of scriptFiles(named, context.cwd)) results.push(await formatted(file, context));
  const changed = results.filter((one) => one.changed);
  const check = options.check === true;
  const input = results.find((one) => one.file === "-");
  if (input !== undefined && !check) await out.write(input.text);
  if (!check) for (const one of changed) if (one.file !== "-") replaceFile(resolve(context.cwd, one.file), one);
  if (options.json === true) await out.json({ files: results.length, changed: changed.map(({ file }) => file) });
  else if (input === undefined || check) await out.lines(changed.map(({ file }) => file));
  return check && changed.length > 0 ? EXIT.faulted : EXIT.done;
}

async function formatted(file: string, context: Context): Promise<Formatted> {
  const script = await readScript(file, context, commandNames);
  const text = format(new Source(script.name, script.text));
  return { file, text, changed: text !== script.text };
}

/** The new text under the old name in one step, so that no reader and no crash meets half of it. */
function replaceFile(path: string, { file, text }: Formatted): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const { mode } = statSync(path);
    writeFileSync(temporary, text, { mode });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const why = (error as NodeJS.ErrnoException).code ?? "an unknown reason";
    throw new FlowmetalError("cli/cannot-write", `${file} cannot be written (${why}); it is as it was`, {
      hint: "Look at its permissions, and at the space left on the disk.",
    });
  }
}
