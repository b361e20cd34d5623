// Programs whose results are known, and expressions that once behaved differently, run in every way there is.
import { beforeAll, expect, test } from "vitest";
import type { Image } from "../../src/module/image.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { CASES, checkCase, FOUND } from "./cases.ts";
import { checkProgram } from "./check.ts";
import { scriptOf } from "./programs.ts";

const EFFORT = { dense: 300, most: 1000 };

let image: Image;
beforeAll(async () => {
  image = await shippedImage();
});

test.each(CASES)("$name", (one) => {
  expect(checkCase(image, one, EFFORT)).toBeNull();
});

test.each(FOUND)("$name", ({ body }) => {
  expect(checkProgram(image, scriptOf(body, "a"), 7, EFFORT).difference).toBeNull();
});
