// The folders a script's modules are looked for in: their order, what messages call them, and settings that are refused.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nearestConfig } from "../../src/cli/config.ts";
import { modulePath } from "../../src/cli/module-path.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";

test("the folder of the script, then --path, then flowmetal.json", () => {
  const cwd = scratchFolder();
  mkdirSync(join(cwd, "src", "jobs"), { recursive: true });
  writeIn(cwd, "flowmetal.json", JSON.stringify({ path: ["lib", "./vendor/", "src"] }));
  expect(modulePath("src/a.fm", ["more/", "/abs"], cwd)).toEqual([
    { label: "src", folder: join(cwd, "src") },
    { label: "more", folder: join(cwd, "more") },
    { label: "/abs", folder: "/abs" },
    { label: "lib", folder: join(cwd, "lib") },
    { label: "vendor", folder: join(cwd, "vendor") },
  ]);
});

test("the settings are those nearest to the script, and count from their own folder", () => {
  const cwd = scratchFolder();
  mkdirSync(join(cwd, "deep", "er"), { recursive: true });
  writeIn(cwd, "flowmetal.json", '{"path": ["outer"]}');
  writeIn(join(cwd, "deep"), "flowmetal.json", '{"path": ["inner", "../beside"]}');
  expect(modulePath("deep/er/a.fm", [], cwd).map(({ label }) => label)).toEqual(["deep/er", "deep/inner", "beside"]);
  expect(modulePath("a.fm", [], cwd).map(({ label }) => label)).toEqual(["", "outer"]);
  expect(modulePath("../a.fm", [], join(cwd, "deep")).map(({ label }) => label)).toEqual(["..", "../outer"]);
});

test("forms and standard input have the current directory; the same folder stands there once", () => {
  const cwd = scratchFolder();
  writeIn(cwd, "flowmetal.json", '{"store": "x.db", "path": [".", "lib"]}');
  expect(modulePath(null, [".", "./"], cwd)).toEqual([
    { label: "", folder: cwd },
    { label: "lib", folder: join(cwd, "lib") },
  ]);
});

test.each([
  ["{", "it is not JSON", "It may say"],
  ["[]", "it is no JSON object", "It may say"],
  ["3", "it is no JSON object", "It may say"],
  ['{"pth": []}', 'there is no setting "pth"', 'Did you mean "path"?'],
  ['{"colour": 1}', 'there is no setting "colour"', "It may say"],
  ['{"path": "lib"}', '"path" is no list of folders', "It may say"],
  ['{"path": ["lib", 3]}', '"path" holds what is no folder: 3', "It may say"],
  ['{"path": [""]}', '"path" holds what is no folder: ""', "It may say"],
  ['{"store": 3}', '"store" is no string', "It may say"],
])("flowmetal.json that says %s is refused", (text, message, hint) => {
  const folder = scratchFolder();
  const file = writeIn(folder, "flowmetal.json", text);
  expect(() => nearestConfig(folder)).toThrow(
    expect.objectContaining({
      code: "cli/config",
      message: `${file}: ${message}`,
      hint: expect.stringContaining(hint),
    }),
  );
});

test("settings that are there and cannot be read are refused", () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, "flowmetal.json"));
  expect(() => nearestConfig(folder)).toThrow(/flowmetal\.json cannot be read \(EISDIR\)/);
});

test("--path must name a folder", () => {
  expect(() => modulePath("a.fm", [""], "/")).toThrow("--path names no folder");
});
