// Scripts that can be read, and those that cannot: each refusal names the place and the way out.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readScript } from "../../src/cli/script.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";

const read = (file: string, cwd: string, input = "") =>
  readScript(file, { cwd, readInput: async () => Buffer.from(input) }, ["eval", "inspect"]);

const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

test("a file is found from the current directory and named as it was typed", async () => {
  const folder = scratchFolder();
  writeIn(folder, "a.fm", '(println "é")');
  expect(await read("./a.fm", folder)).toEqual({ name: "./a.fm", text: '(println "é")' });
});

test("a byte order mark is no part of the text", async () => {
  const folder = scratchFolder();
  writeIn(folder, "a.fm", bytes([0xef, 0xbb, 0xbf], "1"));
  expect((await read("a.fm", folder)).text).toBe("1");
});

test("- is standard input", async () => {
  expect(await read("-", "/", "(+ 1 2)")).toEqual({ name: "<stdin>", text: "(+ 1 2)" });
});

test.each([
  ["binary", bytes("ok\nab", [0], "c"), "no text", 2, 3],
  ["not UTF-8", bytes("é\nü", [0xe9], "x"), "not UTF-8", 2, 2],
  ["not UTF-8 behind a real replacement character", bytes("\ufffd", [0xc3], "("), "not UTF-8", 1, 2],
  ["cut inside a character", bytes("a", [0xe2, 0x82]), "not UTF-8", 1, 2],
  ["UTF-16", bytes([0xff, 0xfe, 0x28, 0]), "UTF-16", 1, 1],
])("%s is refused with its place", async (_, content, message, line, column) => {
  const folder = scratchFolder();
  writeIn(folder, "x.fm", content);
  const place = { file: "x.fm", line, column };
  await expect(read("x.fm", folder)).rejects.toMatchObject({ code: "cli/not-text", place });
  await expect(read("x.fm", folder)).rejects.toThrow(message);
});

test("a directory is refused", async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, "d"));
  await expect(read("d", folder)).rejects.toMatchObject({ code: "cli/not-a-file" });
});

test("a missing file is refused, with the neighbour that may be meant", async () => {
  const folder = scratchFolder();
  writeIn(folder, "report.fm", "1");
  await expect(read("./reprot.fm", folder)).rejects.toMatchObject({
    code: "cli/no-such-file",
    hint: "Did you mean ./report.fm?",
  });
  await expect(read("report.fm/x", folder)).rejects.toMatchObject({ code: "cli/no-such-file" });
  await expect(read("evla", folder)).rejects.toMatchObject({
    hint: "Did you mean the command eval? See flowmetal --help.",
  });
});
