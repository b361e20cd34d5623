// The refusals of moving (E-20): what is wrong with a file, and why a program cannot leave or come.
import { FlowmetalError } from "../base/errors.ts";

export function badFile(name: string, what: string, cause?: unknown): FlowmetalError {
  return new FlowmetalError("move/bad-file", `${name} cannot be imported: ${what}`, {
    hint: "nothing was imported; export again where it came from: a program that was marked as moved can be exported again",
    cause,
  });
}

export function newerFile(name: string, format: number, mine: number): FlowmetalError {
  const message = `${name} has format ${format}, and this engine knows up to format ${mine}`;
  return new FlowmetalError("move/newer-file", message, {
    hint: "it was written by a newer Flowmetal: import it with that",
  });
}

export function tooLarge(what: string, bytes: number, most: number): FlowmetalError {
  return new FlowmetalError("move/too-large", `${what} has ${bytes} bytes, and ${most} are read at most`, {
    hint: "nothing was imported; a store is moved as a whole with flowmetal store backup",
  });
}

/** Said before anything is marked. */
export function tooLargeToLeave(id: string, size: number, most: number, what: "line" | "program"): FlowmetalError {
  const part = what === "program" ? "in all" : "in one line of the file";
  const message = `program ${id} has ${size} characters ${part}, and ${most} are imported at most`;
  return new FlowmetalError("move/too-large", message, {
    hint: "it was left as it is; a store is moved as a whole with flowmetal store backup",
  });
}

export function existsAlready(id: string, status: string): FlowmetalError {
  const message = `program ${id} is in this store already, ${status}`;
  const moved = "if it comes back, or is to go on here after all, and goes on nowhere else: flowmetal import --back";
  return new FlowmetalError("move/exists", message, {
    hint: status === "moved" ? moved : "a program is imported once; what is there was left as it is",
  });
}

export function cannotPause(id: string): FlowmetalError {
  return new FlowmetalError("program/owned", `program ${id} is run by another process and was not paused in time`, {
    hint: "it goes on there as before: export again when that process answers, or take a copy with --copy",
  });
}
