// The public views of a store with a snapshot that is damaged: what they say of the other programs stays what it was.
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { seededRandom, systemRandom } from "../../src/base/random.ts";
import { openSqlite3 } from "../../src/store/sqlite/sqlite3-driver.ts";
import type { SqlDriver, SqlRow } from "../../src/store/sqlite/driver.ts";
import { atStore } from "../interpreter/bench.ts";
import { damaged, HOW } from "../snapshot/damage.ts";

const VIEWS = ["tasks", "frames", "locals", "refs", "nodes", "snapshots", "programs"] as const;
const CHANGES = 60;

const PROGRAM = `
  (defforeign ask :topic "ask")
  (def total (atom {:n 1}))
  (defn down [n items] (if (= n 0) (do (ask n) items) (cons n (down (dec n) items))))
  (let [x 1 f (fn [y] (try (down 40 [x y total (vec (range 100))]) (finally (ask :clean))))]
    (letfn [(even [n] (if (= n 0) (f n) (odd (dec n)))) (odd [n] (let [r (even (dec n))] [r]))]
      (prompt :p (let [x 2] (even 4)))))`;

/** Bodies that are no snapshot at all, or lead back to themselves. */
const STRANGE = [
  "",
  "{",
  "garbage",
  "null",
  "5",
  "[]",
  '"text"',
  "{}",
  '{"c":5,"n":5,"u":5,"r":5}',
  '{"c":["abc",5,null,{"a":1}],"n":["abc",5,null]}',
  '{"c":[[2,"t",1,["a",4],["n",0]]],"n":[["F",["n",0],"abc",[0,"x",1],["y",0],[0,-1,["M"]],[0]]],"u":["x"]}',
  '{"c":[[2,"t",1,["f",["n",0]],["n","a"],["n",-1]],[3,"c",["n",0]]],"n":[["n",0]]}',
  '{"c":[[3,"c",["fn",-1,["fg","x]y",[0],1],["fg",1,[-1],2]]],[4,"c",["fn","a"]]]}',
  '{"c":[[2,"t",1,["a",4],0,["n",0]]],"n":[["G",["n",0],["n",0],"join",1]]}',
  '{"v":2,',
  '{"v":2,"c":[[2,"t",1,["a",4],["n","aa"]],[3,"c",["n","bb"]],[4,"c",["n","none"]],[5,"c",["n",0]]],"n":[9,0],"u":["x"]}',
  '{"v":2,"c":[[2,"t",1,["a",4],0,["n","cc"]],[3,"c",["n","aa]]],"n":5}',
  '{"v":2,"c":[[2,"t",1,["a",4],0,["n","cc"]],[3,"c",["v",["n","bb"],["n","bb"]]]],"n":"x"}',
];

/** Chunks that are none, or lead back to themselves. */
const CHUNKS = [
  '{"aa":["F",["n","aa"],"abc",[0,"x",1],["n","bb"],[0,-1,["M"]],[0]],"bb":["v",["n","bb"]]}',
  '{"cc":["G",["n","cc"],["n","aa"],"join",1],"cc":5}',
  '["aa","bb"]',
  '{"dd":',
  "null",
];

async function rowsOf(driver: SqlDriver, program: string): Promise<Record<string, readonly SqlRow[]>> {
  const found: Record<string, readonly SqlRow[]> = {};
  for (const view of VIEWS) {
    // The whole view, so that every program is worked through.
    const rows = await driver.all(`SELECT * FROM flowmetal_v1_${view}`);
    found[view] = rows.filter((row) => row.program === program || row.id === program);
  }
  return found;
}

test("a damaged snapshot takes nothing from other programs, and no query fails or hangs", { timeout: 120_000 }, () =>
  atStore("sqlite", async (bench) => {
    const [sound, other] = [await bench.started(PROGRAM), await bench.started(PROGRAM)];
    for (const process of [sound, other]) {
      await process.waiting();
      await process.running.letGo();
    }
    const path = bench.file as string;
    const driver = await openSqlite3({ path, host: { clock: systemClock, random: systemRandom }, patience: 5_000 });
    try {
      const expected = await rowsOf(driver, sound.id);
      for (const view of VIEWS) expect([view, expected[view].length > 0]).toEqual([view, true]);
      expect(expected.locals.length).toBeGreaterThan(50);
      const [{ body }] = await driver.all(
        "SELECT body FROM snapshots WHERE program = ?1 ORDER BY position DESC LIMIT 1",
        [other.id],
      );
      const random = seededRandom("views");
      const number = (): number => random.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0);
      const changes = Array.from({ length: CHANGES }, () =>
        damaged(body as string, { place: number(), how: HOW[number() % HOW.length], other: number() }),
      );
      const chunk = "INSERT INTO chunks (program, hash, since, until, body) VALUES (?1, ?2, 1, NULL, ?2)";
      for (const text of CHUNKS) await driver.run(chunk, [other.id, text]);
      for (const changed of [...STRANGE, ...changes]) {
        await driver.run("UPDATE snapshots SET body = ?2 WHERE program = ?1", [other.id, changed]);
        const rows = await rowsOf(driver, sound.id).catch((error: unknown) => String(error));
        expect({ changed, rows }).toEqual({ changed, rows: expected });
      }
    } finally {
      await driver.close();
    }
  }),
);
