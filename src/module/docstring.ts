// Docstrings taken apart: prose first, then examples, each a line `  (form) => value`.

export interface Example {
  readonly code: string;
  /** As it is printed. */
  readonly value: string;
}

export interface Doc {
  /** The prose, without the indentation of its lines. */
  readonly text: string;
  readonly examples: readonly Example[];
}

const EXAMPLE = /^ *([(@[].*) => (.*)$/;

/** The parts of a docstring. */
export function parseDoc(docstring: string): Doc {
  const lines = docstring.split("\n");
  const examples = lines.flatMap((line): Example[] => {
    const match = EXAMPLE.exec(line);
    return match === null ? [] : [{ code: match[1], value: match[2] }];
  });
  const prose = lines.filter((line) => !EXAMPLE.test(line)).map((line) => line.replace(/^ {1,2}/, "").trimEnd());
  return { text: prose.join("\n").trim(), examples };
}

/** The first sentence of a text, in one line. */
export function firstSentence(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  const end = /[.:](?= [A-Z(])|[.]$/.exec(flat);
  return end === null ? flat : flat.slice(0, end.index + 1);
}
