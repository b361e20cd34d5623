// The examples of docs/language.md: each block is a program, run in every way there is, with what it must do beside the line.
import { beforeAll, expect, test } from "vitest";
import type { Image } from "../../src/module/image.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { readExpected } from "../language/program.ts";
import { runExpected } from "../language/suite.ts";
import { text } from "../support/tree.ts";

const blocks = [...text("docs/language.md").matchAll(/^```clojure\n(.*?)^```$/gms)].map(([, code], i) => [
  `${i + 1}: ${(code as string).split("\n", 1)[0]}`,
  code as string,
]);

let image: Image;
beforeAll(async () => {
  image = await shippedImage();
});

test("there are examples", () => expect(blocks.length).toBeGreaterThan(12));

test.each(blocks as [string, string][])("example %s", (_, code) => {
  const program = readExpected(code);
  expect(program.output, "nothing is expected of this example").not.toBe("");
  runExpected(image, program);
});
