// Classes of values that must be equal: what keeps comparisons linear where parts are shared, exponentially often even.
import type { Obj } from "./value.ts";

/** How many pairs are compared before they are noted: small comparisons pay nothing. */
const NOTE_AFTER = 4096;

/**
 * The pairs of one comparison, all of which must be equal for the whole to be. A pair whose members are in one class already
 * needs no look: its equality follows from others. So of n objects at most n - 1 pairs are looked at.
 */
export class Classes {
  private steps = 0;
  private leaders: Map<Obj, Obj> | null = null;

  /** Puts two objects into one class; false if they are in one already. */
  join(a: Obj, b: Obj): boolean {
    if (++this.steps <= NOTE_AFTER) return true;
    this.leaders ??= new Map();
    const [x, y] = [this.leader(a), this.leader(b)];
    if (x === y) return false;
    this.leaders.set(x, y);
    return true;
  }

  private leader(member: Obj): Obj {
    const leaders = this.leaders as Map<Obj, Obj>;
    let at = member;
    for (let above = leaders.get(at); above !== undefined; above = leaders.get(at)) {
      // Halves the way for the next time.
      const further = leaders.get(above);
      if (further !== undefined) leaders.set(at, further);
      at = above;
    }
    return at;
  }
}
