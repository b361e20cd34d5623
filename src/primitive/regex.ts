// Regexes (S-25): searching by the matcher of our own, a bounded piece at a time.
//
// A search that takes long answers bytes, from which `regex-go-on` goes on: the loop around them is in the language
// (prelude/45-regex.fm), so it can be cut, stored and interrupted in the middle. The places of a match are a vector of
// UTF-16 offsets, begin and end of the whole and of each group (nil where one took no part); only primitives look into it.
// The price: one tick for 4 steps of the matcher, and one for 256 bytes that an unfinished match is stored as.
import { Bytes, Cell, Keyword, Regex, type Value } from "../data/value.ts";
import { PMap } from "../data/map.ts";
import { meter } from "../data/meter.ts";
import { countPoints, nextUnit, pointOfUnit } from "../data/strings.ts";
import { Vector } from "../data/vector.ts";
import { compileRegex } from "../regex/compile.ts";
import { splitFlags } from "../regex/flags.ts";
import { Failed, Matched, Matcher, StackFull, Unfinished } from "../regex/match.ts";
import { RegexProblem } from "../regex/problem.ts";
import type { Program } from "../regex/program.ts";
import { expandReplacement, quotePattern, quoteReplacement, ReplacementProblem } from "../regex/replacement.ts";
import { loadMatch, saveMatch, sizeOfMatch } from "../regex/state.ts";
import { chargeElements, chargeText, chargeTicks, needRoomForText } from "./charge.ts";
import { needCount, needString } from "./check.ts";
import { primitive, pureTest } from "./define.ts";
import type { Primitive } from "./primitive.ts";
import { refuse, wrongType } from "./raise.ts";

/** Steps of the matcher in one piece of work: about a millisecond. */
const STEPS = 1 << 16;
/** What is large is stored less often, at most so seldom. */
const STEPS_MAX = 1 << 21;
const STEPS_PER_TICK = 4;

const programs = new WeakMap<Regex, Program>();

/** The program of a regex, compiled when it is first used. */
function programOf(fn: string, regex: Regex): Program {
  let program = programs.get(regex);
  if (program === undefined) {
    program = compiled(fn, regex);
    programs.set(regex, program);
  }
  return program;
}

function compiled(fn: string, { source, flags }: Regex): Program {
  try {
    return compileRegex(source, flags);
  } catch (problem) {
    if (!(problem instanceof RegexProblem)) throw problem;
    const [at, to] = [problem.from, problem.to].map((unit) => countPoints(source.slice(0, unit)));
    return refuse("regex/syntax", fn, `${problem.message} (at character ${at + 1} of the regex)`, {
      regex: source,
      at,
      to,
      hint: problem.hint,
    });
  }
}

/** Which argument of a function is which: the functions of flow.core take the regex first, those of flow.string the text. */
const regexFirst = (fn: string) => fn.startsWith("re-");

function needRegex(fn: string, value: Value): Regex {
  if (value instanceof Regex) return value;
  const takes = typeof value === "string" ? 'a regex such as #"a+" (re-pattern makes one of a string)' : "a regex";
  return wrongType(fn, takes, regexFirst(fn) ? 1 : 2, value);
}

/** `re-pattern`: a regex of a text, which may begin with flags; a regex is itself. */
function makeRegex(value: Value): Value {
  if (value instanceof Regex) return value;
  const text = needString("re-pattern", 1, value);
  chargeText(text.length);
  const { source, flags } = splitFlags(text);
  const regex = new Regex(source, flags);
  chargeElements(programOf("re-pattern", regex).code.length);
  return regex;
}

/** An offset in a text. */
function needPlace(fn: string, value: Value, text: string): number {
  const place = needCount(fn, 3, value);
  return place >= 0 && place <= text.length ? place : refuse("range", fn, "there is no such place in the text");
}

function find(name: Value, regex: Value, s: Value, from: Value, origin: Value, whole: Value): Value {
  const fn = needString("regex-find", 1, name);
  const program = programOf(fn, needRegex(fn, regex));
  const text = needText(fn, s);
  const match = new Matcher(program, text, needPlace(fn, from, text), whole === true, needPlace(fn, origin, text));
  return advance(fn, match, STEPS);
}

function needText(fn: string, value: Value): string {
  return typeof value === "string" ? value : wrongType(fn, "a string to search", regexFirst(fn) ? 2 : 1, value);
}

/** Raises unless it is given a regex and a text to search. */
function check(name: Value, regex: Value, s: Value): Value {
  const fn = needString("regex-check", 1, name);
  programOf(fn, needRegex(fn, regex));
  needText(fn, s);
  return null;
}

/** The unfinished match of this process that was answered last, so that it need not be read from its bytes. Never state. */
let latest: { readonly bytes: Bytes; readonly match: Matcher } | null = null;

/** Goes on with an unfinished match. */
function goOn(name: Value, regex: Value, s: Value, state: Value): Value {
  const fn = needString("regex-go-on", 1, name);
  const program = programOf(fn, needRegex(fn, regex));
  const text = needText(fn, s);
  if (!(state instanceof Bytes)) return wrongType("regex-go-on", "an unfinished match", 4, state);
  const known = latest?.bytes === state && latest.match.program === program && latest.match.text === text;
  const match = known ? latest!.match : loadMatch(program, text, state.data);
  latest = null;
  if (match === null) return wrongType("regex-go-on", "an unfinished match of this regex in this text", 4, state);
  return advance(fn, match, Math.min(STEPS_MAX, Math.max(STEPS, sizeOfMatch(match))));
}

/** Runs a match for a while: its places, nil, or the bytes to go on with. */
function advance(fn: string, match: Matcher, steps: number): Value {
  const result = match.run(steps);
  chargeTicks(match.made / STEPS_PER_TICK);
  if (result === Matched) return placesOf(match);
  if (result === Failed) return null;
  if (result === Unfinished) {
    const data = saveMatch(match);
    chargeText(data.length);
    const bytes = new Bytes(data);
    latest = { bytes, match };
    return bytes;
  }
  const what = result === StackFull ? "has too many ways open at once" : "has come to too many different states";
  return refuse("limit", fn, `the matcher ${what} for this regex and text; possessive quantifiers (a*+) keep fewer`);
}

function placesOf({ program, registers }: Matcher): Vector {
  const places: Value[] = [];
  for (let group = 0; group <= program.groups; group++) {
    const [from, to] = [registers[2 * group], registers[2 * group + 1]];
    if (to < 0) places.push(null, null);
    else places.push(from, to);
  }
  chargeElements(places.length);
  return Vector.from(places);
}

/** What a group took, or null. */
function groupText(text: string, places: Vector, group: number): string | null {
  const [from, to] = [places.get(2 * group), places.get(2 * group + 1)];
  return typeof from === "number" && typeof to === "number" ? text.slice(from, to) : null;
}

function needPlaces(fn: string, value: Value): Vector {
  if (value instanceof Vector && value.count >= 2 && value.count % 2 === 0) return value;
  if (value === null) return refuse("regex/no-match", fn, "there is no match: nothing was found last");
  return wrongType(fn, "the places of a match", 3, value);
}

/** What Clojure answers for a match: its text, or a vector of that and of what each group took. */
function groups(name: Value, s: Value, places: Value): Value {
  const fn = needString("regex-groups", 1, name);
  const text = needText(fn, s);
  const found = needPlaces(fn, places);
  chargeElements(found.count);
  if (found.count === 2) return groupText(text, found, 0);
  return Vector.from(Array.from({ length: found.count / 2 }, (_, group) => groupText(text, found, group)));
}

/** The named groups as a map. */
function named(name: Value, regex: Value, s: Value, places: Value): Value {
  const fn = needString("regex-named", 1, name);
  const { names } = programOf(fn, needRegex(fn, regex));
  const text = needText(fn, s);
  const found = needPlaces(fn, places);
  chargeElements(names.size);
  return PMap.from(
    [...names].map(([group, index]): [Value, Value] => [Keyword.of(group), groupText(text, found, index)]),
  );
}

/** Begin and end of a group, given by number or name, in code points; nil if it took no part. */
function span(name: Value, regex: Value, s: Value, places: Value, group: Value): Value {
  const fn = needString("regex-span", 1, name);
  const { names, groups: count } = programOf(fn, needRegex(fn, regex));
  const text = needText(fn, s);
  const found = needPlaces(fn, places);
  const word = group instanceof Keyword ? group.text : typeof group === "string" ? group : null;
  const index = word === null ? needCount(fn, 2, group) : (names.get(word) ?? -1);
  if (index < 0 || index > count)
    return refuse("index", fn, `the regex has no group ${word ?? String(index)}`, { group });
  const [from, to] = [found.get(2 * index), found.get(2 * index + 1)];
  if (typeof from !== "number" || typeof to !== "number") return null;
  chargeText(text.length);
  const [begin, end] = [from, to].map((unit) => pointOfUnit(text, Math.min(Math.max(unit, 0), text.length)));
  return Vector.of(begin, end);
}

/** Where the search for the next match begins: behind this one, and behind a character more if it took nothing; nil at the end. */
function next(s: Value, places: Value): Value {
  const text = needText("regex-next", s);
  const found = needPlaces("regex-next", places);
  const [from, to] = [found.get(0), found.get(1)];
  if (typeof from !== "number" || typeof to !== "number") return null;
  if (to > from) return to;
  return to < text.length ? nextUnit(text, to) : null;
}

/** The text between two places; nil stands for the end. */
function slice(s: Value, from: Value, to: Value): Value {
  const text = needText("regex-slice", s);
  const begin = needPlace("regex-slice", from, text);
  return text.slice(begin, to === null ? text.length : needPlace("regex-slice", to, text));
}

/** A replacement text with what its references took. */
function expand(name: Value, replacement: Value, regex: Value, s: Value, places: Value): Value {
  const fn = needString("regex-expand", 1, name);
  const by = needString(fn, 3, replacement);
  const program = programOf(fn, needRegex(fn, regex));
  const text = needText(fn, s);
  const found = needPlaces(fn, places);
  let size = by.length;
  try {
    const expanded = expandReplacement(by, program, (group) => {
      const taken = groupText(text, found, group);
      size += taken?.length ?? 0;
      // Refused before it is put together; what is made is charged in the end.
      if (size > meter.stringLengthMax) needRoomForText(fn, size);
      return taken;
    });
    chargeText(size);
    return expanded;
  } catch (problem) {
    if (!(problem instanceof ReplacementProblem)) throw problem;
    return refuse("regex/replacement", fn, problem.message, { replacement: by });
  }
}

function quote(fn: string, how: (text: string) => string): (value: Value) => Value {
  return (value) => {
    const text = needString(fn, 1, value);
    needRoomForText(fn, 2 * text.length);
    return how(text);
  };
}

export const regex: readonly Primitive[] = [
  primitive("regex-new", 1, 1, makeRegex),
  primitive("regex-check", 3, 3, check),
  primitive("regex-find", 6, 6, find),
  primitive("regex-go-on", 4, 4, goOn),
  primitive("regex-groups", 3, 3, groups),
  primitive("regex-named", 4, 4, named),
  primitive("regex-span", 5, 5, span),
  primitive("regex-next", 2, 2, next),
  primitive("regex-slice", 3, 3, slice),
  primitive("regex-expand", 5, 5, expand),
  primitive("regex-quote", 1, 1, quote("re-quote", quotePattern)),
  primitive("regex-quote-replacement", 1, 1, quote("re-quote-replacement", quoteReplacement)),
  pureTest("matcher?", (value) => value instanceof Cell && value.type === "matcher"),
];
