// Capital and small letters come from tables of our own: of the version named, the same on every Node.
import { readFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../src/base/hash.ts";
import { trimEnd, trimStart } from "../../src/base/text.ts";
import { lowerCase, upperCase } from "../../src/data/unicode/case.ts";
import { CASE_VERSION } from "../../src/data/unicode/case-tables.ts";
import { UNICODE_VERSION } from "../../src/data/unicode/version.ts";
import { VERSIONS } from "../../src/interpreter/turn.ts";

/** Every code point that can stand in a string. */
function* points(): Generator<string> {
  for (let point = 0; point < 0x110000; point++) {
    if (point < 0xd800 || point > 0xdfff) yield String.fromCodePoint(point);
  }
}

test("every turn names the version of the tables", () => {
  expect(CASE_VERSION).toBe(UNICODE_VERSION);
  expect(VERSIONS[2]).toBe(UNICODE_VERSION);
});

test("the mappings of all code points are those of the version, whatever Node runs", () => {
  const all = [...points()];
  expect({ upper: sha256(all.map(upperCase).join("\n")), lower: sha256(all.map(lowerCase).join("\n")) }).toEqual({
    upper: "0ef4b4ce67c53ac0c1eeaac1ff17a0d085fd66d2a09fafe63e61c00371fa7167",
    lower: "9dbe491e02df24162a6ab7a165198f7ac804161d6f563724d6a65ba82f734a0f",
  });
});

test("a text with several words", () => {
  expect(upperCase("straße ŉ ﬃ ǆ ᾳ ꭰ 𐐨 a\u0345")).toBe("STRASSE ʼN FFI Ǆ ΑΙ Ꭰ 𐐀 A\u0399");
  expect(lowerCase("ΟΔΥΣΣΕΥΣ Σ ΑΣΑ ΑΣ. ΑΣ.Α A\u0301Σ İ K Ⅷ 𐐀")).toBe("οδυσσευς σ ασα ας. ασ.α a\u0301ς i̇ k ⅷ 𐐨");
  expect(lowerCase("Σ")).toBe("σ");
  expect(upperCase("")).toBe("");
});

test("where the host has the same version, the two agree, also on sigmas among all that matters to them", () => {
  if (process.versions.unicode !== UNICODE_VERSION) return expect(CASE_VERSION).toBe(UNICODE_VERSION);
  for (const char of points()) {
    if (upperCase(char) !== char.toUpperCase() || lowerCase(char) !== char.toLowerCase()) expect.fail(char);
  }
  const pieces = ["Σ", "a", "A", ".", "\u0345", " ", "𐐀", "\u{1d165}", "\u{10400}", "1", "ᾳ", "ª", "’"];
  for (let n = 0; n < pieces.length ** 4; n++) {
    const text = [0, 1, 2, 3].map((place) => pieces[Math.floor(n / pieces.length ** place) % pieces.length]).join("");
    if (lowerCase(text) !== text.toLowerCase()) expect.fail(JSON.stringify(text));
  }
});

test("white space is a list of our own", () => {
  const spaces = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
  expect(trimStart(`${spaces}a b${spaces}`)).toBe(`a b${spaces}`);
  expect(trimEnd(`${spaces}a b${spaces}`)).toBe(`${spaces}a b`);
  expect([...points()].filter((char) => trimStart(char) === "").join("")).toBe(
    [...spaces, ...missing(spaces)].sort().join(""),
  );
});

/** What of U+2000 to U+200A is not in the list above. */
function missing(spaces: string): string[] {
  return Array.from({ length: 11 }, (_, i) => String.fromCodePoint(0x2000 + i)).filter(
    (char) => !spaces.includes(char),
  );
}

test("the tables are what their script writes", () => {
  if (process.versions.unicode !== UNICODE_VERSION) return expect(CASE_VERSION).toBe(UNICODE_VERSION);
  const root = join(import.meta.dirname, "../..");
  const target = join(tmpdir(), `flowmetal-case-${process.pid}.ts`);
  execFileSync(process.execPath, [join(root, "src/data/unicode/generate-case.mjs"), target]);
  const written = readFileSync(target, "utf8");
  rmSync(target);
  expect(readFileSync(join(root, "src/data/unicode/case-tables.ts"), "utf8")).toBe(written);
});
