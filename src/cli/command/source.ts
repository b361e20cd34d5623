// flowmetal source: the text that a function or macro of the language was compiled from.
import { FlowmetalError } from "../../base/errors.ts";
import { shippedImage } from "../../module/shipped-image.ts";
import { type Entry, Reference } from "../../module/reference.ts";
import { LIBRARY_PREFIX } from "../../source/source.ts";
import type { SourceSpan } from "../../source/span.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { entriesNamed, unknownName } from "../lookup.ts";

export async function run(context: Context): Promise<number> {
  const { out, options } = context;
  const [name] = context.args;
  const reference = new Reference(await shippedImage());
  const entries = entriesNamed(reference, name);
  if (entries.length === 0) throw unknownName(reference, name);
  const sources = entries.flatMap((entry) => {
    const span = reference.source(entry.name);
    return span === null ? [] : [sourceData(entry.name, span)];
  });
  if (sources.length === 0) throw noSource(entries[0]);
  if (options.json === true) await out.json({ query: name, sources });
  else {
    await out.lines(
      sources.flatMap(({ file, line, column, text }, i) => [
        ...(i === 0 ? [] : [""]),
        out.style("dim", `; ${file}:${line}:${column}`),
        ...text.split("\n"),
      ]),
    );
  }
  return EXIT.done;
}

function sourceData(name: string, { source, from, to }: SourceSpan) {
  const file = source.name.startsWith(LIBRARY_PREFIX) ? source.name.slice(LIBRARY_PREFIX.length) : source.name;
  return { name, file, ...source.position(from), text: source.text.slice(from, to) };
}

function noSource({ name, kind }: Entry): FlowmetalError {
  const why: Record<Entry["kind"], string> = {
    "special form": "is a special form: the compiler itself knows it",
    namespace: "is a namespace",
    value: "is a value and no function",
    function: "has no text here: the files of prelude/ and lib/ are not those it was built from",
    macro: "has no text here: the files of prelude/ and lib/ are not those it was built from",
  };
  return new FlowmetalError("cli/no-source", `${name} ${why[kind]}`, { hint: `See flowmetal doc ${name}.` });
}
