// Stored code is an input (E-24): hashed again and validated before an evaluator, or anyone else, sees it.
import { FlowmetalError } from "../base/errors.ts";
import type { Code, Debug } from "./code.ts";
import { codeHash, unitHash } from "./hash.ts";
import { validateCode, validateDebug } from "./validate.ts";

/** Longer texts are refused before they are read: no function comes near it. */
const TEXT_MAX = 1 << 26;

/** The unit with this hash, from its two stored texts; throws `code/invalid`. */
export function decodeUnit(
  hash: string,
  codeText: string,
  debugText: string,
): { readonly code: Code; readonly debug: Debug; readonly codeHash: string } {
  if (codeText.length > TEXT_MAX || debugText.length > TEXT_MAX) refuse(hash, "is longer than 64 MB");
  const inner = codeHash(codeText);
  if (unitHash(inner, debugText) !== hash) refuse(hash, "is not what its hash says: it was changed or cut short");
  const code = validateCode(parse(hash, codeText), hash);
  const debug = validateDebug(parse(hash, debugText), code, hash);
  return { code, debug, codeHash: inner };
}

/** A unit that came with the engine: it was validated by the build that wrote it down. */
export function trustedUnit(codeText: string, debugText: string): ReturnType<typeof decodeUnit> {
  const [code, debug] = [JSON.parse(codeText) as Code, JSON.parse(debugText) as Debug];
  return { code, debug, codeHash: codeHash(codeText) };
}

function parse(hash: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return refuse(hash, "is not JSON");
  }
}

function refuse(hash: string, problem: string): never {
  throw new FlowmetalError("code/invalid", `the code ${hash} ${problem}`);
}
