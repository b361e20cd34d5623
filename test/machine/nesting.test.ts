// Code that names another unit and does not fit it (E-24) is refused where the two are linked, by both evaluators and in values.
import { describe, expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import type { Code, Debug } from "../../src/code/code.ts";
import { codeHash, codeText, debugText, unitHash } from "../../src/code/hash.ts";
import { fromTagged } from "../../src/data/tagged.ts";
import { Closure } from "../../src/data/value.ts";
import { Machine } from "../../src/machine/machine.ts";
import { emptyImage, linkHooks } from "../../src/module/image.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import type { UnitText } from "../../src/module/unit-text.ts";

type Blocks = Code["blocks"];
type Parts = Partial<Pick<Code, "arities" | "captures" | "slots" | "self" | "blocks">>;

/** A stored unit with these parts over `nested`; by default a function of no arguments that answers slot 0. */
function unit(parts: Parts, nested: readonly UnitText[] = []): UnitText {
  const code: Code = {
    v: 1,
    arities: [[0, 0, 0]],
    captures: 0,
    slots: 2,
    self: -1,
    consts: [7],
    globals: [],
    units: nested.map((one) => codeHash(one.code)),
    blocks: [[3, [], -1, [["move", 0, "k0"]], ["return", 0]]],
    ...parts,
  };
  const debug: Debug = {
    name: null,
    params: [[]],
    file: "t",
    hash: "0".repeat(64),
    span: [0, 0],
    slots: Array.from({ length: code.slots }, () => null),
    captures: Array.from({ length: code.captures }, () => null),
    blocks: code.blocks.map(() => 0),
    units: nested.map((one) => one.hash),
  };
  const [codePart, debugPart] = [codeText(code), debugText(debug)];
  return { hash: unitHash(codeHash(codePart), debugPart), code: codePart, debug: debugPart };
}

const makes = (...ops: Blocks[number][3]): Parts => ({
  blocks: [[3, [], -1, [["move", 0, "k0"], ...ops], ["return", 0]]],
});

/** Answers its first capture. */
const capturing = unit({ captures: 1, self: 1, blocks: [[3, [], -1, [], ["return", "c0"]]] });
/** Answers the second member of its group. */
const member = unit({ self: 1, blocks: [[3, [], -1, [["sibling", 0, 1]], ["return", 0]]] });
const plain = unit({});

/** What the machine says when the function of a unit is called. */
function call(parent: UnitText, nested: readonly UnitText[], evaluator: "direct" | "generated"): unknown {
  const library = new ProgramLibrary(emptyImage());
  library.add([parent, ...nested]);
  const host = {
    observe(): never {
      throw new Error("nothing is observed here");
    },
  };
  const machine = new Machine(library, host, { evaluator });
  machine.begin("t", library.image.hash, null, []);
  machine.state.ready.length = 0;
  machine.callNext(new Closure(machine.findUnit(parent.hash), []), []);
  machine.run(1_000);
  return machine.state.main.control.kind;
}

/** The message of the refusal. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof FlowmetalError && error.code === "code/invalid") return error.message;
    throw error;
  }
  return "it was not refused";
}

const other = { ...plain, code: capturing.code };

describe.each(["direct", "generated"] as const)("the %s evaluator", (evaluator) => {
  test("runs what fits", () => {
    const closure = unit(makes(["closure", 0, 0, [0]]), [capturing]);
    const group = unit(makes(["group", [0, 1], [0, 0], []]), [member]);
    for (const [parent, nested] of [
      [closure, capturing],
      [group, member],
    ]) {
      expect(call(parent, [nested], evaluator)).toBe("done");
    }
  });

  test.each([
    ["a closure without captures", unit(makes(["closure", 0, 0, []]), [capturing]), "takes 1 captures and not 0"],
    ["a closure of too many", unit(makes(["closure", 0, 0, [0, 0]]), [capturing]), "takes 1 captures and not 2"],
    ["a group without captures", unit(makes(["group", [0], [0], []]), [capturing]), "takes 1 captures and not 0"],
    [
      "a member outside of a group",
      unit(makes(["closure", 0, 0, []]), [member]),
      "belongs to a group of 2 members, not 0",
    ],
    ["a group too small", unit(makes(["group", [0], [0], []]), [member]), "belongs to a group of 2 members, not 1"],
    ["another code", unit(makes(["closure", 0, 0, []]), [other]), `units[0] is not the code of ${plain.hash}`],
  ])("refuses %s", (_, parent, problem) => {
    const message = refusal(() => call(parent, [capturing, member, plain], evaluator));
    expect(message).toContain(`the code ${parent.hash} does not fit what it names: `);
    expect(message).toContain(problem);
  });
});

test("a function in a value must fit its unit too", () => {
  const library = new ProgramLibrary(emptyImage());
  library.add([capturing, member]);
  const hooks = linkHooks(new Machine(library, { observe: () => null }));
  expect(fromTagged(["fn", capturing.hash, 1], hooks)).toBeInstanceOf(Closure);
  expect(fromTagged(["fg", 0, [member.hash, member.hash]], hooks)).toBeInstanceOf(Closure);
  expect(() => fromTagged(["fn", capturing.hash], hooks)).toThrow("takes 1 captures and not 0");
  expect(() => fromTagged(["fn", member.hash], hooks)).toThrow("belongs to a group of 2 members, not 0");
  expect(() => fromTagged(["fg", 0, [member.hash]], hooks)).toThrow("belongs to a group of 2 members, not 1");
});
