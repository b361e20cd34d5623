// The index of the base image: it finds in the image's file what the image's text holds, and is made of no other text.
import { expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import { decodeUnit, trustedUnit } from "../../src/code/decode.ts";
import { Image, imageOfText, parseImage } from "../../src/module/image.ts";
import { FileParts, indexOfImage } from "../../src/module/image-index.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { scratchFolder, writeIn } from "../support/scratch.ts";

const { text } = await shippedImage();
const whole = imageOfText(text);

function inFile(content = text): Image {
  const folder = scratchFolder();
  const parts = new FileParts(
    writeIn(folder, "image.json", content),
    writeIn(folder, "image.index", indexOfImage(text)),
  );
  return new Image(sha256(text), parts);
}

test("every unit and var of the image is read from its file as it stands in its text", () => {
  const image = inFile();
  const { units, vars } = parseImage(text);
  expect(Object.keys(units).length).toBeGreaterThan(100);
  for (const hash of Object.keys(units)) {
    expect(image.hasUnit(hash)).toBe(true);
    expect(image.unitText(hash)).toEqual(whole.unitText(hash));
  }
  expect([...image.names()]).toEqual(Object.keys(vars));
  expect(image.text).toBe(text);
  expect(image.hash).toBe(whole.hash);
});

test("what is not in the image is not found, whatever its name", () => {
  const image = inFile();
  for (const name of ["", "flow.core/nothing", "__proto__", "constructor", "0".repeat(64)]) {
    expect(image.hasUnit(name)).toBe(false);
    expect(image.unitText(name)).toBeUndefined();
    expect(image.variable(name, undefined as never)).toBeUndefined();
  }
});

test("an image cut short is refused, not read as something else", () => {
  const image = inFile(text.slice(0, 1000));
  const last = Object.keys(parseImage(text).units).at(-1) as string;
  expect(() => image.unitText(last)).toThrow(/ends before/);
});

const small = JSON.stringify({
  v: 1,
  units: { ab: ["[1]", "{}"] },
  vars: { "a/b": ['"x"', "null"], "a/c": ["1", "null"] },
});

test("an index is of one way to write an image", () => {
  const { places, vars } = JSON.parse(indexOfImage(small)) as { places: number[]; vars: Record<string, number> };
  const [offset, length] = places.slice(2 * vars["a/c"]);
  expect(small.slice(offset, offset + length)).toBe('["1","null"]');
  expect(() => indexOfImage(small.replace('"units":', '"units": '))).toThrow(/ab where its index says/);
  expect(() => indexOfImage(`${small} `)).toThrow(/of the form/);
  expect(() => indexOfImage(small.replace('\\"x\\"', '\\"\u00fc\\"'))).toThrow(/plain ASCII/);
  expect(() => indexOfImage(small.replace('"v":1', '"v":2'))).toThrow(/version 2/);
});

test("an image without parts has an index too", () => {
  expect(indexOfImage('{"v":1,"units":{},"vars":{}}')).toBe('{"places":[],"units":{},"vars":{}}');
});

test("only the image of a build is trusted: its units are those that validation lets through", () => {
  const image = inFile();
  expect([image.trusted, whole.trusted]).toEqual([true, false]);
  for (const hash of Object.keys(parseImage(text).units)) {
    const { code, debug } = whole.unitText(hash) as { code: string; debug: string };
    expect(trustedUnit(code, debug)).toEqual(decodeUnit(hash, code, debug));
  }
});
