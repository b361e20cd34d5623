import { test } from "vitest";
import { appendFileSync } from "node:fs";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { tryDamage } from "./damage.ts";
import { takeSnapshots } from "./sleepers.ts";
test("fz", { timeout: 1e7 }, async () => {
  const taken = takeSnapshots(await shippedImage());
  console.log(taken.length);
  const from = Number(process.env.FROM ?? 1000),
    n = Number(process.env.N ?? 10);
  for (let s = from; s < from + n; s++) {
    const r = tryDamage(taken, s, 3000, 60000);
    appendFileSync(
      "/tmp/fz.log",
      `seed ${s} refused ${r.refused} ran ${r.ran} ${r.failure === null ? "ok" : r.failure.slice(0, 1500)}\n`,
    );
  }
});
