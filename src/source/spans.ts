// Where forms stand in the text they were read from: a table beside the values, so that a value never carries a place.
import type { Span } from "./span.ts";

interface Entry extends Span {
  /** from, to of each item, where the items were placed. */
  items: number[] | null;
}

/**
 * Spans by form. A form that is an object (a collection, a symbol) has its own; an atom, which has no identity, is found by
 * the form that holds it and its index in there. In a map the key of entry i is item 2i, its value item 2i + 1.
 */
export class Spans {
  private readonly entries = new WeakMap<object, Entry>();

  /** Places a form. */
  set(form: object, from: number, to: number): void {
    this.entries.set(form, { from, to, items: null });
  }

  /** Places a form and all its items: `places` is from, to, from, to... and is kept. */
  setItems(form: object, from: number, to: number, places: number[]): void {
    this.entries.set(form, { from, to, items: places });
  }

  /** Places one item of a form that has been placed. */
  setChild(parent: object, index: number, from: number, to: number): void {
    const entry = this.entries.get(parent);
    if (entry === undefined) return;
    entry.items ??= [];
    // Items in between that nobody placed are marked with -1.
    for (let i = entry.items.length; i < 2 * index; i++) entry.items.push(-1);
    entry.items[2 * index] = from;
    entry.items[2 * index + 1] = to;
  }

  /** Where a form stands, if that is known. */
  get(form: unknown): Span | undefined {
    return typeof form === "object" && form !== null ? this.entries.get(form) : undefined;
  }

  /** Where the item at an index of a form stands, if that is known. */
  child(parent: object, index: number): Span | undefined {
    const items = this.entries.get(parent)?.items;
    const from = items?.[2 * index];
    return items == null || from === undefined || from < 0 ? undefined : { from, to: items[2 * index + 1] };
  }

  /** A form made from another one, by a macro for example, stands where that one stands, unless it has a place. */
  inherit(form: object, origin: object): void {
    const entry = this.entries.get(origin);
    if (entry !== undefined && !this.entries.has(form)) this.entries.set(form, { ...entry, items: null });
  }
}
