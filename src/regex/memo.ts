// What the matcher remembers: at which places of the program and the text it has been, so that it goes no way twice.
//
// One bit for each place of the program and of the text, in pages that are made when they are first written. What a
// reference takes depends on what its group took: there the places are told apart by that as well (`context`).

/** Bits of a page. */
const PAGE_BITS = 1024;
export const PAGE_WORDS = PAGE_BITS / 32;
/** Words of all pages: 16 MiB. */
export const MEMO_WORDS_MAX = 1 << 22;

export class Memo {
  /** Page after page. */
  words = new Int32Array(0);
  /** The key of each page, in the order they were made. */
  keys: number[] = [];
  /** What stood in the registers that count, and its number; the number 0 is for none. */
  readonly contexts = new Map<string, number>();
  private readonly pages = new Map<number, number>();
  /** Bits set since a body began whose outcome is open: they are taken back if it matches. */
  readonly log: number[] = [];
  private lastKey = -1;
  private lastPage = -1;

  constructor(
    /** Pages for each memo number. */
    private readonly stride: number,
  ) {}

  /** The number of what stands in registers, written as a text. */
  context(text: string): number {
    let number = this.contexts.get(text);
    if (number === undefined) {
      number = this.contexts.size + 1;
      this.contexts.set(text, number);
    }
    return number;
  }

  /** True if this was visited before. */
  has(number: number, at: number): boolean {
    const page = this.pages.get(number * this.stride + Math.floor(at / PAGE_BITS));
    if (page === undefined) return false;
    const bit = at % PAGE_BITS;
    return (this.words[page * PAGE_WORDS + (bit >>> 5)] & (1 << (bit & 31))) !== 0;
  }

  /** True if this was visited before; from now on it has been. `logged`: it can be taken back. */
  visit(number: number, at: number, logged: boolean): boolean {
    const key = number * this.stride + Math.floor(at / PAGE_BITS);
    if (key !== this.lastKey) {
      this.lastPage = this.pages.get(key) ?? this.newPage(key);
      this.lastKey = key;
    }
    const bit = at % PAGE_BITS;
    const word = this.lastPage * PAGE_WORDS + (bit >>> 5);
    const mask = 1 << (bit & 31);
    if ((this.words[word] & mask) !== 0) return true;
    this.words[word] |= mask;
    if (logged) this.log.push(word * 32 + (bit & 31));
    return false;
  }

  /** Takes back what was set since the log had this length. */
  forget(length: number): void {
    for (let i = length; i < this.log.length; i++) this.words[this.log[i] >>> 5] &= ~(1 << (this.log[i] & 31));
    this.log.length = length;
  }

  /** What was set since the log had this length stays. */
  keep(length: number): void {
    this.log.length = length;
  }

  /** There is room for another page. */
  get hasRoom(): boolean {
    return this.keys.length * PAGE_WORDS < MEMO_WORDS_MAX && this.contexts.size < MEMO_WORDS_MAX / PAGE_WORDS;
  }

  private newPage(key: number): number {
    const page = this.keys.push(key) - 1;
    const needed = this.keys.length * PAGE_WORDS;
    if (needed > this.words.length) {
      const grown = new Int32Array(Math.max(2 * this.words.length, needed, 4 * PAGE_WORDS));
      grown.set(this.words);
      this.words = grown;
    }
    this.pages.set(key, page);
    return page;
  }

  /** The words in use. */
  used(): Int32Array {
    return this.words.subarray(0, this.keys.length * PAGE_WORDS);
  }

  /** Goes on with pages that were stored. */
  restore(keys: readonly number[], words: Int32Array, contexts: readonly string[], log: Iterable<number>): void {
    this.words = Int32Array.from(words);
    for (const key of keys) this.pages.set(key, this.keys.push(key) - 1);
    for (const text of contexts) this.context(text);
    for (const bit of log) this.log.push(bit);
  }
}

/** Pages of one memo number for a text of this length. */
export function pagesFor(length: number): number {
  return Math.floor(length / PAGE_BITS) + 1;
}
