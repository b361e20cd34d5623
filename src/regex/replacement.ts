// Replacement texts as java.util.regex.Matcher has them: `$1`, `${name}`, and a backslash in front of what stands for itself.
import type { Program } from "./program.ts";

/** What is wrong with a replacement text. */
export class ReplacementProblem extends Error {}

/** The text with `$n` and `${name}` as what `group` says they took (nothing, for null). Throws ReplacementProblem. */
export function expandReplacement(
  replacement: string,
  program: Program,
  group: (index: number) => string | null,
): string {
  if (!/[\\$]/.test(replacement)) return replacement;
  let out = "";
  for (let at = 0; at < replacement.length; ) {
    const char = replacement[at];
    if (char === "\\") {
      if (at + 1 === replacement.length)
        throw new ReplacementProblem("a backslash stands at the end of the replacement; write \\\\ for itself");
      out += replacement[at + 1];
      at += 2;
    } else if (char === "$") {
      const [index, end] =
        replacement[at + 1] === "{" ? named(replacement, at, program) : numbered(replacement, at, program);
      out += group(index) ?? "";
      at = end;
    } else {
      out += char;
      at++;
    }
  }
  return out;
}

/** `$12`: as many digits as there are groups for; answers the group and where it ends. */
function numbered(text: string, at: number, { groups }: Program): readonly [number, number] {
  const digit = (i: number) => (text[i] >= "0" && text[i] <= "9" ? Number(text[i]) : -1);
  let group = digit(at + 1);
  if (group < 0)
    throw new ReplacementProblem(
      "behind $ in a replacement stands the number of a group or {name}; write \\$ for the sign itself",
    );
  if (group > groups)
    throw new ReplacementProblem(
      `the replacement names group ${group}, but the regex has ${groups === 1 ? "1 group" : `${groups} groups`}`,
    );
  let end = at + 2;
  for (let next = digit(end); next >= 0 && group * 10 + next <= groups; next = digit(++end)) group = group * 10 + next;
  return [group, end];
}

function named(text: string, at: number, { names }: Program): readonly [number, number] {
  const [whole, name] = /^\$\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(text.slice(at)) ?? [];
  if (whole === undefined || name === undefined)
    throw new ReplacementProblem("behind $ and a brace in a replacement stand the name of a group and a closing brace");
  const group = names.get(name);
  if (group === undefined)
    throw new ReplacementProblem(`the replacement names a group ${name}, which the regex does not have`);
  return [group, at + whole.length];
}

/** The text as a replacement that stands for itself. */
export function quoteReplacement(text: string): string {
  return text.replace(/[\\$]/g, "\\$&");
}

/** The text as a pattern that takes it and nothing else, also under the flag x. */
export function quotePattern(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}#& \t-\r-]/g, "\\$&");
}
