// Validation of stored code (E-24): nothing an evaluator relies on is taken on trust.
import { FlowmetalError } from "../base/errors.ts";
import type { Code, Debug } from "./code.ts";
import { checkFlow } from "./flow.ts";
import { fail, Malformed } from "./checks.ts";
import { checkDebug, checkShape } from "./shape.ts";

/** The code, if it is well formed; throws `code/invalid` naming the place in it. `name` says which code it is. */
export function validateCode(input: unknown, name: string): Code {
  return refusing(name, () => {
    const code = checkShape(input);
    checkFlow(code);
    return code;
  });
}

/** The debug table, if it belongs to the code; throws `code/invalid`. */
export function validateDebug(input: unknown, code: Code, name: string): Debug {
  return refusing(name, () => checkDebug(input, code));
}

function refusing<T>(name: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new FlowmetalError("code/invalid", `the code ${name} is malformed: ${error.path} ${error.message}`);
  }
}

/** What an evaluator's primitives must be like for code to call them. */
interface Callable {
  readonly pure: boolean;
  readonly min: number;
  readonly max: number;
}

/**
 * Checks that every primitive the code names is there, takes so many arguments, and is pure where it is called as an op
 * that cannot be interrupted. Validating does not know the primitives, so `find` is passed in.
 */
export function validatePrimitives(code: Code, name: string, find: (primitive: string) => Callable | undefined): void {
  refusing(name, () => {
    code.blocks.forEach(([, , , ops, end], i) => {
      for (const op of ops) if (op[0] === "pure") checkCall(op[2], op[3].length, true, find, `blocks[${i}]`);
      if (end[0] === "prim") checkCall(end[1], end[2].length, false, find, `blocks[${i}]`);
    });
  });
}

function checkCall(
  primitive: string,
  count: number,
  pure: boolean,
  find: (primitive: string) => Callable | undefined,
  path: string,
): void {
  const found = find(primitive);
  if (found === undefined) {
    fail(path, `names the unknown primitive ${primitive}`);
    return;
  }
  if (pure && !found.pure) fail(path, `calls ${primitive} as if it always answered`);
  if (count < found.min || (found.max >= 0 && count > found.max)) fail(path, `gives ${primitive} ${count} arguments`);
}
