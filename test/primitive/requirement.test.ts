// Specs of require and filters of refer: what each asks for, and what is said of what asks for nothing.
import { describe, expect, test } from "vitest";
import type { List } from "../../src/data/list.ts";
import { Misfit, namesOf, requirementOf } from "../../src/primitive/requirement.ts";
import { readData } from "../../src/reader/sexp.ts";

const all = (exclude: readonly string[] = [], rename: [string, string][] = []) => ({
  only: null,
  exclude,
  rename: new Map(rename),
});
const only = (names: readonly string[], rename: [string, string][] = []) => ({
  only: names,
  exclude: [],
  rename: new Map(rename),
});

describe("a spec of require", () => {
  test.each([
    ["a.b", { name: "a.b", alias: null, aliasOnly: false, names: null }],
    ["[a.b]", { name: "a.b", alias: null, aliasOnly: false, names: null }],
    ["[a.b :as b]", { name: "a.b", alias: "b", aliasOnly: false, names: null }],
    ["[a.b :as-alias b]", { name: "a.b", alias: "b", aliasOnly: true, names: null }],
    ["[a :refer [x y] :as b]", { name: "a", alias: "b", aliasOnly: false, names: only(["x", "y"]) }],
    ["[a :refer (x)]", { name: "a", alias: null, aliasOnly: false, names: only(["x"]) }],
    ["[a :refer []]", { name: "a", alias: null, aliasOnly: false, names: only([]) }],
    ["[a :refer [x] :rename {x z}]", { name: "a", alias: null, aliasOnly: false, names: only(["x"], [["x", "z"]]) }],
    ["[a :refer :all]", { name: "a", alias: null, aliasOnly: false, names: all() }],
    [
      "[a :refer :all :exclude [x] :rename {y z}]",
      { name: "a", alias: null, aliasOnly: false, names: all(["x"], [["y", "z"]]) },
    ],
  ])("%s", (text, expected) => expect(requirementOf(readData(text))).toEqual(expected));

  test.each([
    ["5", "this is no spec of a namespace"],
    ['"a.b"', "this is no spec of a namespace"],
    ["nil", "this is no spec of a namespace"],
    ["(a b c)", "a list is no spec: there are no prefix lists here"],
    ["[]", "a spec begins with the name of a namespace"],
    ['["a"]', "a spec begins with the name of a namespace"],
    ["a/b", "a/b is no name of a namespace"],
    ["[a b]", "here stands no option"],
    ["[a :as]", ":as has nothing behind it"],
    ["[a :as b :as c]", ":as is given twice"],
    ["[a :as b/c]", "an alias is a name without a namespace"],
    ["[a :as :b]", "an alias is a name without a namespace"],
    ["[a :as b :as-alias c]", "a spec has :as or :as-alias, not both"],
    ["[a :as-alias b :refer [x]]", ":as-alias loads nothing, so there is nothing to refer"],
    ["[a :refer x]", ":refer takes a vector of names, or :all"],
    ["[a :refer [b/x]]", "what is referred are names without a namespace in front"],
    ["[a :refer [:x]]", "what is referred are names without a namespace in front"],
    ["[a :exclude [x]]", ":exclude needs :refer beside it"],
    ["[a :rename {x y}]", ":rename needs :refer beside it"],
    ["[a :refer [x] :exclude [y]]", ":exclude goes with :refer :all"],
    ["[a :refer :all :exclude x]", ":exclude takes a vector of names"],
    ["[a :refer [x] :rename [x y]]", ":rename takes a map from names to names"],
    ["[a :refer [x] :rename {x :y}]", ":rename takes a map from names to names"],
    ["[a :refer [x] :rename {y z}]", "y is renamed but not referred"],
    ["[a :only [x]]", ":only is no option of this"],
    ["[a :reefr [x]]", ":reefr is no option of this"],
  ])("%s is refused", (text, message) => {
    const misfit = requirementOf(readData(text));
    expect(misfit).toBeInstanceOf(Misfit);
    expect((misfit as Misfit).message).toBe(message);
    expect((misfit as Misfit).hint).not.toBe("");
  });

  test.each([
    ["[a :reefr [x]]", "did you mean :refer?"],
    ["[a :refer-macros [x]]", "macros are referred like everything else: write :refer [names]"],
    ["[a :only [x]]", "write :refer [names]"],
    ["[a :zzzzzz 1]", "there are :as :as-alias :refer :rename :exclude"],
  ])("%s: what to write instead", (text, hint) => expect((requirementOf(readData(text)) as Misfit).hint).toBe(hint));
});

describe("the options of refer", () => {
  const read = (text: string) => namesOf((readData(`(${text})`) as List).toArray(), null);

  test.each([
    ["", all()],
    [":only [x]", only(["x"])],
    [":only [x y] :rename {x z}", only(["x", "y"], [["x", "z"]])],
    [":exclude [x]", all(["x"])],
    [":rename {x y}", all([], [["x", "y"]])],
  ])("%s", (text, expected) => expect(read(text)).toEqual(expected));

  test.each([
    [":only x", ":only takes a vector of names"],
    [":only [x] :rename {y z}", "y is renamed but not referred"],
    [":refer [x]", ":refer is no option of this"],
    ["[x]", "here stands no option"],
  ])("%s is refused", (text, message) => expect((read(text) as Misfit).message).toBe(message));
});
