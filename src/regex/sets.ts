// The named sets of code points: \d \w \s and their like, POSIX classes, properties of Unicode.
//
// Sources: the class comment of java.util.regex.Pattern (JDK 25) for Clojure's dialect, the documentation of `re` and
// `str.isalnum` (3.13) for Python's, UTS 18 annex C for what POSIX classes are under the flag U.
import { asciiLower } from "../base/text.ts";
import { complement, intersection, NOTHING, POINT_MAX, type Ranges, rangesOf, union } from "../data/unicode/ranges.ts";
import { categorySet, closeUnderFolding, propertySet, scriptSet } from "../data/unicode/properties.ts";
import type { Dialect, Flags } from "./flags.ts";
import type { Fold, Lines } from "./syntax.ts";

/** The set of the characters of a text and of ranges such as `a-z`, written one after the other. */
function characters(text: string): Ranges {
  const points = Array.from(text, (char) => char.codePointAt(0) as number);
  return rangesOf(points.map((point) => [point, point]));
}

const range = (low: string | number, high: string | number): Ranges =>
  [low, high].map((end) => (typeof end === "number" ? end : end.charCodeAt(0)));

const not = complement;
const any = (...sets: readonly Ranges[]) => sets.reduce(union, NOTHING);
const category = (...names: readonly string[]) => any(...names.map((name) => categorySet(name) as Ranges));

const DIGIT = range("0", "9");
const LOWER = range("a", "z");
const UPPER = range("A", "Z");
const ALPHA = any(LOWER, UPPER);
const ALNUM = any(ALPHA, DIGIT);
const PUNCT = characters("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
const BLANK = characters(" \t");
const SPACE = any(range(0x09, 0x0d), characters(" "));
const HEX = any(DIGIT, range("a", "f"), range("A", "F"));
const HORIZONTAL = any(BLANK, characters("\xa0\u1680\u180e\u202f\u205f\u3000"), range(0x2000, 0x200a));
const VERTICAL = any(range(0x0a, 0x0d), characters("\x85\u2028\u2029"));
const JOIN_CONTROL = characters("\u200c\u200d");
/** What separates for `str.isspace` besides white space. */
const SEPARATORS = range(0x1c, 0x1f);

/** Word characters of the ASCII range. */
export const ASCII_WORD: Ranges = any(ALNUM, characters("_"));

const whiteSpace = () => propertySet("White_Space");
const hexDigits = () => any(HEX, ...[range(0xff10, 0xff19), range(0xff21, 0xff26), range(0xff41, 0xff46)]);

/** What \w takes. */
export function wordSet(flags: Flags, dialect: Dialect): Ranges {
  if (!flags.unicodeClasses) return ASCII_WORD;
  if (dialect === "python") return any(category("L", "N"), characters("_"));
  return any(propertySet("Alphabetic"), category("M", "Nd", "Pc"), JOIN_CONTROL);
}

/** What \s takes. */
function spaceSet(flags: Flags, dialect: Dialect): Ranges {
  if (!flags.unicodeClasses) return SPACE;
  return dialect === "python" ? any(whiteSpace(), SEPARATORS) : whiteSpace();
}

/** The set behind a backslash and a letter, or null: `d D w W s S`, in Clojure's dialect also `h H v V`. */
export function escapedSet(letter: string, flags: Flags, dialect: Dialect): Ranges | null {
  const small = asciiLower(letter);
  let set: Ranges;
  if (small === "d") set = flags.unicodeClasses ? category("Nd") : DIGIT;
  else if (small === "w") set = wordSet(flags, dialect);
  else if (small === "s") set = spaceSet(flags, dialect);
  else if (small === "h" && dialect === "clojure") set = HORIZONTAL;
  else if (small === "v" && dialect === "clojure") set = VERTICAL;
  else return null;
  return small === letter ? set : not(set);
}

/** What the dot takes. */
export function dotSet(flags: Flags, lines: Lines): Ranges {
  if (flags.dotAll) return [0, POINT_MAX];
  return not(lines === "all" ? characters("\n\r\x85\u2028\u2029") : characters("\n"));
}

/** What \R takes besides \r\n. */
export const LINE_BREAKS: Ranges = VERTICAL;

const POSIX: Readonly<Record<string, Ranges>> = {
  ASCII: range(0, 0x7f),
  Alnum: ALNUM,
  Alpha: ALPHA,
  Blank: BLANK,
  Cntrl: any(range(0, 0x1f), range(0x7f, 0x7f)),
  Digit: DIGIT,
  Graph: range(0x21, 0x7e),
  Lower: LOWER,
  Print: range(0x20, 0x7e),
  Punct: PUNCT,
  Space: SPACE,
  Upper: UPPER,
  XDigit: HEX,
};

const graphic = () => not(any(whiteSpace(), category("Cc", "Cs", "Cn")));
const unicodeBlank = () => intersection(whiteSpace(), not(any(category("Zl", "Zp"), range(0x0a, 0x0d), [0x85, 0x85])));

/** POSIX classes under the flag U. */
const UNICODE_POSIX: Readonly<Record<string, () => Ranges>> = {
  Alnum: () => any(propertySet("Alphabetic"), category("Nd")),
  Alpha: () => propertySet("Alphabetic"),
  Blank: unicodeBlank,
  Cntrl: () => category("Cc"),
  Digit: () => category("Nd"),
  Graph: graphic,
  Lower: () => propertySet("Lowercase"),
  Print: () => intersection(any(graphic(), unicodeBlank()), not(category("Cc"))),
  Punct: () => category("P"),
  Space: whiteSpace,
  Upper: () => propertySet("Uppercase"),
  XDigit: () => any(category("Nd"), hexDigits()),
};

/** Names that, where case does not count, mean the letters of either case. */
const CASED: Readonly<Record<string, () => Ranges>> = {
  Lu: () => category("LC"),
  Ll: () => category("LC"),
  Lt: () => category("LC"),
  lowercase: anyCase,
  uppercase: anyCase,
  titlecase: anyCase,
};

function anyCase(): Ranges {
  return any(propertySet("Lowercase"), propertySet("Uppercase"), category("Lt"));
}

/** Properties by their names in small letters, without underscores. */
const PROPERTIES: Readonly<Record<string, () => Ranges>> = {
  alphabetic: () => propertySet("Alphabetic"),
  assigned: () => not(category("Cn")),
  control: () => category("Cc"),
  digit: () => category("Nd"),
  emoji: () => propertySet("Emoji"),
  emojicomponent: () => propertySet("Emoji_Component"),
  emojimodifier: () => propertySet("Emoji_Modifier"),
  emojimodifierbase: () => propertySet("Emoji_Modifier_Base"),
  emojipresentation: () => propertySet("Emoji_Presentation"),
  extendedpictographic: () => propertySet("Extended_Pictographic"),
  hexdigit: hexDigits,
  ideographic: () => propertySet("Ideographic"),
  joincontrol: () => JOIN_CONTROL,
  letter: () => category("L"),
  lowercase: () => propertySet("Lowercase"),
  noncharactercodepoint: nonCharacters,
  punctuation: () => category("P"),
  titlecase: () => category("Lt"),
  uppercase: () => propertySet("Uppercase"),
  whitespace: whiteSpace,
};

function nonCharacters(): Ranges {
  const ends = Array.from({ length: 17 }, (_, plane): [number, number] => [
    plane * 0x10000 + 0xfffe,
    plane * 0x10000 + 0xffff,
  ]);
  return rangesOf([[0xfdd0, 0xfdef], ...ends]);
}

/** Categories beside those of Unicode. */
const CATEGORIES: Readonly<Record<string, () => Ranges>> = {
  LD: () => category("L", "Nd"),
  L1: () => range(0, 0xff),
  all: () => [0, POINT_MAX],
  ALL: () => [0, POINT_MAX],
};

function generalCategory(name: string, flags: Flags): Ranges | null {
  const cased = name.length === 2 ? casedSet(name, flags) : null;
  return cased ?? (Object.hasOwn(CATEGORIES, name) ? CATEGORIES[name]() : categorySet(name));
}

/** The set of `\p{name}`, or null: a category (`Lu`), a POSIX class (`Alpha`), `IsLatin`, `IsAlphabetic`, `script=Latin`, `gc=Lu`. */
export function namedSet(name: string, flags: Flags): Ranges | null {
  const [, property, value] = /^(\w+)=(.*)$/s.exec(name) ?? [];
  if (property !== undefined && value !== undefined) {
    const kind = asciiLower(property);
    if (kind === "sc" || kind === "script") return scriptSet(asciiLower(value));
    if (kind === "gc" || kind === "general_category") return generalCategory(value, flags);
    return null;
  }
  if (name.startsWith("Is")) return propertyOrScript(name.slice(2), flags);
  if (flags.ignoreCase && (name === "Lower" || name === "Upper")) return flags.unicodeClasses ? anyCase() : ALPHA;
  if (flags.unicodeClasses && Object.hasOwn(UNICODE_POSIX, name)) return UNICODE_POSIX[name]();
  return Object.hasOwn(POSIX, name) ? POSIX[name] : generalCategory(name, flags);
}

function casedSet(name: string, flags: Flags): Ranges | null {
  return flags.ignoreCase && Object.hasOwn(CASED, name) ? CASED[name]() : null;
}

function propertyOrScript(name: string, flags: Flags): Ranges | null {
  const plain = asciiLower(name).replaceAll("_", "");
  if (Object.hasOwn(PROPERTIES, plain)) return casedSet(plain, flags) ?? PROPERTIES[plain]();
  return generalCategory(name, flags) ?? scriptSet(asciiLower(name));
}

/** Names to offer where one is unknown. */
export function knownNames(): readonly string[] {
  const categories = "L Lu Ll Lt Lm Lo M N Nd P S Z C".split(" ");
  return [...Object.keys(POSIX), ...categories, "IsAlphabetic", "IsLatin", "IsGreek", "IsHan", "IsEmoji"];
}

/** The set with everything that differs by case alone from what is in it. */
export function withCases(set: Ranges, fold: Fold): Ranges {
  if (fold === "none") return set;
  if (fold === "unicode") return closeUnderFolding(set);
  const shifted = (within: Ranges, by: number) => intersection(set, within).map((end) => end + by);
  return any(set, shifted(UPPER, 32), shifted(LOWER, -32));
}
