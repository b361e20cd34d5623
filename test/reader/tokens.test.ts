// The lexer: chevrotain finds nothing wrong with its definition, and every text consists of its tokens.
import { Lexer } from "chevrotain";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nameOf, tokenEnd, tokenize, tokenTypes } from "../../src/reader/tokens.ts";

test("the definition passes the validations that are skipped at start-up", () => {
  const lexer = new Lexer(tokenTypes(), { positionTracking: "onlyOffset", ensureOptimizations: true });
  expect(lexer.lexerDefinitionErrors).toEqual([]);
});

test("between tokens there is nothing but white space and commas, whatever the text", () => {
  const unit = fc.constantFrom(
    ...`()[]{}"\\;#'\`~@^:%&,_+-/.aA0 \n\t\r`,
    "\u03bb",
    "\u{1F600}",
    "\ud800",
    "\0",
    "\u201c",
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit, maxLength: 40 }), fc.string({ unit: "binary" })), (text) => {
      const { tokens, comments } = tokenize(text);
      const all = [...tokens, ...comments].sort((a, b) => a.startOffset - b.startOffset);
      let end = 0;
      for (const token of all) {
        expect(token.image).toBe(text.slice(token.startOffset, tokenEnd(token)));
        expect(text.slice(end, token.startOffset)).toMatch(/^[\s,]*$/);
        end = tokenEnd(token);
      }
      expect(text.slice(end)).toMatch(/^[\s,]*$/);
    }),
    { numRuns: 2000 },
  );
});

test("each character beyond ASCII is tried with the right candidates", () => {
  // chevrotain looks candidates up by the first character: a gap in the hints would lose tokens.
  for (let code = 0x80; code <= 0xffff; code += 7) {
    const char = String.fromCharCode(code);
    const { tokens } = tokenize(`${char}x`);
    const isSpace = /\s/.test(char);
    expect(tokens.length, `U+${code.toString(16)}`).toBeGreaterThanOrEqual(1);
    if (isSpace) expect(tokens.map((token) => token.image)).toEqual(["x"]);
    else if (tokens.length === 1) expect(nameOf(tokens[0])).toBe("Symbol");
    else expect(tokens.map(nameOf)).toEqual(["Stray", "Symbol"]);
  }
});
