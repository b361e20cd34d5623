// What the references of `ns`, `require` and `refer` ask for: read once, for the compiler and for programs that run.
//
//   a.b   [a.b]   [a.b :as b :refer [x y] :rename {x z}]   [a.b :refer :all :exclude [x]]   [a.b :as-alias b]
import { closest } from "../base/suggest.ts";
import { List } from "../data/list.ts";
import { PMap } from "../data/map.ts";
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { dataMap } from "./raise.ts";

/** Which names of a namespace are meant, and what they are called. */
export interface Names {
  /** Null: all that are public. */
  readonly only: readonly string[] | null;
  readonly exclude: readonly string[];
  /** From a name to the one to use here, in the order they were written. */
  readonly rename: ReadonlyMap<string, string>;
}

/** A namespace that is wanted. */
export interface Requirement {
  readonly name: string;
  readonly alias: string | null;
  /** Only the alias is wanted: nothing is loaded. */
  readonly aliasOnly: boolean;
  /** Null: no names are referred. */
  readonly names: Names | null;
}

/** Why something is no reference, and what to write instead. `at` is the part that is wrong. */
export class Misfit {
  constructor(
    readonly message: string,
    readonly hint: string,
    readonly at: Value,
  ) {}
}

const SPEC = "write [name :as alias :refer [names]]";
/** What can stand behind the name in a spec. */
export const SPEC_OPTIONS: readonly string[] = ["as", "as-alias", "refer", "rename", "exclude"];
const FILTERS = ["only", "exclude", "rename"];

/** Options of Clojure's that are not needed here, and why. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["refer-macros", "macros are referred like everything else: write :refer [names]"],
  ["include-macros", "macros are there whenever their namespace is: leave it out"],
  ["only", "write :refer [names]"],
]);

/** The namespace that a spec of `:require` asks for. */
export function requirementOf(spec: Value): Requirement | Misfit {
  if (spec instanceof Sym) return named(spec, [], spec);
  if (spec instanceof List) return new Misfit("a list is no spec: there are no prefix lists here", SPEC, spec);
  if (!(spec instanceof Vector)) return new Misfit("this is no spec of a namespace", SPEC, spec);
  const [name, ...options] = spec.toArray();
  if (!(name instanceof Sym)) return new Misfit("a spec begins with the name of a namespace", SPEC, spec);
  return named(name, options, spec);
}

function named(name: Sym, options: readonly Value[], spec: Value): Requirement | Misfit {
  if (name.ns !== null) return new Misfit(`${name.text} is no name of a namespace`, `write ${name.ns}`, name);
  const given = optionsOf(options, SPEC_OPTIONS, spec, FOREIGN);
  if (given instanceof Misfit) return given;
  const [as, asAlias] = [given.get("as") ?? null, given.get("as-alias") ?? null];
  for (const alias of [as, asAlias]) if (alias !== null && !isSimple(alias)) return badAlias(alias);
  if (as !== null && asAlias !== null) return new Misfit("a spec has :as or :as-alias, not both", SPEC, spec);
  const names = referred(given, spec);
  if (names instanceof Misfit) return names;
  if (asAlias !== null && names !== null) {
    return new Misfit(":as-alias loads nothing, so there is nothing to refer", "write :as", spec);
  }
  const alias = (as ?? asAlias) as Sym | null;
  return { name: name.name, alias: alias?.name ?? null, aliasOnly: asAlias !== null, names };
}

function badAlias(alias: Value): Misfit {
  return new Misfit("an alias is a name without a namespace", "write [a.b :as b]", alias);
}

/** What `:refer`, `:rename` and `:exclude` of a spec say together. */
function referred(given: ReadonlyMap<string, Value>, spec: Value): Names | null | Misfit {
  const refer = given.get("refer") ?? null;
  const all = refer === Keyword.of("all");
  if (refer === null) {
    const lost = ["rename", "exclude"].find((option) => given.has(option));
    return lost === undefined ? null : new Misfit(`:${lost} needs :refer beside it`, SPEC, spec);
  }
  if (!all && given.has("exclude")) {
    return new Misfit(":exclude goes with :refer :all", "leave the names out of :refer", spec);
  }
  const filter = new Map(given);
  if (!all) filter.set("only", refer);
  return namesIn(filter, "refer");
}

/** What the options of `refer` and of `(:refer-core ...)` say. */
export function namesOf(options: readonly Value[], whole: Value): Names | Misfit {
  const given = optionsOf(options, FILTERS, whole, new Map());
  return given instanceof Misfit ? given : namesIn(given, "only");
}

/** `word`: the option that names are listed behind. */
function namesIn(given: ReadonlyMap<string, Value>, word: "refer" | "only"): Names | Misfit {
  const list = (option: string): readonly string[] | null | Misfit => {
    const value = given.get(option) ?? null;
    if (value === null) return null;
    const items = value instanceof Vector ? value.toArray() : value instanceof List ? [...value] : null;
    const shown = option === "only" ? word : option;
    if (items === null) {
      const more = shown === "refer" ? ", or :all" : "";
      return new Misfit(`:${shown} takes a vector of names${more}`, `write :${shown} [names]`, value);
    }
    const odd = items.find((item) => !isSimple(item));
    if (odd === undefined) return items.map((item) => (item as Sym).name);
    return new Misfit("what is referred are names without a namespace in front", "write the names alone", odd);
  };
  const [only, exclude, rename] = [list("only"), list("exclude"), renaming(given.get("rename") ?? null)];
  if (only instanceof Misfit) return only;
  if (exclude instanceof Misfit) return exclude;
  if (rename instanceof Misfit) return rename;
  const stray = only === null ? undefined : [...rename.keys()].find((name) => !only.includes(name));
  if (stray !== undefined) {
    return new Misfit(`${stray} is renamed but not referred`, `add ${stray} to the names`, given.get("rename") ?? null);
  }
  return { only, exclude: exclude ?? [], rename };
}

function renaming(value: Value): ReadonlyMap<string, string> | Misfit {
  if (value === null) return new Map();
  const entries = value instanceof PMap ? value.entries() : null;
  if (entries === null || !entries.flat().every(isSimple)) {
    return new Misfit(":rename takes a map from names to names", "write :rename {their-name my-name}", value);
  }
  return new Map(entries.map(([from, to]) => [(from as Sym).name, (to as Sym).name]));
}

function isSimple(value: Value): value is Sym {
  return value instanceof Sym && value.ns === null;
}

/** Options and values in turn, by name; each known and given once. */
function optionsOf(
  options: readonly Value[],
  known: readonly string[],
  whole: Value,
  foreign: ReadonlyMap<string, string>,
): ReadonlyMap<string, Value> | Misfit {
  const given = new Map<string, Value>();
  for (let i = 0; i < options.length; i += 2) {
    const option = options[i];
    if (!(option instanceof Keyword)) return new Misfit("here stands no option", `there are ${listed(known)}`, whole);
    const { text } = option;
    if (!known.includes(text)) {
      const near = closest(text, known);
      const hint = foreign.get(text) ?? (near === null ? `there are ${listed(known)}` : `did you mean :${near}?`);
      return new Misfit(`:${text} is no option of this`, hint, whole);
    }
    if (given.has(text)) return new Misfit(`:${text} is given twice`, "give it once", whole);
    if (i + 1 >= options.length) return new Misfit(`:${text} has nothing behind it`, SPEC, whole);
    given.set(text, options[i + 1]);
  }
  return given;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `:${name}`).join(" ");
}

/** A requirement as the loader of the prelude takes it; `at`: where it stands, as `file:line:column`. */
export function requirementValue(requirement: Requirement, at: string | null, reload: boolean): PMap {
  const { name, alias, aliasOnly, names } = requirement;
  return dataMap({
    name,
    ...(alias === null ? {} : { alias }),
    ...(aliasOnly ? { "alias-only": true } : {}),
    ...(names === null ? {} : { names: namesValue(names) }),
    ...(at === null ? {} : { at }),
    ...(reload ? { reload } : {}),
  });
}

/** Names as the loader takes them: `:only` is missing where all are meant. */
export function namesValue({ only, exclude, rename }: Names): PMap {
  return dataMap({
    ...(only === null ? {} : { only: Vector.from([...only]) }),
    ...(exclude.length === 0 ? {} : { exclude: Vector.from([...exclude]) }),
    ...(rename.size === 0 ? {} : { rename: PMap.from([...rename]) }),
  });
}
