// Liveness of slots over the blocks of one unit: what a frame must hold (see `live` in code.ts), and which locals need cells.
import type { Operand } from "../code/code.ts";
import { eachRead, eachWritten, successors } from "../code/grammar.ts";
import type { Draft } from "./draft.ts";

/** Sets of slots, one bit each. */
type Bits = Uint32Array;

function has(bits: Bits, slot: number): boolean {
  return (bits[slot >>> 5] & (1 << (slot & 31))) !== 0;
}

/** For each block, the slots whose value at its entry is read later; its result, which arrives there, is not among them. */
export class Liveness {
  private readonly live = new Map<number, Bits>();

  constructor(
    private readonly blocks: readonly Draft[],
    private readonly slots: number,
  ) {
    this.solve();
  }

  /** True when the block's frame must hold the slot because it is read later. */
  isLive(block: Draft, slot: number): boolean {
    const bits = this.live.get(block.id);
    return bits !== undefined && has(bits, slot);
  }

  private solve(): void {
    const words = (this.slots + 31) >>> 5;
    const sources = this.predecessors();
    for (const block of this.blocks) this.live.set(block.id, new Uint32Array(words));
    // Last first: most of what is live comes from behind.
    const queue = this.blocks.slice();
    const queued = new Set(queue);
    while (queue.length > 0) {
      const block = queue.pop()!;
      queued.delete(block);
      const before = this.before(block, words);
      const known = this.live.get(block.id)!;
      if (before.every((word, i) => word === known[i])) continue;
      this.live.set(block.id, before);
      for (const source of sources.get(block.id) ?? []) {
        if (queued.has(source)) continue;
        queued.add(source);
        queue.push(source);
      }
    }
  }

  private predecessors(): Map<number, Draft[]> {
    const sources = new Map<number, Draft[]>();
    for (const block of this.blocks) {
      for (const target of successors(block.end!)) {
        const list = sources.get(target);
        if (list === undefined) sources.set(target, [block]);
        else list.push(block);
      }
    }
    return sources;
  }

  /** What is live at the block's entry, given what is live at its successors' now. */
  private before(block: Draft, words: number): Bits {
    const bits = new Uint32Array(words);
    for (const target of successors(block.end!)) {
      const after = this.live.get(target);
      if (after !== undefined) for (let i = 0; i < words; i++) bits[i] |= after[i];
    }
    const read = (operand: Operand): void => {
      if (typeof operand === "number") bits[operand >>> 5] |= 1 << (operand & 31);
    };
    const written = (slot: number): void => {
      bits[slot >>> 5] &= ~(1 << (slot & 31));
    };
    eachWritten(block.end!, written);
    eachRead(block.end!, read);
    for (let i = block.ops.length - 1; i >= 0; i--) {
      eachWritten(block.ops[i], written);
      eachRead(block.ops[i], read);
    }
    if (block.result >= 0) written(block.result);
    return bits;
  }
}
