// flowmetal doc: what is known of a name: a function, macro, special form, value or namespace, or where errors are explained.
import { shippedImage } from "../../module/shipped-image.ts";
import { type Entry, Reference } from "../../module/reference.ts";
import type { Context } from "../context.ts";
import { errorTitles, titleOf } from "../error-titles.ts";
import { EXIT } from "../exit.ts";
import { entriesNamed, unknownName } from "../lookup.ts";
import type { Output } from "../streams.ts";

export async function run(context: Context): Promise<number> {
  const { out, options } = context;
  const [name] = context.args;
  const reference = new Reference(await shippedImage());
  const entries = entriesNamed(reference, name);
  const error = entries.length === 0 ? titleOf(name) : null;
  if (error !== null) {
    const more = `flowmetal explain ${error}`;
    if (options.json === true) await out.json({ query: name, entries: [], explain: error });
    else await out.lines([out.style("bold", error), `  ${errorTitles.get(error)}`, "", `${more} says more.`]);
    return EXIT.done;
  }
  if (entries.length === 0) throw unknownName(reference, name);
  if (options.json === true) await out.json({ query: name, entries: entries.map((one) => entryData(one, reference)) });
  else await out.lines(entries.flatMap((one, i) => [...(i === 0 ? [] : [""]), ...entryLines(one, reference, out)]));
  return EXIT.done;
}

function entryData(entry: Entry, reference: Reference): Record<string, unknown> {
  if (entry.kind !== "namespace") return { ...entry };
  const names = reference.publics(entry.name).map(({ name, kind, summary }) => ({ name, kind, summary }));
  return { ...entry, names };
}

function entryLines(entry: Entry, reference: Reference, out: Output): string[] {
  const { kind, name, forms, dynamic, text, examples } = entry;
  const names = kind === "namespace" ? nameLines(reference.publics(name)) : [];
  return [
    `${out.style("bold", name)}  ${out.style("dim", dynamic ? `${kind}, dynamic` : kind)}`,
    ...forms.map((form) => `  ${form}`),
    ...(text === "" ? [] : ["", ...text.split("\n")]),
    ...(examples.length === 0 ? [] : ["", ...examples.map(({ code, value }) => `  ${code} => ${value}`)]),
    ...(names.length === 0 ? [] : ["", ...names]),
  ];
}

/** The names of a namespace with their first sentences. */
function nameLines(entries: readonly Entry[]): string[] {
  const rows = entries.map(({ name, summary }) => [name.slice(name.indexOf("/") + 1), summary] as const);
  const width = Math.min(24, Math.max(...rows.map(([name]) => name.length)));
  return rows.map(([name, summary]) => `  ${name.padEnd(width)}  ${summary}`.trimEnd());
}
