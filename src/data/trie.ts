// The hash trie inside large maps and sets (S-13): from a key's hash to its sequence number.
//
// The keys themselves are elsewhere, in a vector by sequence number; what must be known of them is asked for. Each node maps five bits of the hash to a slot: a sequence number or a node. A node below the last level is a
// bucket: a plain list of the sequence numbers whose hashes are equal. The shape is a function of the set of hashes.
import type { Value } from "./value.ts";

const BITS = 5;
const MASK = 31;
/** The first shift at which no bit of the hash is left. */
const BOTTOM = 35;

/** A node of the trie; `owner` may change it in place. In a bucket `bitmap` is not used. */
export class TrieNode {
  constructor(
    readonly owner: object | null,
    public bitmap: number,
    readonly slots: (number | TrieNode)[],
  ) {}
}

/** The trie without keys. */
export const EMPTY_TRIE: TrieNode = new TrieNode(null, 0, []);

function ones(bits: number): number {
  let x = bits - ((bits >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function editable(node: TrieNode, owner: object | undefined): TrieNode {
  return node.owner === owner ? node : new TrieNode(owner ?? null, node.bitmap, node.slots.slice());
}

/**
 * What the trie holds for a hash: the only sequence number that may fit, the bucket of several, or -1. A number may belong
 * to a key of another hash: the caller compares keys.
 */
export function candidates(root: TrieNode, hash: number): number | readonly number[] {
  let node = root;
  for (let shift = 0; shift < BOTTOM; shift += BITS) {
    const bit = 1 << ((hash >>> shift) & MASK);
    if ((node.bitmap & bit) === 0) return -1;
    const slot = node.slots[ones(node.bitmap & (bit - 1))];
    if (typeof slot === "number") return slot;
    node = slot;
  }
  return node.slots as number[];
}

/** What the trie asks about the keys that are in already. */
export interface Keys {
  /** The hash of the key with this number. */
  hashAt(sequence: number): number;
  /** Is the key with this number, whose hash is the same, equal to this one? */
  isSame(sequence: number, key: Value): boolean;
}

/** The trie as one that `enter` may write into under this owner: itself, or a copy of its top. */
export function writable(root: TrieNode, owner: object | undefined): TrieNode {
  return editable(root, owner);
}

/**
 * Enters a key's sequence number into a writable trie, and answers -1; if the key is in already, nothing is entered, and its
 * number is the answer.
 */
export function enter(
  root: TrieNode,
  hash: number,
  key: Value,
  sequence: number,
  keys: Keys,
  owner: object | undefined,
): number {
  let node = root;
  for (let shift = 0; shift < BOTTOM; shift += BITS) {
    const bit = 1 << ((hash >>> shift) & MASK);
    const at = ones(node.bitmap & (bit - 1));
    if ((node.bitmap & bit) === 0) {
      node.bitmap |= bit;
      insertAt(node.slots, at, sequence);
      return -1;
    }
    const slot = node.slots[at];
    if (typeof slot === "number") {
      const other = keys.hashAt(slot);
      if (other === hash && keys.isSame(slot, key)) return slot;
      node.slots[at] = fork(shift + BITS, other, slot, hash, sequence, owner);
      return -1;
    }
    const child = editable(slot, owner);
    node.slots[at] = child;
    node = child;
  }
  const bucket = node.slots as number[];
  for (const other of bucket) if (keys.isSame(other, key)) return other;
  bucket.push(sequence);
  return -1;
}

function insertAt(slots: (number | TrieNode)[], at: number, item: number): void {
  slots.push(item);
  for (let i = slots.length - 1; i > at; i--) slots[i] = slots[i - 1];
  slots[at] = item;
}

/** A node that holds two sequence numbers: a path down to where their hashes differ, or to a bucket. */
function fork(from: number, hashA: number, a: number, hashB: number, b: number, owner: object | undefined): TrieNode {
  let end = from;
  while (end < BOTTOM && (((hashA ^ hashB) >>> end) & MASK) === 0) end += BITS;
  const o = owner ?? null;
  let node: TrieNode;
  if (end >= BOTTOM) node = new TrieNode(o, 0, [a, b]);
  else {
    const ia = (hashA >>> end) & MASK;
    const ib = (hashB >>> end) & MASK;
    node = new TrieNode(o, (1 << ia) | (1 << ib), ia < ib ? [a, b] : [b, a]);
  }
  for (let shift = Math.min(end, BOTTOM) - BITS; shift >= from; shift -= BITS) {
    node = new TrieNode(o, 1 << ((hashA >>> shift) & MASK), [node]);
  }
  return node;
}

/** Removes a sequence number that is there under this hash. */
export function remove(root: TrieNode, hash: number, sequence: number, owner: object | undefined): TrieNode {
  const path: TrieNode[] = [];
  let node = editable(root, owner);
  for (let shift = 0; ; shift += BITS) {
    path.push(node);
    const at = slotOf(node, shift, hash, sequence);
    const slot = node.slots[at];
    if (typeof slot === "number") {
      node.slots.splice(at, 1);
      if (shift < BOTTOM) node.bitmap &= ~(1 << ((hash >>> shift) & MASK));
      break;
    }
    const child = editable(slot, owner);
    node.slots[at] = child;
    node = child;
  }
  // A node left with a single number gives way to the number, so that the shape stays canonical.
  for (let depth = path.length - 1; depth > 0; depth--) {
    const { slots } = path[depth];
    if (slots.length !== 1 || typeof slots[0] !== "number") break;
    const parent = path[depth - 1];
    parent.slots[slotOf(parent, (depth - 1) * BITS, hash, sequence)] = slots[0];
  }
  return path[0];
}

function slotOf(node: TrieNode, shift: number, hash: number, sequence: number): number {
  if (shift >= BOTTOM) return node.slots.indexOf(sequence);
  return ones(node.bitmap & ((1 << ((hash >>> shift) & MASK)) - 1));
}
