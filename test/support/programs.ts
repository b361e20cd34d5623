// Programs of the system that some tests need (sqlite3, tmux, ...): such a test is skipped where its program is missing.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";

/** Whether a program is on the path. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Skips the test that calls it, with a note the reporter lists, if one of the programs is missing. Under
 * FLOWMETAL_TEST_ALL=1 (continuous integration) a missing program is a failure.
 */
export function needPrograms(context: TestContext, ...names: string[]): void {
  const missing = names.filter((name) => !hasProgram(name));
  if (missing.length === 0) return;
  const note = `for want of ${missing.join(", ")}`;
  if (process.env.FLOWMETAL_TEST_ALL === "1") throw new Error(`${note}, and FLOWMETAL_TEST_ALL is set`);
  context.skip(note);
}
