// flowmetal test: runs the tests in files, and says what failed, where, and with which values.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { FlowmetalError } from "../../base/errors.ts";
import { systemClock } from "../../base/clock.ts";
import { systemFiles } from "../../base/files.ts";
import { type FileReport, type Finding, runTests, type TestReport } from "../../client/test-run.ts";
import { shippedImage } from "../../module/shipped-image.ts";
import { commandNames } from "../command-names.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { faultData, placeData, placeText, renderFault, renderWarning, warningData } from "../faults.ts";
import { modulePath } from "../module-path.ts";
import { readScript } from "../script.ts";
import { scriptFiles } from "../script-files.ts";
import { harmless } from "../streams.ts";

const TEST_FILE = /[-_]test\.fm$/;

export async function run(context: Context): Promise<number> {
  const { options, clock } = context;
  const image = await shippedImage();
  const stop = context.onSignal(() => context.exitNow(EXIT.interrupted));
  const began = clock.now();
  const totals = new Totals();
  try {
    for (const file of testFiles(context)) {
      const script = await readScript(file, context, commandNames);
      const only = options.filter ?? null;
      const report = await runTests(script, {
        image,
        clock: systemClock,
        only,
        maxSteps: options.maxSteps ?? null,
        path: modulePath(file === "-" ? null : file, options.path ?? [], context.cwd),
        files: systemFiles,
      });
      totals.add(report);
      if (options.json === true) await context.out.json(fileData(report));
      else await context.out.lines(fileLines(report, context));
    }
  } finally {
    stop();
  }
  if (options.json === true) await context.out.json({ event: "summary", ...totals.data() });
  else await context.out.lines([`${totals.text()} in ${clock.now() - began} ms`]);
  return totals.failed > 0 ? EXIT.faulted : EXIT.done;
}

/** The files the arguments mean; of folders, those that are named as tests. None at all is a mistake. */
function testFiles({ args, cwd }: Context): string[] {
  const named = args.length === 0 ? ["."] : args;
  const files = named.flatMap((name) => {
    const isFolder = statSync(resolve(cwd, name), { throwIfNoEntry: false })?.isDirectory() === true;
    return isFolder ? scriptFiles([name], cwd).filter((file) => TEST_FILE.test(file)) : [name];
  });
  if (files.length > 0) return files;
  throw new FlowmetalError("cli/no-tests", "there are no files of tests here", {
    hint: "name files, or end their names with -test.fm",
  });
}

/** What all files together came to. A file that cannot be loaded counts as a test that failed. */
class Totals {
  tests = 0;
  failed = 0;
  private checks = 0;
  private failedChecks = 0;

  add({ tests, faults }: FileReport): void {
    const unloaded = faults.length > 0 ? 1 : 0;
    this.tests += tests.length + unloaded;
    this.failed += tests.filter((test) => !test.passed).length + unloaded;
    const findings = tests.flatMap((test) => test.findings);
    this.checks += findings.length;
    this.failedChecks += findings.filter((finding) => !finding.passed).length;
  }

  data(): Record<string, unknown> {
    const { tests, failed, checks, failedChecks } = this;
    return { tests, failed, checks, failedChecks };
  }

  text(): string {
    const { tests, failed, checks, failedChecks } = this;
    return `tests: ${tests}, ${failed} failed; checks: ${checks}, ${failedChecks} failed`;
  }
}

function fileLines({ file, tests, faults, warnings, output }: FileReport, { out }: Context): string[] {
  const lines = warnings.map((warning) => renderWarning(warning, out));
  if (faults.length > 0) {
    lines.push(`${out.style("red", "FAIL")} ${file}: its tests could not be loaded`, ...printedLines(output));
    lines.push(...faults.map((fault) => renderFault(fault, out).trimEnd()));
  }
  return [...lines, ...tests.filter((test) => !test.passed).flatMap((test) => testLines(test, out))];
}

function testLines({ name, findings, faults, output }: TestReport, out: Context["out"]): string[] {
  return [
    `${out.style("red", "FAIL")} ${harmless(name)}`,
    ...findings.filter((finding) => !finding.passed).flatMap(findingLines),
    ...faults.map((fault) => renderFault(fault, out).trimEnd()),
    ...printedLines(output),
    "",
  ];
}

function findingLines({ contexts, message, expected, actual, place }: Finding): string[] {
  const about = [...contexts, ...(message === null ? [] : [message])].map(harmless).join(" > ");
  const where = place === null ? [] : [placeText(place)];
  return [
    `  ${[...where, ...(about === "" ? [] : [about])].join(": ")}`,
    `    expected: ${harmless(expected)}`,
    `      actual: ${harmless(actual)}`,
  ];
}

function printedLines(output: string): string[] {
  if (output === "") return [];
  const lines = output.replace(/\n$/, "").split("\n");
  return ["  it printed", ...lines.map((line) => `  | ${harmless(line)}`)];
}

function fileData({ file, tests, faults, warnings, output }: FileReport): Record<string, unknown> {
  return {
    event: "file",
    file,
    faults: faults.map(faultData),
    warnings: warnings.map(warningData),
    output,
    tests: tests.map((test) => ({
      ...test,
      faults: test.faults.map(faultData),
      findings: test.findings.map(findingData),
    })),
  };
}

function findingData(finding: Finding): Record<string, unknown> {
  return { ...finding, place: finding.place === null ? null : placeData(finding.place) };
}
