// flowmetal apropos: the names whose name or documentation has words in it, the likeliest first.
import { FlowmetalError } from "../../base/errors.ts";
import { asciiLower } from "../../base/text.ts";
import { shippedImage } from "../../module/shipped-image.ts";
import { type Entry, Reference } from "../../module/reference.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";

export async function run(context: Context): Promise<number> {
  const { out, options } = context;
  const words = context.args.flatMap((arg) => asciiLower(arg).split(/\s+/)).filter((word) => word !== "");
  if (words.length === 0)
    throw new FlowmetalError("cli/usage", "there is nothing to look for", { hint: "Give a word." });
  const found = search(new Reference(await shippedImage()), words);
  const text = words.join(" ");
  if (found.length === 0) {
    throw new FlowmetalError("cli/unknown-name", `nothing is called or described as ${text}`, {
      hint: words.length > 1 ? "Try fewer words: all of them must occur." : "Try another word.",
    });
  }
  if (options.json === true) {
    await out.json({ query: text, entries: found.map(({ name, kind, summary }) => ({ name, kind, summary })) });
    return EXIT.done;
  }
  const width = Math.min(32, Math.max(...found.map(({ name }) => name.length)));
  await out.lines(found.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`.trimEnd()));
  return EXIT.done;
}

/** Those in which all words occur: by how well the names fit, then in the order of the reference. */
function search(reference: Reference, words: readonly string[]): Entry[] {
  const namespaces = reference.namespaces();
  const all = [
    ...reference.specialForms(),
    ...namespaces,
    ...namespaces.flatMap(({ name }) => reference.publics(name)),
  ];
  const ranked = all.map((entry) => ({ entry, rank: Math.max(...words.map((word) => rankOf(entry, word))) }));
  return ranked
    .filter(({ rank }) => rank < NOWHERE)
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
}

const NOWHERE = 9;

/** How well a word fits: the name itself, its beginning, a part of it that begins a word, any part, a word of the text, any part. */
function rankOf({ name, kind, text }: Entry, word: string): number {
  const whole = asciiLower(name);
  const short = kind === "namespace" ? whole : whole.slice(whole.indexOf("/", 1) + 1);
  if (short === word || whole === word) return 0;
  if (short.startsWith(word)) return 1;
  if (short.includes(`-${word}`) || short.includes(`.${word}`)) return 2;
  if (whole.includes(word)) return 3;
  const prose = asciiLower(text);
  if (!prose.includes(word)) return NOWHERE;
  return prose.split(/[^a-z0-9]+/).includes(word) ? 4 : 5;
}
