// Random trees of tasks: programs that say what happens in them, and what must hold of what they say.
//
// A program prints words of a kind and a number: "enter n" before a body with a clean-up, "clean n" and "cleaned n" at the beginning and
// end of the clean-up, which waits in between; "begin n" and "over n" of a task; "left n" behind a scope. Every node of the tree
// runs at most once, and every error is caught at the top, so nobody may be left behind.
import fc from "fast-check";
import type { Image } from "../../src/module/image.ts";
import { checkProgram, type Effort } from "./check.ts";
import { differenceText } from "./random.ts";

type Tree =
  | { readonly k: "wait"; readonly ms: number }
  | { readonly k: "ask" | "throw" | "exit" | "give-up" }
  | { readonly k: "join" | "cancel"; readonly which: number }
  | { readonly k: "two" | "catch"; readonly a: Tree; readonly b: Tree }
  | { readonly k: "guard"; readonly body: Tree; readonly ms: number; readonly how: "waits" | "throws" | "spawns" }
  | { readonly k: "scope" | "spawn" | "block"; readonly body: Tree }
  | { readonly k: "limit"; readonly ms: number; readonly body: Tree }
  | { readonly k: "race" | "any" | "all" | "select" | "map"; readonly parts: readonly Tree[] };

const HEAD = `(ns tree (:require [flow.time :as time] [flow.task :refer [scope spawn join cancel! current-task race any all select map-concurrent]]))
(defforeign ask :topic "test/ask")
(def tasks (atom {}))
(defn say [what n] (print what n ""))
(defn body [n f] (swap! tasks assoc n (current-task)) (try (say "begin" n) (f) (finally (say "over" n))))
(defn joining [n] (when-let [t (get @tasks n)] (join t)))
(defn cancelling [n] (when-let [t (get @tasks n)] (cancel! t)))
`;

const ms = fc.integer({ min: 1, max: 60 });

const anyTree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => {
  const tree = tie("tree");
  const parts = fc.array(tree, { minLength: 1, maxLength: 3 });
  const how = fc.constantFrom("waits", "waits", "throws", "spawns" as const) as fc.Arbitrary<"waits">;
  const plain = (...kinds: ("ask" | "throw" | "exit" | "give-up")[]) => fc.record({ k: fc.constantFrom(...kinds) });
  return {
    tree: fc.oneof(
      { depthSize: "large", maxDepth: 5, withCrossShrink: true },
      fc.record({ k: fc.constant("wait" as const), ms }),
      plain("ask", "throw", "exit", "give-up"),
      fc.record({ k: fc.constantFrom("join", "cancel"), which: fc.nat(20) }) as fc.Arbitrary<Tree>,
      fc.record({ k: fc.constantFrom("two", "two", "two", "catch"), a: tree, b: tree }) as fc.Arbitrary<Tree>,
      fc.record({ k: fc.constant("guard" as const), body: tree, ms, how }),
      fc.record({ k: fc.constantFrom("scope", "spawn", "spawn", "spawn", "block"), body: tree }) as fc.Arbitrary<Tree>,
      fc.record({ k: fc.constant("limit" as const), ms, body: tree }),
      fc.record({ k: fc.constant("guard" as const), body: tree, ms, how }),
      fc.record({ k: fc.constantFrom("race", "any", "all", "select", "map"), parts }) as fc.Arbitrary<Tree>,
    ),
  };
}).tree;

/** Trees of a few tasks: several trees in a row. */
export const taskTree: fc.Arbitrary<Tree> = fc
  .array(anyTree, { minLength: 3, maxLength: 6 })
  .map((trees) => trees.reduceRight((b, a) => ({ k: "two", a, b })));

/** Where a node stands. */
interface Place {
  /** The tasks around it, the innermost first; 0 is the main task. */
  readonly tasks: readonly number[];
  /** The scopes around it. */
  readonly scopes: readonly number[];
  /** Whether an exit here has a block to leave. */
  readonly block: boolean;
}

/** A program and what its words are about. */
export interface TaskProgram {
  readonly text: string;
  /** By number: the scopes around what the words with it tell of. */
  readonly scopesOf: ReadonlyMap<number, readonly number[]>;
  /** The clean-ups that throw and so never come to their end. */
  readonly throwing: ReadonlySet<number>;
}

/** The program of a tree. */
export function programOf(tree: Tree): TaskProgram {
  const scopesOf = new Map<number, readonly number[]>();
  const throwing = new Set<number>();
  const tasks: number[] = [];
  let next = 1;
  const task = (body: Tree, place: Place): string => {
    const n = next++;
    tasks.push(n);
    scopesOf.set(n, place.scopes);
    return `(fn [] (body ${n} (fn [] ${write(body, { ...place, tasks: [n, ...place.tasks] })})))`;
  };
  const left = (place: Place, form: (inside: Place) => string): string => {
    const n = next++;
    scopesOf.set(n, place.scopes);
    const inside = { ...place, scopes: [n, ...place.scopes] };
    return `(try ${form(inside)} (finally (say "left" ${n})))`;
  };
  const chosen = (which: number, known: readonly number[]): number =>
    known.length === 0 ? 0 : (known[which % known.length] as number);
  /** A task made before the one here and not around it: waiting for it cannot be waiting for oneself. */
  const other = (which: number, { tasks: around }: Place): number => {
    const before = around[0] === 0 ? Number.POSITIVE_INFINITY : (around[0] as number);
    return chosen(
      which,
      tasks.filter((n) => n < before && !around.includes(n)),
    );
  };
  const guard = ({ body, ms: wait, how }: Extract<Tree, { k: "guard" }>, place: Place): string => {
    const n = next++;
    scopesOf.set(n, place.scopes);
    if (how === "throws") throwing.add(n);
    const inner = write(body, place);
    const also = {
      waits: "",
      throws: '(throw (error :tree/unclean "u"))',
      spawns: `(spawn (fn [] (time/sleep ${wait})))`,
    };
    return `(try (say "enter" ${n}) ${inner} (finally (say "clean" ${n}) (time/sleep ${wait}) ${also[how]} (say "cleaned" ${n})))`;
  };
  const write = (node: Tree, place: Place): string => {
    switch (node.k) {
      case "wait":
        return `(time/sleep ${node.ms})`;
      case "ask":
        return "(ask 1)";
      case "throw":
        return '(throw (error :tree/odd "odd"))';
      case "exit":
        return place.block ? "(exit out 1)" : "nil";
      case "give-up":
        return place.tasks[0] === 0 ? "nil" : "(cancel! (current-task))";
      case "join":
        return `(joining ${other(node.which, place)})`;
      case "cancel":
        return `(cancelling ${chosen(node.which, tasks)})`;
      case "two":
        return `(do ${write(node.a, place)} ${write(node.b, place)})`;
      case "catch":
        return `(try ${write(node.a, place)} (catch :default e ${write(node.b, place)}))`;
      case "guard":
        return guard(node, place);
      case "block":
        return `(block out ${write(node.body, { ...place, block: true })})`;
      case "scope":
        return left(place, (inside) => `(scope ${write(node.body, inside)})`);
      case "limit":
        return left(place, (inside) => `(time/with-timeout ${node.ms} ${write(node.body, inside)})`);
      case "spawn":
        return `(spawn ${task(node.body, place)})`;
      case "map":
        return left(place, (inside) => `(map-concurrent 2 (fn [f] (f)) [${tasksOf(node.parts, inside)}])`);
      default:
        return left(place, (inside) => `(${node.k} [${tasksOf(node.parts, inside)}])`);
    }
  };
  const tasksOf = (parts: readonly Tree[], place: Place): string => parts.map((part) => task(part, place)).join(" ");
  const main = left({ tasks: [0], scopes: [], block: false }, (inside) => `(scope ${write(tree, inside)})`);
  return { text: `${HEAD}(try ${main} (catch :default e (say "caught" 0)))\n:end`, scopesOf, throwing };
}

/** What a program says that must not be; null: nothing. */
export function flawIn(words: readonly (readonly [string, number])[], program: TaskProgram): string | null {
  const left = new Set<number>();
  const count = (what: string, n: number) => words.filter(([kind, of]) => kind === what && of === n).length;
  for (const [kind, n] of words) {
    const outlived = program.scopesOf.get(n)?.find((scope) => left.has(scope));
    if (outlived !== undefined) return `"${kind} ${n}" after scope ${outlived} was left`;
    if (kind === "left") left.add(n);
    if (kind === "enter" && count("clean", n) !== 1) return `clean-up ${n} began ${count("clean", n)} times`;
    if (kind === "enter" && !program.throwing.has(n) && count("cleaned", n) !== 1)
      return `clean-up ${n} ended ${count("cleaned", n)} times`;
    if (kind === "begin" && count("over", n) !== 1) return `task ${n} ended ${count("over", n)} times`;
  }
  return null;
}

/** What random trees did all in all, and the first thing that must not be. */
export interface TreeFinding {
  readonly failure: string | null;
  /** How often each word was said, over all programs. */
  readonly words: ReadonlyMap<string, number>;
}

/** Checks random trees that follow from a seed, each in every way to run it; `shrink`: looks for a smaller one when one fails. */
export function checkTrees(image: Image, seed: number, count: number, effort: Effort, shrink = true): TreeFinding {
  const said = new Map<string, number>();
  let flaw = "";
  const property = fc.property(taskTree, (tree) => {
    const program = programOf(tree);
    const { outcome, difference } = checkProgram(image, program.text, seed, effort);
    const words = [...outcome.output.matchAll(/(\S+) (\d+) /g)].map(
      ([, kind, n]) => [kind as string, Number(n)] as const,
    );
    for (const [kind] of words) said.set(kind, (said.get(kind) ?? 0) + 1);
    flaw = flawIn(words, program) ?? (difference === null ? "" : differenceText(difference));
    if (outcome.status !== "done" || outcome.result !== '["k","end"]') flaw ||= `${outcome.status} ${outcome.result}`;
    if (flaw !== "") flaw += `\n\n${program.text}\n${outcome.output}`;
    return flaw === "";
  });
  const { failed, errorInstance } = fc.check(property, { seed, numRuns: count, endOnFailure: !shrink });
  const failure = failed ? (errorInstance instanceof Error ? String(errorInstance.stack) : flaw) : null;
  return { failure, words: said };
}
