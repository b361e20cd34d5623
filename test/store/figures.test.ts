// Figures are counted from indices alone: the databases themselves say so, over stores with many programs.
import { expect, test } from "vitest";
import { FIGURE_STATEMENTS as POSTGRES } from "../../src/store/postgres/figures.ts";
import { FIGURE_STATEMENTS as SQLITE } from "../../src/store/sqlite/figures.ts";
import { openDriver } from "../../src/store/sqlite/open-driver.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { sql } from "../support/postgres/shared.ts";
import { openTestPostgres } from "./postgres-support.ts";
import { DRIVERS, inFolder, TestHost } from "./support.ts";

const MANY = 20_000;
const COLUMNS = `id, name, status, waiting, labels, priority, queue, image, wake, cut, runnable, position, term, turn, branch, crashes, calls,
  output, shown, created, updated`;
/** One in ten has never run, one in ten will wake by itself, the others wait or are over. */
const valuesOf = (
  n: string,
) => `'p' || ${n}, 'a.fm', CASE WHEN ${n} % 10 = 0 THEN 'ready' WHEN ${n} % 2 = 0 THEN 'waiting' ELSE 'done' END,
  '[]', '{}', ${n} % 3, 'q' || (${n} % 4), 'i', CASE WHEN ${n} % 10 = 2 THEN ${n} END, 0, CASE WHEN ${n} % 10 = 0 THEN 1 ELSE 0 END,
  1, 0, 0, 0, 0, '[]', 0, 0, ${n}, ${n}`;

test("SQLite looks at no table as a whole", async () => {
  await inFolder(async (folder) => {
    const host = new TestHost();
    const path = `${folder}/store.db`;
    await (await openSqliteStore({ path, host, driver: DRIVERS[0] })).close();
    const driver = await openDriver(DRIVERS[0], { path, host, patience: 1_000 });
    await driver.run(
      `INSERT INTO programs (${COLUMNS}) WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${MANY}) SELECT ${valuesOf("n")} FROM s`,
    );
    const plans = [];
    for (const text of SQLITE) {
      const params = text.includes("?2") ? [1, "q1"] : text.includes("?1") ? [1] : [];
      const steps = await driver.all(`EXPLAIN QUERY PLAN ${text}`, params);
      plans.push(steps.map(({ detail }) => detail as string));
    }
    await driver.close();
    const [programs, effects, unknown, others, queue] = plans;
    expect(programs).toContain("SCAN programs USING COVERING INDEX programs_live");
    expect(effects).toContain("SCAN effects USING COVERING INDEX effects_open");
    expect(unknown).toContain("SCAN effects USING COVERING INDEX effects_unknown");
    expect(others).toContain("SCAN programs USING INDEX programs_crashed");
    const looks = plans.flat().filter((step) => /^(SCAN|SEARCH) (p|x|programs|effects|inbox)\b/.test(step));
    expect(looks.length).toBeGreaterThan(8);
    expect(looks.filter((step) => !/ USING (COVERING )?INDEX /.test(step))).toEqual([]);
    expect(queue.join("\n")).toMatch(/programs_runnable[\s\S]*programs_wake/);
  });
});

test("PostgreSQL looks at no large table as a whole", { timeout: 60_000 }, async () => {
  const { url, remove } = await openTestPostgres(new TestHost());
  const schema = new URL(url).searchParams.get("schema") as string;
  const ask = (text: string) => sql(url, text.replaceAll(/\bflowmetal\./g, `${schema}.`));
  try {
    await ask(
      `INSERT INTO flowmetal.programs (${COLUMNS}) SELECT ${valuesOf("n")} FROM generate_series(1, ${MANY}) AS s (n)`,
    );
    await ask(`INSERT INTO flowmetal.effects (key, program, position, queue, kind, topic, capability, delivery, state, attempts, due,
      term, created, updated, contract, payload) SELECT 'e' || n, 'p' || n, 1, 'q1', 'http', '', 'http', 'at-least-once',
      CASE WHEN n % 50 = 0 THEN 'pending' WHEN n % 5000 = 7 THEN 'unknown' ELSE 'settled' END, 0, 0, 0, 0, 0, '{}', '{}'
      FROM generate_series(1, ${MANY}) AS s (n)`);
    await ask("VACUUM ANALYZE flowmetal.programs");
    await ask("VACUUM ANALYZE flowmetal.effects");
    const plans: string[] = [];
    for (const statement of POSTGRES) {
      const steps = await ask(`EXPLAIN ${statement.replace("$1::text[]", "ARRAY['q1', 'q2']")}`);
      plans.push(steps.map((row) => Object.values(row)[0] as string).join("\n"));
    }
    const all = plans.join("\n");
    expect(plans[0]).toContain("programs_live");
    expect(plans[1]).toContain("effects_open");
    expect(plans[1]).toContain("effects_unknown");
    expect(all.match(/Seq Scan on (programs|effects).*/)).toBeNull();
  } finally {
    await remove();
  }
});
