// flowmetal read: reads a script without running it; says what is wrong with its text, or prints its forms.
import { printValue } from "../../data/printer.ts";
import type { Value } from "../../data/value.ts";
import { type Forms, readAll, UNLOADED } from "../../reader/sexp.ts";
import { SourceError } from "../../source/diagnostic.ts";
import { Source } from "../../source/source.ts";
import { commandNames } from "../command-names.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { readScript } from "../script.ts";

export async function run(context: Context): Promise<number> {
  const { name, text } = await readScript(context.args[0], context, commandNames);
  const source = new Source(name, text);
  const { errors, ...read } = readAll(source, UNLOADED);
  if (errors.length > 0) throw new SourceError(errors);
  if (context.options.json === true) await context.out.json({ file: name, forms: formsData(source, read) });
  else if (context.options.forms === true) await context.out.lines(read.forms.map(printForm));
  return EXIT.done;
}

function formsData(source: Source, { forms, places }: Forms): unknown[] {
  return forms.map((form, i) => {
    const [from, to] = places[i];
    return { text: printForm(form), from: source.position(from), to: source.position(to) };
  });
}

/** A form as text. What was read holds no lazy sequence, at which the printer would stop. */
function printForm(form: Value): string {
  return printValue(form, true) as string;
}
