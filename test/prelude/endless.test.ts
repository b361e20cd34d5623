// A sequence that leads back to itself has no end. Whoever walks it whole fails with :limit, or is cut when its fuel is out.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { bundled } from "../support/bundle.ts";

/** Milliseconds for all calls, of which there are some ten thousand. */
const TIME = 100_000;

test("no public function hangs on one, on either evaluator", { timeout: TIME + 20_000 }, async () => {
  const driver = await bundled("test/prelude/endless-driver.ts", "endless");
  const imagePath = join(dirname(driver), "image.json");
  writeFileSync(imagePath, (await shippedImage()).text);
  const lines = await new Promise<string[]>((resolve) => {
    execFile(process.execPath, [driver, imagePath], { timeout: TIME, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve([...(stdout + stderr).trimEnd().split("\n"), error === null ? "" : `! stopped: ${String(error.code)}`]),
    );
  });
  await rm(dirname(driver), { recursive: true });
  expect(lines.filter((line, i) => line.startsWith("!") || lines[i + 1]?.startsWith("! stopped"))).toEqual([]);
  const summaries = lines.filter((line) => line.startsWith("done "));
  expect(summaries).toHaveLength(2);
  expect(summaries[0]).toBe(summaries[1]);
  const [, names, found] = summaries[0].split(" ");
  expect(Number(names)).toBeGreaterThan(400);
  const { limit, cut } = JSON.parse(found) as { limit: number; cut: number };
  expect(limit).toBeGreaterThan(300);
  expect(cut).toBeGreaterThan(100);
});
