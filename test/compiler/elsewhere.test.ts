// Names of Clojure and Java that the language has not are refused with what to use, and that is really there.
import { expect, test } from "vitest";
import { elsewhere } from "../../src/compiler/elsewhere.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { outcomes } from "../prelude/table.ts";

const FOREIGN = [
  "short",
  "byte",
  "biginteger",
  "bigdec",
  "decimal?",
  "with-precision",
  "flow.math/add-exact",
  "flow.math/negate-exact",
  "Math/sin",
  "StrictMath/pow",
];

const parts = (name: string): [string | null, string] => {
  const [ns, short] = name.split("/");
  return short === undefined ? [null, ns] : [ns, short];
};

test.each(FOREIGN)("%s", async (name) => {
  const hint = elsewhere(...parts(name)) as string;
  expect(hint).toEqual(expect.any(String));
  expect(outcomes([`(${name} 1)`])[0]).toMatch(/^!:compile unknown name/);
  const names = new Set((await shippedImage()).names());
  const named = [...hint.matchAll(/\buse ([^\s,]+)|\(?\b(flow\.[a-z]+\/[^\s,)]+)/g)].map(
    ([, use, full]) => use ?? full,
  );
  for (const one of named)
    expect([...names], `${name}: ${hint}`).toContain(one.includes("/") ? one : `flow.core/${one}`);
});

test("nothing is said of names nobody knows, nor of what the tables are made of", () => {
  for (const name of ["shrot", "constructor", "toString", "x/y", "Mathe/sin"])
    expect(elsewhere(...parts(name))).toBeNull();
});
