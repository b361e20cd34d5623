// Runs patterns, straight or in small pieces with a store and load between any two.
import { compileRegex } from "../../src/regex/compile.ts";
import { splitFlags } from "../../src/regex/flags.ts";
import { Failed, Matched, Matcher, Unfinished } from "../../src/regex/match.ts";
import { RegexProblem } from "../../src/regex/problem.ts";
import type { Program } from "../../src/regex/program.ts";
import { loadMatch, saveMatch } from "../../src/regex/state.ts";

/** Begin and end of each group; null for one that took no part. */
export type Spans = readonly (readonly [number, number] | null)[];

export interface Options {
  readonly from?: number;
  readonly origin?: number;
  readonly whole?: boolean;
  /** Steps in each piece. */
  readonly budget?: number;
  /** Makes marks from the first step on. */
  readonly marking?: boolean;
  /** Stores and loads the match between any two pieces. */
  readonly stored?: boolean;
}

export interface Found {
  readonly spans: Spans | null;
  readonly steps: number;
}

/** Compiles a pattern as it is written, flags in front. */
export function compile(written: string): Program {
  const { source, flags } = splitFlags(written);
  return compileRegex(source, flags);
}

export function spansOf({ program, registers }: Matcher): Spans {
  return Array.from({ length: program.groups + 1 }, (_, group) => {
    const [from, to] = [registers[2 * group], registers[2 * group + 1]];
    return to < 0 ? null : [from, to];
  });
}

/** Runs one search to its end. */
export function run(program: Program, text: string, options: Options = {}): Found {
  const { from = 0, origin = from, whole = false, budget = 1 << 20 } = options;
  let match = new Matcher(program, text, from, whole, origin);
  match.marking = options.marking === true;
  for (;;) {
    const result = match.run(budget);
    if (result === Matched) return { spans: spansOf(match), steps: match.steps };
    if (result === Failed) return { spans: null, steps: match.steps };
    if (result !== Unfinished) throw new Error(`the match ended with ${result}`);
    if (options.stored !== true) continue;
    const loaded = loadMatch(program, text, saveMatch(match));
    if (loaded === null) throw new Error("what was saved does not load");
    match = loaded;
  }
}

/** What the groups took, or null. */
export function texts(written: string, text: string, options: Options = {}): readonly (string | null)[] | null {
  const { spans } = run(compile(written), text, options);
  return spans === null ? null : spans.map((span) => (span === null ? null : text.slice(...span)));
}

/** All matches, one after the other, at most `most`. */
export function all(program: Program, text: string, most = Infinity, options: Options = {}): Spans[] {
  const found: Spans[] = [];
  let origin = 0;
  for (let at = 0; at <= text.length && found.length < most; ) {
    const { spans } = run(program, text, { ...options, from: at, origin });
    if (spans === null) break;
    found.push(spans);
    const [from, to] = spans[0]!;
    origin = to;
    at = to > from ? to : to + (text.codePointAt(to)! > 0xffff ? 2 : 1);
  }
  return found;
}

/** What is wrong with a pattern, as `from-to message`; or null. */
export function problem(
  written: string,
): { readonly at: string; readonly message: string; readonly hint: string | null } | null {
  try {
    compile(written);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof RegexProblem)) throw thrown;
    const { from, to, message, hint } = thrown;
    return { at: `${from}-${to}`, message, hint };
  }
}
