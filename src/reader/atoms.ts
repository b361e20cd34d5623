// Symbols, keywords and symbolic values: from the text of a token to the value.
import { Keyword, Sym, type Value } from "../data/value.ts";
import { Problem } from "./problem.ts";

/** What a reader has to know about the namespace it reads in. */
export interface Naming {
  /** The current namespace, for `::k`. */
  readonly ns?: string | undefined;
  /** The namespace an alias stands for, or null, for `::alias/k`. */
  readonly alias?: ((alias: string) => string | null) | undefined;
}

const WORDS: Readonly<Record<string, Value>> = { nil: null, true: true, false: false };

/** nil, true, false or a fresh symbol. */
export function readSymbol(image: string): Value | Problem {
  if (Object.hasOwn(WORDS, image)) return WORDS[image];
  if (/^[+-]?\.\d/.test(image)) {
    return new Problem("read/number", `${image} is not a number`, "write a digit before the point: 0.5");
  }
  return badName(image) ?? Sym.parse(image);
}

/** A token `:name`, `:ns/name`, `::name` or `::alias/name`. */
export function readKeyword(image: string, naming: Naming): Value | Problem {
  const auto = image.startsWith("::");
  const text = image.slice(auto ? 2 : 1);
  if (text === "") return new Problem("read/keyword", "a keyword needs a name after the colon", "write :name");
  const bad = badName(text);
  if (bad !== null) return bad.shifted(auto ? 2 : 1);
  return auto ? autoKeyword(image, text, naming) : Keyword.of(text);
}

function autoKeyword(image: string, text: string, naming: Naming): Value | Problem {
  const { ns, name } = Sym.parse(text);
  if (ns !== null) {
    const full = resolveNamespace(ns, naming);
    return full instanceof Problem ? full : Keyword.of(`${full}/${name}`);
  }
  if (naming.ns !== undefined) return Keyword.of(`${naming.ns}/${name}`);
  return new Problem(
    "read/namespace",
    `${image} means a keyword of the current namespace, and there is none here`,
    `write the namespace out: :my.ns/${name}`,
  );
}

/** The namespace behind an alias, for `::alias/k` and `#::alias{}`. */
export function resolveNamespace(alias: string, naming: Naming): string | Problem {
  const full = naming.alias?.(alias) ?? null;
  if (full !== null) return full;
  return new Problem(
    "read/namespace",
    `there is no alias ${alias} in this namespace`,
    `require it: (:require [some.namespace :as ${alias}])`,
  );
}

/** What is wrong with a name, or null: `a/b` has one slash with something on both sides; `/` alone is a name. */
function badName(text: string): Problem | null {
  if (text.endsWith(":")) {
    return new Problem(
      "read/symbol",
      `a name cannot end with a colon: ${text}`,
      `a keyword has its colon in front: :${text.replaceAll(":", "") || "name"}`,
    );
  }
  const slash = text.indexOf("/");
  if (slash < 0 || text === "/") return null;
  const name = text.slice(slash + 1);
  if (slash > 0 && name !== "" && (name === "/" || !name.startsWith("/"))) return null;
  return new Problem("read/symbol", `${text} is not a name`, "a qualified name is written namespace/name");
}

const SYMBOLIC: Readonly<Record<string, number>> = {
  "##Inf": Number.POSITIVE_INFINITY,
  "##-Inf": Number.NEGATIVE_INFINITY,
  "##NaN": Number.NaN,
};

/** `##Inf`, `##-Inf` or `##NaN`. */
export function readSymbolic(image: string): Value | Problem {
  return (
    SYMBOLIC[image] ??
    new Problem("read/symbolic", `there is no symbolic value ${image}`, "there are ##Inf, ##-Inf and ##NaN")
  );
}
