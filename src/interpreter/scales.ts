// When to weigh a program that is being evaluated, and whether it is too heavy (weight.ts).
//
// Weighing walks over the whole state, so it is done only when the heap of all programs has grown by half of what one may take, and never
// for more than a third of the time. What grows slowly is found by the length of its snapshots.
import type { Clock } from "../base/clock.ts";
import { weightOf } from "./weight.ts";

/** Time between two weighings, in times of the last one. */
const REST = 2;

export class Scales {
  private lightest = Number.POSITIVE_INFINITY;
  private notBefore = Number.NEGATIVE_INFINITY;

  constructor(
    /** Bytes. */
    readonly most: number,
    private readonly heapUsed: () => number,
    private readonly clock: Pick<Clock, "monotonic">,
  ) {}

  /** Whether a state takes more than it may; often without looking. */
  isHeavy(state: object): boolean {
    const used = this.heapUsed();
    this.lightest = Math.min(this.lightest, used);
    if (used - this.lightest < this.most / 2) return false;
    const began = this.clock.monotonic();
    if (began < this.notBefore) return false;
    const weight = weightOf(state, this.most);
    this.lightest = used;
    const now = this.clock.monotonic();
    this.notBefore = now + REST * (now - began);
    return weight > this.most;
  }
}
