// Strings, characters and regexes: from their text in a source to the value, escapes resolved, well-formed (S-14).
import { Regex } from "../data/value.ts";
import { compileRegex } from "../regex/compile.ts";
import { splitFlags } from "../regex/flags.ts";
import { RegexProblem } from "../regex/problem.ts";
import { Problem } from "./problem.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "\\": "\\",
  '"': '"',
};

const NAMED: Readonly<Record<string, string>> = {
  newline: "\n",
  space: " ",
  tab: "\t",
  return: "\r",
  backspace: "\b",
  formfeed: "\f",
};

const ESCAPE = /\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2}))/y;
const LONE = /[\ud800-\udfff]/u;
const SURROGATE = /[\ud800-\udfff]/;

/** The offset of the first lone surrogate, or -1. */
export function loneSurrogate(text: string): number {
  return SURROGATE.test(text) ? text.search(LONE) : -1;
}

/** The string of a token with its quotes. */
export function readString(image: string): string | Problem {
  const body = image.slice(1, -1);
  return body.includes("\\") ? resolveEscapes(body, 1) : body;
}

function resolveEscapes(body: string, shift: number): string | Problem {
  const parts: string[] = [];
  let from = 0;
  for (let at = body.indexOf("\\"); at >= 0; at = body.indexOf("\\", from)) {
    parts.push(body.slice(from, at));
    const simple = SIMPLE[body[at + 1]];
    if (simple !== undefined) {
      parts.push(simple);
      from = at + 2;
    } else {
      const char = numericEscape(body, at);
      if (char instanceof Problem) return char.shifted(shift);
      parts.push(char);
      from = ESCAPE.lastIndex;
    }
  }
  parts.push(body.slice(from));
  const text = parts.join("");
  return loneSurrogate(text) < 0 ? text : loneEscape(body).shifted(shift);
}

/** The character of the escape at `at`; leaves its end in `ESCAPE.lastIndex`. */
function numericEscape(body: string, at: number): string | Problem {
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(body);
  if (match === null) return unknownEscape(body, at);
  const [whole, braced, four, two, octal] = match;
  const code = octal !== undefined ? Number.parseInt(octal, 8) : Number.parseInt(braced ?? four ?? two!, 16);
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  return new Problem(
    "read/escape",
    `there is no character ${whole}: code points end at 10FFFF`,
    null,
    at,
    at + whole.length,
  );
}

function unknownEscape(body: string, at: number): Problem {
  const char = String.fromCodePoint(body.codePointAt(at + 1)!);
  const end = at + 1 + char.length;
  const shape = {
    u: "\\u takes four hexadecimal digits, or any number in braces: \\u03bb, \\u{1F600}",
    x: "\\x takes two hexadecimal digits: \\x41",
  }[char];
  if (shape !== undefined) return new Problem("read/escape", `the escape \\${char} is not complete`, shape, at, end);
  const shown = char < " " ? "a backslash at the end of a line" : `\\${char}`;
  return new Problem(
    "read/escape",
    `${shown} is not an escape in a string`,
    'write \\n \\t \\r \\b \\f \\\\ \\" \\uXXXX \\u{X..} \\xXX or \\ooo; for a backslash itself write \\\\',
    at,
    end,
  );
}

/** Escapes made a lone surrogate: finds one that stands for half a character. */
function loneEscape(body: string): Problem {
  const match = /\\u(?:\{0*)?[dD][89a-fA-F][0-9a-fA-F]{2}\}?/g;
  const halves = [...body.matchAll(match)];
  const place = halves.find(
    (half, i) => !isHighBeforeLow(half, halves[i + 1]) && !isHighBeforeLow(halves[i - 1], half),
  );
  const from = place?.index ?? 0;
  return new Problem(
    "read/surrogate",
    "this escape is half of a surrogate pair, which is not a character",
    "write the whole character, or its code point in braces: \\u{1F600}",
    from,
    from + (place?.[0].length ?? 0),
  );
}

function isHighBeforeLow(a: RegExpExecArray | undefined, b: RegExpExecArray | undefined): boolean {
  if (a === undefined || b === undefined || a.index + a[0].length !== b.index) return false;
  return /d[89ab]/i.test(a[0]) && /d[c-f]/i.test(b[0]);
}

/** The one-character string of a token such as `\a`, `\newline` or `\u03bb` (there is no character type). */
export function readCharacter(image: string): string | Problem {
  const name = image.slice(1);
  if (name.length === String.fromCodePoint(name.codePointAt(0)!).length) return name;
  const named = NAMED[name];
  if (named !== undefined) return named;
  const match = /^(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|o([0-3]?[0-7]{1,2}))$/.exec(name);
  if (match === null) return unknownCharacter(image);
  const code =
    match[4] !== undefined ? Number.parseInt(match[4], 8) : Number.parseInt(match[1] ?? match[2] ?? match[3], 16);
  if (code > 0x10ffff)
    return new Problem("read/character", `there is no character ${image}: code points end at 10FFFF`);
  if (code >= 0xd800 && code <= 0xdfff) {
    return new Problem("read/surrogate", `${image} is half of a surrogate pair, which is not a character`);
  }
  return String.fromCodePoint(code);
}

function unknownCharacter(image: string): Problem {
  return new Problem(
    "read/character",
    `${image} is not a character`,
    "a character is a backslash and one character, \\newline \\space \\tab \\return \\backspace \\formfeed, or \\uXXXX",
  );
}

/**
 * The regex of a token `#"..."`. The pattern is kept as it is written, `\\"` included, which to a matcher is a plain quote;
 * flags may stand at its beginning: `#"(?i)abc"`.
 */
export function readRegex(image: string): Regex | Problem {
  const { source, flags } = splitFlags(image.slice(2, -1));
  try {
    compileRegex(source, flags);
  } catch (problem) {
    if (!(problem instanceof RegexProblem)) throw problem;
    const shift = image.length - 1 - source.length;
    return new Problem("read/regex", problem.message, problem.hint, problem.from, problem.to).shifted(shift);
  }
  return new Regex(source, flags);
}
