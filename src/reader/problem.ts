// What is wrong inside one token: found by the functions that read tokens, placed and reported by the reader.

import type { Code } from "../base/codes.ts";

/** A problem in a token. `from` and `to` count from the token's start; without them the whole token is meant. */
export class Problem {
  constructor(
    /** A code of the registry, `read/...`. */
    readonly code: Code,
    readonly message: string,
    /** What to do about it. */
    readonly hint: string | null = null,
    readonly from: number = 0,
    readonly to: number | null = null,
  ) {}

  /** The same problem when the text it was found in starts `by` further on in the token. */
  shifted(by: number): Problem {
    return new Problem(this.code, this.message, this.hint, this.from + by, this.to === null ? null : this.to + by);
  }
}
