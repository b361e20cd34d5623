// What serves those who watch costs nothing where nobody is watched: eval loads none of it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { flowmetal } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";

test("eval loads neither pino nor OpenTelemetry; the log of serve loads pino", { timeout: 120_000 }, async () => {
  const folder = scratchFolder();
  const script = `process.on("exit", () => require("node:fs").writeFileSync(process.env.LOADED, Object.keys(require.cache).join("\\n")));`;
  const env = { NODE_OPTIONS: `--require=${writeIn(folder, "list.cjs", script)}`, LOADED: `${folder}/loaded` };
  const loaded = () => readFileSync(env.LOADED, "utf8").split("\n");
  const ran = await flowmetal(["eval", "--store", `${folder}/store.db`, "-e", "(println 1)"], { env });
  expect(ran).toMatchObject({ code: 0, stdout: "1\nnil\n" });
  expect(loaded().some((file) => file.endsWith("main.cjs"))).toBe(true);
  expect(loaded().filter((file) => /pino|opentelemetry|undici/.test(file))).toEqual([]);
  const args = ["serve", "--json", "--store", `${folder}/store.db`, "--metrics", "nowhere"];
  expect((await flowmetal(args, { env })).code).toBe(2);
  expect(loaded().filter((file) => /pino/.test(file)).length).toBe(1);
});
