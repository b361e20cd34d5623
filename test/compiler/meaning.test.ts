// Compiled programs mean what a plain walk over their forms means: run straight, and written down and read back at every tick.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { type Mode, runProgram } from "../property/world.ts";
import { type Form, randomForm, textOf } from "./random-forms.ts";
import { interpret, type Meaning, TooLong } from "./reference.ts";

const image = await shippedImage();

const STRAIGHT: Mode = { evaluator: "direct" };
const RESTORED: Mode = { evaluator: "direct", fuel: () => 1, restore: () => true };

function run(form: Form, mode: Mode): Meaning {
  const text = `(def ^:dynamic *level* 0)\n(try ${textOf(form)} (catch :default e (str "thrown " e)))`;
  const { outcome } = runProgram(image, text, mode);
  if (outcome.status !== "done") throw new Error(`the program is ${outcome.status}: ${outcome.result}`);
  return { result: String(JSON.parse(outcome.result)), output: outcome.output };
}

/** What the form means; a form that takes too long is no test. */
function meaning(form: Form): Meaning {
  try {
    return interpret(form);
  } catch (error) {
    fc.pre(!(error instanceof TooLong));
    throw error;
  }
}

function agrees(mode: Mode, numRuns: number, seed: number): void {
  fc.assert(
    fc.property(randomForm, (form) => {
      const expected = meaning(form);
      expect(run(form, mode)).toEqual(expected);
    }),
    { numRuns, seed },
  );
}

test("random programs do what their forms say", () => agrees(STRAIGHT, 1_000, 7));

test("random programs do the same when every frame is written down", () => agrees(RESTORED, 150, 11));
