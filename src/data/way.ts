// The way of a walk into the parts of a value: it sees where a value is inside of itself, which a lazy sequence makes possible:
// `(def xs (lazy-seq (list xs)))`. Whoever walks on a stack of its own would go on until the memory of the host is full.
import { NESTING_MAX } from "../base/limits.ts";
import { raise } from "./errors.ts";
import type { Obj } from "./value.ts";

/** So deep nothing is noted: almost no value is deeper, and one inside of itself always is. */
const SHALLOW = 256;

export class Way {
  private readonly inside = new Set<Obj>();

  /** Goes into a value that is inside of `depth` others; raises `:limit` if it is one of them. */
  enter(value: Obj, depth: number): void {
    if (depth < SHALLOW) return;
    if (this.inside.has(value))
      raise("limit", "a value that holds itself has no end: it is not gone through as a whole");
    if (depth >= NESTING_MAX) raise("limit", `a value nested deeper than ${NESTING_MAX} levels is not gone through`);
    this.inside.add(value);
  }

  /** Comes back out of it. */
  leave(value: Obj, depth: number): void {
    if (depth >= SHALLOW) this.inside.delete(value);
  }
}
