// A cache of bounded size: what was used least recently goes first.

/** At most `max` values by key. */
export class Recent<V> {
  // A Map keeps the order of insertion; what is used is put in anew.
  readonly #values = new Map<string, V>();

  constructor(readonly max: number) {}

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.max) this.#values.delete(this.#values.keys().next().value!);
  }
}
