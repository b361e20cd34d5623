// What the tables of Unicode say: the sets of code points behind names of properties, and which letters differ by case alone.
//
// Tables are decoded when something in them is first asked for.
import { asciiLower } from "../../base/text.ts";
import { difference, includes, NOTHING, type Ranges, rangesOf, union } from "./ranges.ts";
import { pairsOfRuns } from "./runs.ts";
import { CATEGORIES, CATEGORY_RUNS, FOLDING, PROPERTY_RUNS, SCRIPT_RUNS, SCRIPTS } from "./property-tables.ts";

/** The runs of a table as ranges for each value; a value is written with `width` signs. */
function decode(text: string, width: number): Map<string, Ranges> {
  const pairs = new Map<string, number[]>();
  let point = 0;
  for (let at = 0; at < text.length; ) {
    const value = text.slice(at, at + width);
    at += width;
    let length = 0;
    for (; isDigit(text.charCodeAt(at)); at++) length = length * 36 + digit(text.charCodeAt(at));
    const end = point + (length || 1);
    const list = pairs.get(value);
    if (list === undefined) pairs.set(value, [point, end - 1]);
    else list.push(point, end - 1);
    point = end;
  }
  return pairs;
}

/** 0 to 9 and a to z. */
const isDigit = (code: number) => (code >= 0x30 && code <= 0x39) || code >= 0x61;
const digit = (code: number) => (code < 0x61 ? code - 0x30 : code - 0x57);

const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ*+-/";

let categories: ReadonlyMap<string, Ranges> | null = null;

function categoryMap(): ReadonlyMap<string, Ranges> {
  if (categories !== null) return categories;
  const decoded = decode(CATEGORY_RUNS, 1);
  categories = new Map(CATEGORIES.split(" ").map((name, i) => [name, decoded.get(SIGNS[i]) ?? NOTHING]));
  return categories;
}

/** The code points of a general category (`Lu`), of a group of them (`L`, `LC` for cased letters), or null. */
export function categorySet(name: string): Ranges | null {
  if (name === "LC") return anyOf(["Lu", "Ll", "Lt"]);
  const all = categoryMap();
  if (name.length === 1) {
    const members = [...all.keys()].filter((one) => one.startsWith(name));
    return members.length === 0 ? null : anyOf(members);
  }
  return all.get(name) ?? null;
}

function anyOf(names: readonly string[]): Ranges {
  return names.reduce<Ranges>((sum, name) => union(sum, categoryMap().get(name) ?? NOTHING), NOTHING);
}

let scripts: ReadonlyMap<string, Ranges> | null = null;

/** The code points of a script by its long or short name (`Latin`, `Latn`), in small letters; or null. */
export function scriptSet(name: string): Ranges | null {
  scripts ??= decodeScripts();
  return scripts.get(name) ?? null;
}

function decodeScripts(): ReadonlyMap<string, Ranges> {
  const decoded = decode(SCRIPT_RUNS, 2);
  const names = [...SCRIPTS.split(" "), "Unknown/Zzzz"];
  return new Map(
    names.flatMap((pair, i) => {
      const set = decoded.get(SIGNS[Math.floor(i / 26)] + SIGNS[i % 26]) ?? NOTHING;
      return pair.split("/").map((name): [string, Ranges] => [asciiLower(name), set]);
    }),
  );
}

const properties = new Map<string, Ranges>();
type Property = keyof typeof PROPERTY_RUNS;

/** The code points of a binary property, by its name as Unicode writes it (`White_Space`). */
export function propertySet(name: Property): Ranges {
  let set = properties.get(name);
  if (set === undefined) {
    const [base, runs] = PROPERTY_RUNS[name];
    const within = base === "" ? NOTHING : anyOf(base.split(" "));
    set = difference(within, decode(runs, 1).get("B") ?? NOTHING);
    properties.set(name, set);
  }
  return set;
}

interface Folds {
  /** The least member of the class, for all others. */
  readonly least: ReadonlyMap<number, number>;
  /** All members, by the least. */
  readonly classes: ReadonlyMap<number, readonly number[]>;
}

let folds: Folds | null = null;

function foldMaps(): Folds {
  if (folds !== null) return folds;
  const least = new Map<number, number>();
  const classes = new Map<number, number[]>();
  for (const [point, to] of pairsOfRuns(FOLDING)) {
    least.set(point, to);
    const members = classes.get(to);
    if (members === undefined) classes.set(to, [to, point]);
    else members.push(point);
  }
  folds = { least, classes };
  return folds;
}

/** One code point that stands for all that differ from this one by case alone (simple case folding). */
export function foldPoint(point: number): number {
  if (point < 0x80) return point >= 0x61 && point <= 0x7a ? point - 32 : point;
  return foldMaps().least.get(point) ?? point;
}

/** The set with all code points that differ by case alone from one in it. */
export function closeUnderFolding(set: Ranges): Ranges {
  const more: [number, number][] = [];
  for (const members of foldMaps().classes.values()) {
    const within = members.filter((member) => includes(set, member)).length;
    if (within > 0 && within < members.length) for (const member of members) more.push([member, member]);
  }
  return more.length === 0 ? set : union(set, rangesOf(more));
}
