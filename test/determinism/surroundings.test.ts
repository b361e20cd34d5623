// A program does the same whatever surrounds the process: time zone, language, size of the host's stack, folder, heap.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { binary, build, spawnProcess } from "../support/cli.ts";

/** Everything that could go by the host: letters, numbers, times, orders, mathematics, depth, and what may follow an order of keys. */
const PROGRAM = String.raw`
(require '[flow.string :as s] '[flow.time :as t] '[flow.math :as m] '[flow.json :as json] '[flow.hash :as h] '[flow.random :as r])
(println (s/upper-case "istanbul ß ǆ ﬁ") (s/lower-case "ISTANBUL İ ΟΔΟΣ") (s/capitalize "éa") (pr-str (s/trim "\u00a0\u3000x\ufeff")))
(println 1234567.891 1e21 0.1 (str 1e-7) (/ 1 3) (pow 2 100) (float 1/3))
(println (str #inst "2026-07-01T12:00:00Z") (t/iso #inst "2026-07-01T12:00:00Z" "America/New_York") (t/hour #inst "2026-03-29T01:30:00Z" "Europe/Berlin"))
(println (t/plus #date "2026-01-31" {:months 1}) (t/instant #date-time "2026-10-25T02:30:00" "Europe/Berlin" :later) (t/date 2026 1 1))
(println (map m/sin [1 2 3 1e22]) (m/pow 1.1 1.1) (m/exp 1.5) (m/log 1.5) (m/cbrt 3) (m/tanh 0.3))
(println (sort ["b" "ä" "a" "Z" "𝄞" "z" "ö"]) (compare "a" "B") (hash {:a [1 "x"]}))
(println (json/write (json/read "{\"b\":1,\"2\":2,\"1\":{\"z\":1.0,\"a\":null}}")) (h/sha256 "é"))
(println (r/with-seed 1 [(rand) (random-uuid) (shuffle (range 9))]))
(defn deep [n] (if (zero? n) 0 (inc (deep (dec n)))))
(def nested (reduce (fn [x _] [x]) [] (range 20000)))
(println (deep 20000) (= nested (reduce (fn [x _] [x]) [] (range 20000))) (hash nested) (count (pr-str nested)))
(println (try (flow.json/read (apply str (repeat 20000 "["))) (catch :default e (ex-message e))))
(println (gensym) (map (fn [x] (mod x 7)) [-1 8 -9.5 1/2]) (sort-by first [[1 :a] [0 :b] [1 :c]]))
`;

let folder: string;
beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), "flowmetal-surroundings-"));
  writeFileSync(join(folder, "program.fm"), PROGRAM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  node: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  cwd = folder,
): Promise<string> {
  const args = [...node, binary, "eval", "--store", "memory:", join(folder, "program.fm")];
  const { code, stdout, stderr } = await spawnProcess(process.execPath, args, { env, cwd }).ended;
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout;
}

test("the output is that of a plain run", async () => {
  const plain = await run();
  expect(plain.split("\n").length).toBe(12);
  expect(plain).toContain("ISTANBUL SS Ǆ FI");
  for (const zone of ["Pacific/Apia", "Asia/Kathmandu", "America/St_Johns", "nonsense"]) {
    expect(await run([], { TZ: zone }), zone).toBe(plain);
  }
  for (const language of ["tr_TR.UTF-8", "lt_LT.UTF-8", "de_DE.UTF-8", "C", "ar_EG"]) {
    expect(await run([], { LANG: language, LC_ALL: language, LANGUAGE: language }), language).toBe(plain);
  }
  expect(await run(["--stack-size=200"])).toBe(plain);
  expect(await run(["--stack-size=3000"])).toBe(plain);
  expect(await run(["--disallow-code-generation-from-strings"])).toBe(plain);
  expect(await run(["--no-opt", "--max-semi-space-size=1"])).toBe(plain);
  expect(await run([], {}, tmpdir())).toBe(plain);
}, 60_000);
