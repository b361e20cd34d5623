// A cache of bounded size: what has not been used for long goes first.

/**
 * At most `max` values by key. They live in two generations: what is used moves to the young one, and when that holds half of
 * `max`, the old one is dropped and the young one grows old. So whatever is among the last `max / 2` keys used is there, and
 * a hit costs one lookup.
 */
export class Recent<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(readonly max: number) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): V | undefined {
    const value = this.#young.get(key);
    if (value !== undefined) return value;
    const old = this.#old.get(key);
    if (old !== undefined) this.#keep(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.has(key)) this.#young.set(key, value);
    else this.#keep(key, value);
  }

  #keep(key: string, value: V): void {
    if (this.#young.size >= this.max >> 1) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#old.delete(key);
    this.#young.set(key, value);
  }
}
