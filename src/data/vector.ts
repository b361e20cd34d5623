// The persistent vector: a trie of 32-way nodes and a tail, after Clojure's.
//
// Two things are shared without copying. Nodes, by path copying. And the tail: it only ever grows, and a vector looks at no
// more of it than its count says, so the first `push` on a vector appends to the array it shares with its predecessor; a
// second push on the same vector finds the array longer than its own part and copies.
import { Kind, type MapValue, Obj, setKind, type Value } from "./value.ts";

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

/** An inner node (items are nodes) or a leaf (items are WIDTH values). `owner` may change it in place (S-13). */
class Node {
  constructor(
    readonly owner: object | null,
    readonly items: unknown[],
  ) {}
}

/** The length of a tail in one piece: growing it step by step leaves garbage behind. */
const BLANK: readonly Value[] = new Array<Value>(WIDTH).fill(null);

const EMPTY_ROOT = new Node(null, []);

function editable(node: Node, owner: object | undefined): Node {
  return node.owner === owner ? node : new Node(owner ?? null, node.items.slice());
}

/** A chain of nodes down to a leaf. */
function newPath(shift: number, leaf: Node, owner: object | undefined): Node {
  let node = leaf;
  for (let level = shift; level > 0; level -= BITS) node = new Node(owner ?? null, [node]);
  return node;
}

/**
 * An immutable vector. The optional last argument `owner` (S-13, `meter.owner`) lets `push`, `set` and `pop` change in place
 * what that token owns; use the answer, never the receiver, afterwards. Whoever starts to build begins with a fresh token,
 * and nobody else may hold a collection that its token can still change.
 */
export class Vector extends Obj {
  static readonly EMPTY: Vector = new Vector(0, BITS, EMPTY_ROOT, [], null, null, false);

  private constructor(
    public count: number,
    private shift: number,
    private root: Node,
    private tail: Value[],
    readonly meta: MapValue | null,
    private readonly owner: object | null,
    /** This vector has an owner and its tail is nobody else's: the owner may write into it. */
    private tailOwned: boolean,
  ) {
    super();
  }

  /** A vector of the array's elements; the array is copied. */
  static from(array: readonly Value[]): Vector {
    const count = array.length;
    if (count <= WIDTH) return Vector.adopt(array.slice());
    const tailStart = ((count - 1) >>> BITS) << BITS;
    let level: Node[] = [];
    for (let i = 0; i < tailStart; i += WIDTH) level.push(new Node(null, array.slice(i, i + WIDTH)));
    let shift = BITS;
    while (level.length > WIDTH) {
      const above: Node[] = [];
      for (let i = 0; i < level.length; i += WIDTH) above.push(new Node(null, level.slice(i, i + WIDTH)));
      level = above;
      shift += BITS;
    }
    return new Vector(count, shift, new Node(null, level), array.slice(tailStart), null, null, false);
  }

  /** A vector of these few values. */
  static of(...items: Value[]): Vector {
    return items.length <= WIDTH ? Vector.adopt(items) : Vector.from(items);
  }

  /** The vector of an entry: `[key value]`. */
  static pair(key: Value, value: Value): Vector {
    return new Vector(2, BITS, EMPTY_ROOT, [key, value], null, null, false);
  }

  /** Takes over an array of at most 32 elements. */
  private static adopt(items: Value[]): Vector {
    return items.length === 0 ? Vector.EMPTY : new Vector(items.length, BITS, EMPTY_ROOT, items, null, null, false);
  }

  /** Where the tail begins: everything below is in the trie. */
  private tailStart(): number {
    return this.count <= WIDTH ? 0 : ((this.count - 1) >>> BITS) << BITS;
  }

  /** The element at `index`, which must be an integer in 0..count-1. */
  get(index: number): Value {
    if (index >= this.tailStart()) return this.tail[index & MASK];
    return this.leaf(index)[index & MASK];
  }

  private leaf(index: number): Value[] {
    let items = this.root.items;
    for (let level = this.shift; level > 0; level -= BITS) items = (items[(index >>> level) & MASK] as Node).items;
    return items as Value[];
  }

  /**
   * The array that holds `index` (at `index & 31`) and its neighbours up to the next multiple of 32. To be read only, and
   * no further than `count`: the array may be longer.
   */
  chunk(index: number): readonly Value[] {
    return index >= this.tailStart() ? this.tail : this.leaf(index);
  }

  /** The vector with `value` at the end. */
  push(value: Value, owner?: object): Vector {
    const used = this.count - this.tailStart();
    if (owner !== undefined && this.owner === owner) return this.pushInPlace(value, used, owner);
    if (used === WIDTH) {
      const grown = this.copy(this.meta, owner);
      grown.sinkTail(owner);
      grown.tail = [value];
      grown.tailOwned = owner !== undefined;
      grown.count++;
      return grown;
    }
    const shareable = owner === undefined && !this.tailOwned && this.tail.length === used && used > 0;
    const tail = shareable ? this.tail : this.tail.slice(0, used);
    tail.push(value);
    return new Vector(this.count + 1, this.shift, this.root, tail, this.meta, owner ?? null, owner !== undefined);
  }

  private pushInPlace(value: Value, used: number, owner: object): Vector {
    if (used === WIDTH) {
      this.sinkTail(owner);
      this.tail = BLANK.slice();
      this.tailOwned = true;
    } else this.ownTail(used);
    // A tail may be longer than what is used of it; one of full length never grows again.
    this.tail[used & MASK] = value;
    this.count++;
    return this;
  }

  /** Makes the tail an array of this vector alone. */
  private ownTail(used: number): void {
    if (this.tailOwned) return;
    this.tail = this.tail.slice(0, used);
    this.tailOwned = this.owner !== null;
  }

  /** Moves the full tail into the trie of this vector, which nobody else has seen yet or which `owner` owns. */
  private sinkTail(owner: object | undefined): void {
    const leaf = new Node(this.tailOwned ? this.owner : null, this.tail);
    const index = this.count - WIDTH;
    if (index >>> BITS >= 1 << this.shift) {
      this.root = new Node(owner ?? null, [this.root, newPath(this.shift, leaf, owner)]);
      this.shift += BITS;
      return;
    }
    this.root = editable(this.root, owner);
    let node = this.root;
    for (let level = this.shift; ; level -= BITS) {
      const at = (index >>> level) & MASK;
      if (level === BITS || at === node.items.length) {
        node.items[at] = newPath(level - BITS, leaf, owner);
        return;
      }
      const child = editable(node.items[at] as Node, owner);
      node.items[at] = child;
      node = child;
    }
  }

  /** The vector with `value` at `index` in 0..count-1. */
  set(index: number, value: Value, owner?: object): Vector {
    const start = this.tailStart();
    const target = owner !== undefined && this.owner === owner ? this : this.copy(this.meta, owner);
    if (index >= start) {
      target.ownTail(this.count - start);
      target.tail[index & MASK] = value;
      return target;
    }
    target.root = editable(target.root, owner);
    let node = target.root;
    for (let level = this.shift; level > 0; level -= BITS) {
      const at = (index >>> level) & MASK;
      const child = editable(node.items[at] as Node, owner);
      node.items[at] = child;
      node = child;
    }
    node.items[index & MASK] = value;
    return target;
  }

  /** The vector without its last element; the vector must not be empty. */
  pop(owner?: object): Vector {
    if (this.count === 1) return this.meta === null ? Vector.EMPTY : Vector.EMPTY.withMeta(this.meta);
    const used = this.count - this.tailStart();
    const target = owner !== undefined && this.owner === owner ? this : this.copy(this.meta, owner);
    if (used === 1) {
      target.liftTail(owner);
      target.count--;
    } else {
      target.count--;
      if (target === this && target.tailOwned) target.tail.pop();
    }
    return target;
  }

  /** Makes the last leaf of the trie the tail. */
  private liftTail(owner: object | undefined): void {
    const index = this.count - 2;
    this.tail = this.leaf(index);
    this.tailOwned = false;
    this.root = editable(this.root, owner);
    let node = this.root;
    for (let level = this.shift; ; level -= BITS) {
      const at = (index >>> level) & MASK;
      // The leaf is the first below `node.items[at]` exactly when the rest of its index is zero: then the child goes.
      if (level === BITS || (index & ((1 << level) - 1)) >>> BITS === 0) {
        node.items.length = at;
        break;
      }
      const child = editable(node.items[at] as Node, owner);
      node.items[at] = child;
      node = child;
    }
    if (this.shift > BITS && this.root.items.length === 1) {
      this.root = this.root.items[0] as Node;
      this.shift -= BITS;
    }
  }

  private copy(meta: MapValue | null, owner?: object): Vector {
    const tail = this.tailOwned ? this.tail.slice() : this.tail;
    return new Vector(this.count, this.shift, this.root, tail, meta, owner ?? null, false);
  }

  /** The same elements with other metadata. */
  withMeta(meta: MapValue | null): Vector {
    return this.copy(meta);
  }

  /** All elements, in a new array. */
  toArray(): Value[] {
    if (this.count <= WIDTH) return this.tail.slice(0, this.count);
    return this.toArrayFrom(0);
  }

  /** The elements from `index` on, in a new array. */
  toArrayFrom(index: number): Value[] {
    const { count } = this;
    const array = new Array<Value>(count - index);
    let at = 0;
    for (let i = index; i < count; ) {
      const chunk = this.chunk(i);
      const end = Math.min(count, (i | MASK) + 1);
      for (; i < end; i++) array[at++] = chunk[i & MASK];
    }
    return array;
  }

  /** Calls `visit` for each element in order. */
  forEach(visit: (value: Value, index: number) => void): void {
    for (let i = 0; i < this.count; i += WIDTH) {
      const chunk = this.chunk(i);
      const end = Math.min(WIDTH, this.count - i);
      for (let j = 0; j < end; j++) visit(chunk[j], i + j);
    }
  }

  [Symbol.iterator](): IterableIterator<Value> {
    return this.toArray()[Symbol.iterator]();
  }
}
setKind(Vector, Kind.Vector);
