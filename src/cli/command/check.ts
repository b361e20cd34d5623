// flowmetal check: says what is wrong with scripts, and what is probably not meant, without running them.
import { setFlagsFromString } from "node:v8";
import { systemFiles } from "../../base/files.ts";
import { Checker, type Problem, problemKey } from "../../client/check.ts";
import { shippedImage } from "../../module/shipped-image.ts";
import type { Diagnostic } from "../../source/diagnostic.ts";
import { render } from "../../source/render.ts";
import type { SourceSpan } from "../../source/span.ts";
import { commandNames } from "../command-names.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { modulePath } from "../module-path.ts";
import { readScript } from "../script.ts";
import { scriptFiles } from "../script-files.ts";
import { harmless } from "../streams.ts";

/**
 * A check is mostly over before optimised code would pay: at the budget Node 20 has (how much a function runs until it is
 * optimised) a third of the time over 10,000 lines went to the optimiser. Node 24 has no such flag, and no need of it.
 */
function optimiseLate(): void {
  if (Number.parseInt(process.versions.node, 10) < 24) setFlagsFromString("--interrupt-budget=500000");
}

export async function run(context: Context): Promise<number> {
  optimiseLate();
  const { options, out } = context;
  const named = context.args.length === 0 ? ["."] : context.args;
  const files = scriptFiles(named, context.cwd);
  const problems = await problemsOf(files, context);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const totals = { files: files.length, errors, warnings: problems.length - errors };
  if (options.json === true) await out.json({ ...totals, problems: problems.map(problemData) });
  else await out.lines([...problems.map((one) => `${rendered(one, out.colours)}\n`), summary(totals)]);
  const failed = options.strict === true ? problems.length : errors;
  return failed > 0 ? EXIT.faulted : EXIT.done;
}

/** The problems of all files; one in a module that several of them require is told once. */
async function problemsOf(files: readonly string[], context: Context): Promise<Problem[]> {
  const checker = new Checker({ image: await shippedImage(), files: systemFiles });
  const found = new Map<string, Problem>();
  for (const file of files) {
    const script = await readScript(file, context, commandNames);
    const path = modulePath(file === "-" ? null : file, context.options.path ?? [], context.cwd);
    for (const problem of checker.check(script, path)) found.set(problemKey(problem), problem);
  }
  return [...found.values()];
}

function rendered({ severity, diagnostic }: Problem, colour: boolean): string {
  const { message, hint, notes } = diagnostic;
  const shown: Diagnostic = {
    ...diagnostic,
    message: harmless(message),
    hint: hint === null ? null : harmless(hint),
    notes: notes.map((note) => ({ ...note, message: harmless(note.message) })),
  };
  return render(shown, { severity, colour });
}

function summary({ files, errors, warnings }: { files: number; errors: number; warnings: number }): string {
  return `checked ${counted(files, "file")}: ${counted(errors, "error")}, ${counted(warnings, "warning")}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function problemData({ severity, diagnostic: { code, message, span, hint, notes } }: Problem): Record<string, unknown> {
  return {
    code,
    severity,
    ...spanData(span),
    message,
    hint,
    notes: notes.map((note) => ({ message: note.message, ...spanData(note.span) })),
  };
}

/** Where something begins and ends; lines and columns count from 1, columns in code points. */
function spanData(span: SourceSpan | null): Record<string, unknown> {
  if (span === null) return { file: null, line: null, column: null, end: null };
  const { source, from, to } = span;
  return { file: source.name, ...source.position(from), end: source.position(to) };
}
