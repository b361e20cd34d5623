// The README's promises: its first line runs in this checkout, and the script of its tour does what the tour says.
import { spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { build, flowmetal } from "../support/cli.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";
import { root, text } from "../support/tree.ts";

const readme = text("README.md");

/** The n-th block of a language. */
function block(language: string, n = 0): string {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))][n][1];
}

test("the first line runs hello.fm", () => {
  build();
  const [install, run] = block("sh").split("\n")[0].split(" && ");
  expect(install).toBe("npm install");
  const env = { ...process.env, XDG_STATE_HOME: scratchFolder(), FLOWMETAL_STORE: "" };
  const result = spawnSync(run, { cwd: root, env, shell: true, encoding: "utf8" });
  expect(result.stdout).toBe("Hello. I will wait a moment ...\n... and here I am again.\n");
  expect(result.status).toBe(0);
});

test("the tour's script waits until the service is up", async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    response.writeHead(asked < 3 ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const script = block("clojure").replace("127.0.0.1:8080", `127.0.0.1:${port}`).replace("1000", "10");
  const folder = scratchFolder();
  const file = writeIn(folder, "watch.fm", script);
  const result = await flowmetal(["eval", "--store", `${folder}/store.db`, file]);
  expect(result).toEqual({ code: 0, signal: null, stdout: "not yet\nnot yet\nit is up\n", stderr: "" });
  expect(asked).toBe(3);
});
