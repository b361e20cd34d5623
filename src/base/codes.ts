// Every error code of the engine, with one sentence about what it means. `docs/errors.md` explains them.

/** Code to title. A code never changes its meaning and is never used again for another. */
export const codes = {
  "json/number": "A number in a JSON text is outside the range of numbers.",
  "json/surrogate": "A string in a JSON text holds half of a surrogate pair.",
  "json/syntax": "A text is not JSON.",
  "json/value": "A value cannot be said in plain JSON.",
} as const;

/** A code in the table. */
export type Code = keyof typeof codes;
