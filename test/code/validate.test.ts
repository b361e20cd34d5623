// Stored code is an input (E-24): what is refused, where it says the fault lies, and that nothing else can happen.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import type { Code } from "../../src/code/code.ts";
import { decodeUnit } from "../../src/code/decode.ts";
import { codeHash, codeText, debugText, unitHash } from "../../src/code/hash.ts";
import { validateCode, validateDebug, validatePrimitives } from "../../src/code/validate.ts";
import { compile } from "../compiler/support.ts";

const RICH = `(fn self [x & more]
  (locals [n 0]
    (block out
      (try (binding [*level* x] (f (fn [] (exit out n))))
        (catch :a e (set-local! n (g e)))
        (finally (h self)))
      (letfn [(a [] (b)) (b [] (a))] (handle (perform op (a)) [op (fn [v k] (k v))]))
      (loop [i 0] (if (< i 10) (recur (inc i)) [i more n])))))`;

/** The largest unit of a form. */
function unit(text: string): { readonly hash: string; readonly code: string; readonly debug: string } {
  return [...compile(text).units].sort((a, b) => b.code.length - a.code.length)[0];
}

const rich = unit(RICH);

/** What validation says about code; null when it has nothing to say. */
function complaint(code: unknown): string | null {
  try {
    validateCode(code, "U");
    return null;
  } catch (error) {
    if (!(error instanceof FlowmetalError) || error.code !== "code/invalid") throw error;
    return error.message.replace("the code U is malformed: ", "");
  }
}

/** A tiny valid unit: `(fn [x] (f x) x)`. */
const small = (): Record<string, unknown> => ({
  v: 1,
  arities: [[1, 0, 0]],
  captures: 0,
  slots: 2,
  self: -1,
  consts: [null],
  globals: ["user/f"],
  units: [],
  blocks: [
    [3, [], -1, [["move", 1, "k0"]], ["call", "g0", [0], 1]],
    [1, [0], -1, [], ["return", 0]],
  ],
});

/** The small unit with one part replaced, by path. */
function changed(path: readonly (string | number)[], value: unknown): unknown {
  const code = small();
  let at: Record<string | number, unknown> = code;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path[path.length - 1]] = value;
  return code;
}

test("compiled code is valid, and so is its debug table", () => {
  const code = validateCode(JSON.parse(rich.code), "U");
  expect(validateDebug(JSON.parse(rich.debug), code, "U").name).toBe("self");
  expect(complaint(small())).toBeNull();
});

describe("shapes", () => {
  test.each<readonly [unknown, string]>([
    [null, "code is not an object"],
    [{ ...small(), v: 2 }, "code.v is 2; this engine knows version 1"],
    [{ ...small(), extra: 1 }, 'code has the unknown key "extra"'],
    [changed(["slots"], -1), "slots is -1, not a whole number below 20001"],
    [changed(["slots"], 1.5), "slots is 1.5, not a whole number below 20001"],
    [changed(["self"], 2), "self is no slot"],
    [changed(["self"], 0), "self is the slot of a parameter"],
    [changed(["captures"], 1), "self is missing, but there are captures"],
    [changed(["globals"], ["nothing"]), 'globals is malformed: "nothing"'],
    [changed(["units"], ["abc"]), 'units is malformed: "abc"'],
    [changed(["arities"], []), "arities are empty"],
    [changed(["arities"], [[1, 0, 1]]), "arities[0] enters block 1, which is no ENTRY"],
    [changed(["arities"], [[3, 0, 0]]), "arities[0] has more parameters than there are slots"],
    [
      changed(
        ["arities"],
        [
          [1, 0, 0],
          [0, 0, 0],
        ],
      ),
      "arities[1] shares block 0 with another arity",
    ],
    [changed(["blocks", 0, 0], 0), "arities[0] enters block 0, which is no ENTRY"],
    [changed(["blocks", 0, 0], 6), "blocks[0].kind is 6, not a whole number below 6"],
    [changed(["blocks", 0, 1], [0]), "blocks[0].live is not empty, but nothing is restored here"],
    [changed(["blocks", 0, 2], 0), "blocks[0].result is set, but nothing is received here"],
    [changed(["blocks", 1, 1], [0, 0]), "blocks[1].live holds slot 0 twice"],
    [changed(["blocks", 1, 1], [-1, 0]), "blocks[1].live holds slot 0 twice"],
    [changed(["blocks", 1, 1], ["0"]), "blocks[1].live holds something that is no slot"],
    [changed(["blocks", 1, 2], 0), "blocks[1].live holds the result, slot 0"],
    [changed(["blocks", 0, 3], [["steal", 1]]), 'blocks[0].ops[0] has the unknown operation "steal"'],
    [changed(["blocks", 0, 3], [["constructor", 1]]), 'blocks[0].ops[0] has the unknown operation "constructor"'],
    [changed(["blocks", 0, 3], [["move", 1]]), "blocks[0].ops[0] has 1 parts instead of 2"],
    [changed(["blocks", 0, 3], [["move", 2, 0]]), "blocks[0].ops[0][1] is 2, not a whole number below 2"],
    [changed(["blocks", 0, 3], [["move", 1, "k1"]]), "blocks[0].ops[0][2] is 1, not a whole number below 1"],
    [changed(["blocks", 0, 3], [["move", 1, "c0"]]), "blocks[0].ops[0][2] is 0, not a whole number below 0"],
    [
      changed(["blocks", 0, 3], [["move", 1, "g0"]]),
      "blocks[0].ops[0][2] is a global, which only the head of a call may be",
    ],
    [changed(["blocks", 0, 3], [["move", 1, "k00"]]), 'blocks[0].ops[0][2] is no operand: "k00"'],
    [changed(["blocks", 0, 3], [["pure", 1, "add", [0]]]), 'blocks[0].ops[0][2] is malformed: "add"'],
    [changed(["blocks", 0, 3], [["sibling", 1, 0]]), "blocks[0].ops[0][2] names a sibling, but there is no self"],
    [changed(["blocks", 0, 3], [["closure", 1, 0, []]]), "blocks[0].ops[0][2] is 0, not a whole number below 0"],
    [changed(["blocks", 0, 4], ["call", "g0", [0], 0]), "blocks[0].end[3] leads to block 0, which is of kind 3"],
    [changed(["blocks", 0, 4], ["jump", 1]), "blocks[0].end[1] leads to block 1, which is of kind 1"],
    [changed(["blocks", 0, 4], ["push", "trap", -1, [], -1, 1]), 'blocks[0].end[1] is unknown: "trap"'],
    [changed(["blocks", 0, 4], ["push", "catch", -1, ["k0"], -1, 1]), "blocks[0].end[4] is missing a clause"],
    [changed(["blocks", 0, 4], ["push", "scope", -1, [], -1, 1]), "blocks[0].end[3] has 0 elements instead of 1"],
    [changed(["blocks", 0, 4], ["prompt", "handle", [0], 1, 1]), "blocks[0].end[2] has 1 elements instead of 2"],
  ])("%#", (code, message) => expect(complaint(code)).toBe(message));
});

describe("paths through the code", () => {
  const blocks = (...list: unknown[]): unknown => ({ ...small(), blocks: list });
  test.each<readonly [string, unknown, string]>([
    ["the closure itself written over", { ...small(), self: 1 }, "blocks[0] writes over the closure itself"],
    [
      "a result written over the closure itself",
      {
        ...small(),
        self: 1,
        blocks: [
          [3, [], -1, [], ["call", "g0", [0], 1]],
          [1, [0], 1, [], ["return", 0]],
        ],
      },
      "blocks[1] writes over the closure itself",
    ],
    [
      "a slot read before it is written",
      blocks([3, [], -1, [], ["return", 1]]),
      "blocks[0] reads slot 1, which may not have been written",
    ],
    [
      "a slot written on one way only",
      blocks(
        [3, [], -1, [], ["if", 0, 1, 2]],
        [0, [], -1, [["move", 1, 0]], ["jump", 3]],
        [0, [], -1, [], ["jump", 3]],
        [0, [], -1, [], ["return", 1]],
      ),
      "blocks[3] reads slot 1, which may not have been written",
    ],
    [
      "a slot that the frame does not hold",
      blocks([3, [], -1, [], ["call", "g0", [0], 1]], [1, [], -1, [], ["return", 0]]),
      "blocks[1] reads slot 0, which may not have been written",
    ],
    [
      "a dead slot",
      blocks([3, [], -1, [], ["call", "g0", [0], 1]], [1, [-1], -1, [], ["return", 0]]),
      "blocks[1] reads slot 0, which may not have been written",
    ],
    [
      "a frame that holds what was never written",
      blocks([3, [], -1, [], ["call", "g0", [0], 1]], [1, [0, 1], -1, [], ["return", 0]]),
      "blocks[1].live holds slot 1, which may not have been written",
    ],
    [
      "a pop without a marker",
      blocks([3, [], -1, [], ["pop", 1]], [0, [], -1, [], ["return", 0]]),
      "blocks[0].end pops a marker where there is none",
    ],
    [
      "a return inside a marker",
      blocks([3, [], -1, [], ["push", "scope", -1, [0], -1, 1]], [0, [], -1, [], ["return", 0]]),
      "blocks[1].end leaves the function inside a marker",
    ],
    [
      "a block inside a marker and outside",
      blocks(
        [3, [], -1, [], ["if", 0, 1, 2]],
        [0, [], -1, [], ["push", "scope", -1, [0], -1, 2]],
        [0, [], -1, [], ["return", 0]],
      ),
      "blocks[2] is reached inside different markers",
    ],
    [
      "a block nobody reaches",
      blocks([3, [], -1, [], ["return", 0]], [0, [], -1, [], ["return", 0]]),
      "blocks[1] is never reached",
    ],
    [
      "two calls that go on in one block",
      blocks(
        [3, [], -1, [], ["if", 0, 1, 2]],
        [0, [], -1, [], ["call", "g0", [], 3]],
        [0, [], -1, [], ["call", "g0", [], 3]],
        [1, [0], -1, [], ["return", 0]],
      ),
      "blocks[2].end[3] leads to block 3, which continues block 1",
    ],
  ])("%s", (_name, code, message) => expect(complaint(code)).toBe(message));

  test("code that would take too long to check is refused", () => {
    const count = 40_000;
    const chain = Array.from({ length: count }, (_, i) => [
      0,
      [],
      -1,
      [],
      i === count - 1 ? ["return", 0] : ["jump", i + 2],
    ]);
    const code = { ...small(), slots: 20_000, blocks: [[3, [], -1, [], ["jump", 1]], ...chain] };
    expect(complaint(code)).toBe("blocks and slots are too many to check");
  });
});

describe("primitives", () => {
  const found = { "add@1": { pure: false, min: 2, max: 2 }, "list@1": { pure: true, min: 0, max: -1 } };
  const find = (name: string) => new Map(Object.entries(found)).get(name);
  const problem = (op: unknown): string | null => {
    const code = changed(["blocks", 0, 3], [op]) as Code;
    try {
      validatePrimitives(code, "U", find);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };
  test("one that exists and always answers", () => expect(problem(["pure", 1, "list@1", [0, 0, 0]])).toBeNull());
  test("one that does not exist", () =>
    expect(problem(["pure", 1, "list@2", []])).toContain("unknown primitive list@2"));
  test("one that may not answer", () =>
    expect(problem(["pure", 1, "add@1", [0, 0]])).toContain("as if it always answered"));
});

describe("hostile texts", () => {
  /** The unit with other texts, under the hash they have. */
  const decoded = (code: string, debug: string) => decodeUnit(unitHash(codeHash(code), debug), code, debug);

  test("a text that is not what the hash says", () => {
    expect(() => decodeUnit(rich.hash, rich.code, rich.debug.replace("self", "serf"))).toThrow(
      "is not what its hash says",
    );
    expect(() => decodeUnit(rich.hash, rich.code.slice(0, -1), rich.debug)).toThrow("is not what its hash says");
  });

  test("no JSON, and no debug table of this code", () => {
    expect(() => decoded("{", "{}")).toThrow("is not JSON");
    expect(() => decoded(rich.code, "{}")).toThrow("debug lacks name");
    expect(() => decoded(rich.code, compile("(fn [] 1)").units[0].debug)).toThrow(
      /debug\.\w+.* has \d+ elements instead of \d+/,
    );
  });

  test("nesting without end", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect(() => decoded(rich.code.replace('"blocks":[', `"blocks":[${deep},`), rich.debug)).toThrow("blocks[0]");
    expect(() => decoded(rich.code.replace('"self":', `"self":${deep},"x":`), rich.debug)).toThrow(
      "code has the unknown key",
    );
  });

  test("texts survive being read and written", () => {
    const { code, debug } = decodeUnit(rich.hash, rich.code, rich.debug);
    expect([codeText(code), debugText(debug)]).toEqual([rich.code, rich.debug]);
  });

  test("any change of one part of a unit is refused or gives valid code, and never anything else", () => {
    const leaf = fc.oneof(
      fc.integer({ min: -3, max: 40 }),
      fc.constantFrom<unknown>("k0", "c0", "g0", "k99", "move", "pop", "tail", null, [], {}, "", "add@1", 1e300, -0.5),
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(), leaf, fc.constantFrom("replace", "remove", "repeat"), (where, value, how) => {
        const code = JSON.parse(rich.code) as unknown;
        mutate(code, where, value, how);
        if (complaint(code) !== null) refused++;
      }),
      { numRuns: 3_000, seed: 5 },
    );
    // Most changes break something: a validator that accepts everything would not notice.
    expect(refused).toBeGreaterThan(2_000);
  });
});

/** Changes one element of one of the arrays in `root`. */
function mutate(root: unknown, where: number, value: unknown, how: string): void {
  const arrays: unknown[][] = [];
  const collect = (part: unknown): void => {
    if (Array.isArray(part)) arrays.push(part);
    if (typeof part === "object" && part !== null) Object.values(part).forEach(collect);
  };
  collect((root as Code).blocks);
  collect((root as Code).arities);
  const array = arrays[where % arrays.length];
  const at = array.length === 0 ? 0 : (where >>> 8) % array.length;
  if (how === "replace") array[at] = value;
  else if (how === "remove") array.splice(at, 1);
  else array.splice(at, 0, array[at]);
}
