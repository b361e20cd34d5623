// Tables of forms and the value each has, in the notation of docstrings: `form => value`, one below the other.
import { expect } from "vitest";
import { type Answer, Runner } from "./support.ts";

const runner = await Runner.make();

/** A form and what it comes to: its value as it is written, or `!:type` for an error of that type. */
export type Case = readonly [form: string, value: string];

/**
 * The cases of a table. A form may go over several lines; only the line that ends it has an arrow. What stands behind the
 * last arrow of a line is the value; a line that begins with `;` is a comment.
 */
export function casesOf(table: string): Case[] {
  const cases: Case[] = [];
  let form = "";
  for (const line of table.split("\n")) {
    if (/^\s*(;.*)?$/.test(line)) continue;
    const arrow = line.lastIndexOf(" => ");
    form += arrow < 0 ? `${line}\n` : line.slice(0, arrow);
    if (arrow < 0) continue;
    cases.push([form.trim(), line.slice(arrow + 4).trim()]);
    form = "";
  }
  if (form !== "") throw new Error(`the last form of the table has no value: ${form}`);
  return cases;
}

/** Between the values of one run. */
const END = "\u0001";

const PROLOGUE = `
  (defn outcome-of-error [e]
    (if (error? e) (str "!" (ex-type e) " " (ex-message e)) (str "!thrown " (pr-str e))))
  `;

function wrapped(form: string): string {
  return `(print (str (try (pr-str (do ${form}\n)) (catch :default e (outcome-of-error e))) "${END}"))`;
}

/** What each of the forms comes to. All run in one program, one after the other; what stops it counts for the form it stops at. */
export function outcomes(forms: readonly string[], prologue = "", answer?: Answer): string[] {
  const found: string[] = [];
  while (found.length < forms.length) {
    const program = [PROLOGUE, prologue, ...forms.slice(found.length).map(wrapped)].join("\n");
    const { output, text } = runner.run(program, answer);
    const shown = output.split(END);
    found.push(...shown.slice(0, -1));
    if (found.length < forms.length) found.push(`!${text}`);
  }
  return found;
}

function agrees(outcome: string, value: string): boolean {
  return value.startsWith("!") ? outcome === value || outcome.startsWith(`${value} `) : outcome === value;
}

/** Holds each case of the table; `prologue` is run before them, in the same program. */
export function holds(table: string, prologue = "", answer?: Answer): void {
  const cases = casesOf(table);
  const forms = cases.map(([form]) => form);
  const found = outcomes(forms, prologue, answer);
  const wrong = cases.flatMap(([form, value], i) =>
    agrees(found[i], value) ? [] : [`${form}\n   is ${found[i]}\n  not ${value}`],
  );
  expect(wrong).toEqual([]);
  expect(cases.length).toBeGreaterThan(0);
}
