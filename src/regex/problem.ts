// What is wrong with a pattern: found by the parser, placed in a source by the reader, raised by `re-pattern`.

/** A problem in a pattern; `from` and `to` are offsets in it, in UTF-16 units. */
export class RegexProblem extends Error {
  constructor(
    message: string,
    readonly from: number,
    readonly to: number,
    /** What to do about it. */
    readonly hint: string | null = null,
  ) {
    super(message);
    this.name = "RegexProblem";
  }
}
