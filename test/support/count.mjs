// Prints `N passed, N failed, N skipped` from the file vitest's JSON reporter wrote. Fails where no test ran.
import { readFileSync } from "node:fs";

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}

const results = read(process.argv[2]);
// A file that could not even be loaded has no tests to count as failed: it counts as one.
const unloadable = results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
const failed = results.numFailedTests + unloadable.length;
const skipped = results.numPendingTests + results.numTodoTests;
if (results.numPassedTests + failed === 0) process.exitCode = 1;
process.stdout.write(`${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
