// The sequence and collection functions on random data, against a model in plain arrays and JavaScript maps.
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyCase, MODEL_PROLOGUE } from "./model.ts";
import { outcomes } from "./table.ts";

/** Forms in one program: starting a program costs more than a form. */
const FORMS = 40;
const RUNS = 40;

test("functions agree with the model", () => {
  fc.assert(
    fc.property(fc.array(anyCase, { minLength: 1, maxLength: FORMS, size: "max" }), (cases) => {
      const found = outcomes(
        cases.map(([form]) => form),
        MODEL_PROLOGUE,
      );
      expect(cases.map(([form], i) => `${form} => ${found[i]}`)).toEqual(
        cases.map(([form, value]) => `${form} => ${value}`),
      );
    }),
    // Its report names the seed and the path to the smallest counterexample.
    { numRuns: RUNS },
  );
});
