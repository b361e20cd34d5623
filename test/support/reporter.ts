// A reporter for vitest: lists at the end, by reason, the tests that were skipped for want of a program.
import type { Reporter, TestModule } from "vitest/node";

export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const byReason = new Map<string, string[]>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = (result.state === "skipped" ? result.note : undefined) ?? "no reason given";
        byReason.set(reason, [...(byReason.get(reason) ?? []), `${module.relativeModuleId}: ${test.fullName}`]);
      }
    }
    for (const [reason, tests] of byReason) {
      process.stdout.write(`\nSkipped, ${reason}:\n${tests.map((test) => `  ${test}\n`).join("")}`);
    }
  }
}
