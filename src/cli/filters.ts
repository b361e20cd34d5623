// Options that choose programs: by status, by label.
import { FlowmetalError } from "../base/errors.ts";
import { closest } from "../base/suggest.ts";
import { isStatus, STATUSES, type Status } from "../journal/status.ts";

/** Labels as they are written, NAME=TEXT. */
export function labelsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map(labelOf));
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new FlowmetalError("cli/usage", `--label takes NAME=TEXT, not ${JSON.stringify(text)}`, {
    hint: "Write it like --label month=11.",
  });
}

/** Statuses by their names; null: any. */
export function statusesOf(words: readonly string[] | undefined): readonly Status[] | null {
  return words?.map(toStatus) ?? null;
}

function toStatus(word: string): Status {
  if (isStatus(word)) return word;
  const meant = closest(word, STATUSES);
  throw new FlowmetalError("cli/usage", `there is no status ${JSON.stringify(word)}`, {
    hint: meant === null ? `There are ${STATUSES.join(", ")}.` : `Did you mean ${meant}?`,
  });
}
