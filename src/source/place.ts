// Lines and columns back to stretches of a text, for excerpts.
import type { Source } from "./source.ts";
import type { SourceSpan } from "./span.ts";

/** The form that begins at a line and a column (from 1, in code points), as far as it goes on that line. */
export function formAt(source: Source, line: number, column: number): SourceSpan {
  const from = offsetOf(source, line, column);
  return { source, from, to: endOfForm(source.text, from) };
}

function offsetOf(source: Source, line: number, column: number): number {
  if (line > source.lineCount) return source.text.length;
  const start = source.lineStart(line);
  return start + [...source.lineText(line)].slice(0, column - 1).join("").length;
}

/** Where the form that begins at an offset ends on its line, for the carets: brackets are counted, no more. */
function endOfForm(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length && text[i] !== "\n"; i++) {
    if ("([{".includes(text[i])) depth++;
    else if (")]}".includes(text[i])) {
      depth--;
      if (depth <= 0) return depth < 0 ? i : i + 1;
    } else if (depth === 0 && /[\s,;]/.test(text[i])) return i;
  }
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}
