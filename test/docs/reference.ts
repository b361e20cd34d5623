// The reference: docs/reference.md and a page for each namespace, written from what the base image says of its names.
import type { Entry, Reference } from "../../src/module/reference.ts";

const ORIGIN = "<!-- Written from the docstrings: see test/docs/reference.test.ts. -->";
const SPECIAL_FORMS = "special-forms";

/** The pages by their paths below docs/. */
export function referencePages(reference: Reference): Map<string, string> {
  const forms = reference.specialForms();
  const namespaces = reference
    .namespaces()
    .map((namespace) => ({ namespace, entries: reference.publics(namespace.name) }));
  return new Map([
    ["reference.md", indexPage(forms, namespaces)],
    [
      `reference/${SPECIAL_FORMS}.md`,
      page("Special forms", "What the compiler itself knows; `doc` prints the same.", forms),
    ],
    ...namespaces.map(({ namespace, entries }): [string, string] => [
      `reference/${namespace.name}.md`,
      page(namespace.name, namespace.text, entries),
    ]),
  ]);
}

interface Section {
  readonly namespace: Entry;
  readonly entries: readonly Entry[];
}

function indexPage(forms: readonly Entry[], namespaces: readonly Section[]): string {
  const count = namespaces.reduce((sum, { entries }) => sum + entries.length, forms.length);
  return [
    "# Reference",
    "",
    ORIGIN,
    "",
    `All ${count} names of the language: what \`flowmetal doc NAME\` and \`(doc name)\` print. Every example is run as a test. What they are`,
    "for, and how they belong together, stands in [The language](language.md).",
    "",
    ...indexSection("Special forms", SPECIAL_FORMS, "", forms),
    ...namespaces.flatMap(({ namespace, entries }) =>
      indexSection(namespace.name, namespace.name, namespace.summary, entries),
    ),
  ].join("\n");
}

function indexSection(title: string, file: string, summary: string, entries: readonly Entry[]): string[] {
  const path = `reference/${file}.md`;
  const names = entries.map((entry) => `[\`${shortName(entry)}\`](${path}#${anchor(shortName(entry))})`);
  return [`## [${title}](${path})`, "", ...(summary === "" ? [] : [prose(summary), ""]), ...filled(names), ""];
}

function page(title: string, text: string, entries: readonly Entry[]): string {
  const head = [
    `# ${title}`,
    "",
    ORIGIN,
    "",
    ...(text === "" ? [] : [prose(text), ""]),
    "[All names](../reference.md)",
    "",
  ];
  return [...head, ...entries.flatMap(section)].join("\n");
}

function section(entry: Entry): string[] {
  const { kind, forms, dynamic, text, examples } = entry;
  const name = shortName(entry);
  const what = dynamic ? `${kind}, dynamic` : kind;
  return [
    `<a id="${anchor(name)}"></a>`,
    `## \`${name}\``,
    "",
    ...(kind === "function" || kind === "special form" ? [] : [`_${what}_`, ""]),
    ...code(forms),
    ...(text === "" ? [] : [prose(text), ""]),
    ...code(examples.map(({ code: form, value }) => `${form} ;=> ${value}`)),
  ];
}

/** Prose as Markdown: what would be a sign there stands for itself, but for what is between backquotes. */
function prose(text: string): string {
  return text
    .split("`")
    .map((part, i) => (i % 2 === 0 ? part.replace(/[\\*_<[\]]/g, "\\$&") : part))
    .join("`");
}

function code(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["```clojure", ...lines, "```", ""];
}

function shortName({ kind, name }: Entry): string {
  return kind === "special form" ? name : name.slice(name.indexOf("/") + 1);
}

/** A name as the target of a link: what is no letter, digit or hyphen by its code. */
function anchor(name: string): string {
  return name.replace(/[^A-Za-z0-9-]/g, (char) => `_${char.charCodeAt(0).toString(16)}`);
}

const WIDTH = 140;

/** Words in lines of about the same length. */
function filled(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
