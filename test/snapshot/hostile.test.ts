// What is no snapshot is refused by name: bytes, JSON, and snapshots that somebody changed.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import { decodeSnapshot, encodeSnapshot, unitsNamed } from "../../src/snapshot/snapshot.ts";
import { anyState } from "./arbitrary.ts";
import { capturing, IMAGE, selfish, TestLinker, units } from "./support.ts";

type Json = Record<string, unknown>;

/** A snapshot that is sound: a task with a frame of one slot waits for an event. */
function sound(changes: Json = {}): Json {
  return {
    v: 1,
    i: IMAGE,
    p: "program",
    k: [0, 1000, 20, 0, 0, 0],
    u: [units[1].hash],
    n: [["F", 0, [0, 1, "slot"]]],
    c: [
      [1, "e"],
      [2, "t", 1, ["a", 4], ["n", 0]],
      [4, "e", "key"],
    ],
    t: [2],
    w: [[4, 2]],
    e: [4],
    ...changes,
  };
}

/** The same with one slot holding this JSON, and nodes before the stack. */
function slot(json: unknown, nodes: unknown[] = [], changes: Json = {}): Json {
  const c = [
    [1, "e"],
    [2, "t", 1, ["a", 4], ["n", nodes.length]],
    [4, "e", "key"],
  ];
  return sound({ n: [...nodes, ["F", 0, [0, 1, json]]], c, ...changes });
}

/** The same with a task of this control, stack, segment, effects, scope, ... and more refs. */
function task(parts: readonly unknown[], ...refs: unknown[]): Json {
  return sound({ c: [[1, "e"], [2, "t", 1, ...parts], [4, "e", "key"], ...refs] });
}

/** The same with a marker frame, and on it a frame that waits inside of a catch. Ref 3 is a cell. */
function marked(marker: unknown[]): Json {
  const below = marker[1] === "finally" ? [0, 2, marker, 1] : [0, -1, marker];
  return sound({
    n: [["F", 0, below, [0, 7, 1]]],
    c: [
      [1, "e"],
      [2, "t", 1, ["a", 4], ["n", 0]],
      [3, "c", 1],
      [4, "e", "key"],
    ],
  });
}

/** A task with this control, on a marker frame or on nothing. */
function controlled(control: unknown[], marker: unknown[] | null = null): Json {
  const stack = marker === null ? [] : [["n", 0]];
  const n = marker === null ? [] : [["F", 0, [0, 2, marker, 1]]];
  return sound({
    n,
    c: [
      [1, "e"],
      [2, "t", 1, control, ...stack],
    ],
    w: [],
    e: [],
  });
}

/** A frame of the machine alone on the stack: ref 1 is a cell, 5 a lazy sequence, 6 the cell of a scope. */
function builtin(name: string, slots: readonly unknown[]): Json {
  return sound({
    u: [`machine/${name}@1`],
    n: [["F", 0, [0, 0, ...slots]]],
    c: [
      [1, "c", 1],
      [2, "t", 3, ["a", 4], ["n", 0]],
      [3, "e"],
      [4, "e", "key"],
      [5, "z", 1],
      [6, "c", ["v", null, null, null], null, "scope"],
    ],
  });
}

function decode(json: unknown) {
  return decodeSnapshot(typeof json === "string" ? json : JSON.stringify(json), new TestLinker());
}

test("the snapshot the others are made from is sound", () => {
  expect(decode(sound()).main.stack.a).toBe("slot");
  expect(decode(slot(["n", 0], [["l", 1]])).main.stack.a).not.toBe(null);
});

test("a version from the future is refused by name", () => {
  expect(() => decode(sound({ v: 2 }))).toThrow(expect.objectContaining({ code: "snapshot/version" }));
  expect(() => unitsNamed(JSON.stringify({ v: 99, anything: "else" }))).toThrow(
    expect.objectContaining({ code: "snapshot/version" }),
  );
});

describe("what is wrong is named with the path to it", () => {
  const bad: [string, unknown, string][] = [
    ["no JSON", "nonsense", "all of it"],
    ["an array", [], "all of it"],
    ["deep nesting", "[".repeat(100_000), "all of it"],
    ["no version", sound({ v: undefined }), "v"],
    ["version zero", sound({ v: 0 }), "v"],
    ["an unknown member", sound({ z: [] }), "z"],
    ["a member of the prototype", `{"v":1,"__proto__":{}}`, "__proto__"],
    ["no image", sound({ i: "x" }), "i"],
    ["no program", sound({ p: "" }), "p"],
    ["too few counters", sound({ k: [1, 2] }), "k"],
    ["a negative counter", sound({ k: [0, 1000, 20, 0, 0, -1] }), "k[5]"],
    ["a unit by name", sound({ u: ["f"] }), "u[0]"],
    ["an unknown unit of the machine", sound({ u: ["machine/dream@1"] }), "u[0]"],
    ["nodes that are no array", sound({ n: {} }), "n"],
    ["a row that is no array", sound({ c: [1] }), "c[0]"],
    ["a frame of no unit", sound({ n: [["F", 0, [1, 1, null]]] }), "n[0][2][0]"],
    ["a frame of no block", sound({ n: [["F", 0, [0, 9, null]]] }), "n[0][2][1]"],
    ["a frame in an entry block", sound({ n: [["F", 0, [0, 0]]] }), "n[0][2][1]"],
    ["a frame in a clause", sound({ n: [["F", 0, [0, 2, null]]] }), "n[0][2][1]"],
    ["a slot too few", sound({ n: [["F", 0, [0, 1]]] }), "n[0][2]"],
    ["a slot too many", sound({ n: [["F", 0, [0, 1, 2, 3]]] }), "n[0][2]"],
    ["no frames", sound({ n: [["F", 0]] }), "n[0]"],
    ["a marker of no kind", sound({ n: [["F", 0, [0, 2, ["M", "x", 1], 1]]] }), "n[0][2][2]"],
    ["a marker in no clause", sound({ n: [["F", 0, [0, 1, ["M", "finally", 1], 1]]] }), "n[0][2][1]"],
    ["a marker without its data", sound({ n: [["F", 0, [0, 2, ["M", "catch", 1], 1]]] }), "n[0][2][2]"],
    ["a local read later that is cleared", slot(["cleared"]), "n[0][2]"],
    ["a local that is the mark of a var without a value", slot(["unbound"]), "n[0][2]"],
    ["a number for the closure itself", sound({ u: [selfish.hash], n: [["F", 0, [0, 1, 5]]] }), "n[0][2]"],
    [
      "another's closure for its own",
      sound({ u: [selfish.hash, units[1].hash], n: [["F", 0, [0, 1, ["fn", 1]]]] }),
      "n[0][2]",
    ],
    ["the same where it is not read again", sound({ u: [selfish.hash], n: [["F", 0, [0, 3, null]]] }), "n[0][2]"],
    ["a frame inside of a marker that is not there", sound({ n: [["F", 0, [0, 7, 1]]] }), "n[0][2]"],
    ["a marker of another kind below", marked(["M", "finally", 1]), "n[0][3]"],
    [
      "another code's marker below",
      sound({ u: [units[1].hash, units[0].hash], n: [["F", 0, [1, 2, ["M", "catch", 1, null]], [0, 7, 1]]] }),
      "n[0][3]",
    ],
    [
      "a frame between it and its marker",
      sound({ n: [["F", 0, [0, 2, ["M", "catch", 1, null], 1], [0, 1, 1], [0, 7, 1]]] }),
      "n[0][3]",
    ],
    [
      "a marker that its frame knows nothing of",
      sound({ n: [["F", 0, [0, 2, ["M", "catch", 1, null], 1], [0, 1, 1]]] }),
      "n[0][3]",
    ],
    [
      "a clause on a marker it knows nothing of",
      sound({ n: [["F", 0, [0, 2, ["M", "catch", 1, null], 1], [0, 2, ["M", "block", 2], 1], [0, 15, 1]]] }),
      "n[0][3]",
    ],
    ["a marker where the answer goes", sound({ n: [["F", 0, [0, 2, ["M", "catch", 1, null], 1]]] }), "c[1][4]"],
    ["bindings without cells", marked(["M", "binding", 1, ["v", 1], ["v", 2]]), "n[0][2][2]"],
    ["more bound than there are cells", marked(["M", "binding", 1, ["v", 1, 2], ["v", ["ref", 3]]]), "n[0][2][2]"],
    ["a search that asks no number", marked(["M", "search", 1, null, "a"]), "n[0][2][2]"],
    ["a stack on a value", sound({ n: [["F", 0, [0, 1, 1]], 7, ["F", ["n", 1], [0, 1, 1]]] }), "n[2][1]"],
    ["a stack where a value must be", slot(["n", 0], [["F", 0, [0, 1, 1]]]), "n[1][2][2]"],
    ["a node after this one", slot(["n", 5]), "n[0][2][2]"],
    ["a node of itself", sound({ n: [["v", ["n", 0]]] }), "n[0][1]"],
    ["a local without value inside of a value", slot(["v", ["cleared"]]), "n[0][2][2][1]"],
    ["a node without value", slot(1, [["cleared"]]), "n[0]"],
    ["a ref to nowhere", slot(["ref", 77]), "n[0][2][2]"],
    ["a function with wrong captures", slot(["fn", 0, 1]), "n[0][2][2]"],
    ["a function of no unit", slot(["fn", 3]), "n[0][2][2]"],
    ["a group without that member", slot(["fg", 1, [0]]), "n[0][2][2]"],
    ["a map with a key twice", slot(["m", 1, 2, 1, 2]), "n[0][2][2]"],
    ["an empty run", slot(1, [["+"]]), "n[0]"],
    [
      "a run of one run",
      slot(1, [
        ["+", 1],
        ["++", ["n", 0]],
      ]),
      "n[1]",
    ],
    ["a run as a value", slot(["n", 0], [["+", 1]]), "n[1][2][2]"],
    ["a vector of a value", slot(1, [7, ["v*", ["n", 0]]]), "n[1]"],
    [
      "a long map with a key twice",
      slot(1, [
        ["+", 1, 2, 1, 2],
        ["m*", ["n", 0]],
      ]),
      "n[1]",
    ],
    ["a list onto a vector", slot(1, [["v"], ["l*", ["n", 0], 1]]), "n[1]"],
    ["a continuation of nothing", slot(1, [["K", 1, null]]), "n[0]"],
    ["a continuation both ways", slot(1, [["K", 2, null, [0]]]), "n[0][1]"],
    ["a continuation used or not by a number", slot(1, [["K", 1, 7, [0]]]), "n[0][2]"],
    [
      "a continuation of a marker that waits",
      slot(1, [
        ["F", 0, [0, 2, ["M", "finally", 1], 1]],
        ["K", 0, null, [["n", 0]]],
      ]),
      "n[1][3][0]",
    ],
    ["a handler with more names than functions", slot(1, [["G", 0, 0, "handle", 1, ["v", 1, 2], ["v", 3]]]), "n[0]"],
    [
      "a segment on a marker",
      slot(1, [
        ["F", 0, [0, 2, ["M", "finally", 1], 1]],
        ["G", 0, ["n", 0], "join", 1],
      ]),
      "n[1][2]",
    ],
    ["a prompt of no kind", slot(1, [["G", 0, 0, "x", 1]]), "n[0]"],
    ["a handler without functions", slot(1, [["G", 0, 0, "handle", 1, 2, 3]]), "n[0]"],
    [
      "a segment onto a stack",
      slot(1, [
        ["F", 0, [0, 1, 1]],
        ["G", ["n", 0], 0, "join", 1],
      ]),
      "n[1][1]",
    ],
    [
      "refs out of order",
      sound({
        c: [
          [2, "c", 1],
          [1, "c", 1],
        ],
      }),
      "c[1]",
    ],
    [
      "a ref twice",
      sound({
        c: [
          [1, "c", 1],
          [1, "c", 1],
        ],
      }),
      "c[1]",
    ],
    ["a ref not yet given out", sound({ c: [[1000, "c", 1]] }), "c[0]"],
    ["a ref of no kind", sound({ c: [[1, "q"]] }), "c[0][1]"],
    ["a cell of nothing", sound({ c: [[1, "c"]] }), "c[0]"],
    ["a cell of a var without a value", sound({ c: [[1, "c", ["unbound"]]] }), "c[0][2]"],
    [
      "a function that captured nothing",
      slot(["fn", 1, ["cleared"], 2], [], { u: [units[1].hash, capturing.hash] }),
      "n[0][2][2]",
    ],
    ["a counter that cannot count on", sound({ k: [0, 2 ** 53 - 1, 20, 0, 0, 0] }), "k[1]"],
    ["a time after the end of the calendar", sound({ k: [0, 1000, 20, 8.64e15 + 1, 0, 0] }), "k[3]"],
    ["an instant after it", slot(["t", 8.64e15 + 1]), "n[0][2][2]"],
    ["a timer after it", sound({ d: [[8.64e15 + 1, 4]] }), "d[0][0]"],
    [
      "an event with two timers",
      sound({
        d: [
          [1, 4],
          [2, 4],
        ],
      }),
      "d[1][1]",
    ],
    ["a lazy sequence that is a number", sound({ c: [[1, "Z", 5]] }), "c[0][2]"],
    ["a lazy sequence of nothing", sound({ c: [[1, "z", null]] }), "c[0][2]"],
    ["metadata that is no map", sound({ c: [[1, "c", 1, 2]] }), "c[0][3]"],
    [
      "a task whose event is a cell",
      sound({
        c: [
          [1, "c", 0],
          [2, "t", 1, ["k"]],
        ],
      }),
      "c[1][2]",
    ],
    [
      "a task without control",
      sound({
        c: [
          [1, "e"],
          [2, "t", 1, ["?", 1]],
        ],
      }),
      "c[1][3][0]",
    ],
    [
      "a task awaiting a task",
      sound({
        c: [
          [1, "e"],
          [2, "t", 1, ["a", 2]],
        ],
      }),
      "c[1][3][1]",
    ],
    [
      "a fault of a fault",
      sound({
        c: [
          [1, "e"],
          [2, "t", 1, ["f", 1, ["f", 1, ["k"]]]],
        ],
      }),
      "c[1][3][2]",
    ],
    [
      "a clause without marker",
      sound({
        c: [
          [1, "e"],
          [2, "t", 1, ["l", 1]],
        ],
      }),
      "c[1][4]",
    ],
    ["a task of a scope that is an event", task([["k"], 0, 0, 0, 1]), "c[1][7]"],
    ["a task of a scope that is an atom", task([["k"], 0, 0, 0, 6], [6, "c", 1]), "c[1][7]"],
    ["a task that is half cancelled", task([["k"], 0, 0, 0, 0, 0, 2]), "c[1][9]"],
    ["a task with too much", task([["k"], 0, 0, 0, 0, 0, 1, 1]), "c[1]"],
    ["a task that waits for the first of tasks", task([["s", 2]]), "c[1][3][1]"],
    ["a task that waits for the first of nothing", task([["s"]]), "c[1][3]"],
    ["an event settled at no number", sound({ c: [[1, "f", 1, null, -1]] }), "c[0][4]"],
    [
      "the leaving of a scope without its marker",
      builtin("leave", [
        ["v", "cancel"],
        ["ref", 6],
      ]),
      "n[0][2]",
    ],
    [
      "the leaving of an atom",
      builtin("leave", [
        ["v", "cancel"],
        ["ref", 1],
      ]),
      "n[0][2]",
    ],
    ["an error raised beyond an atom", builtin("raise", [1, ["ref", 1], null]), "n[0][2]"],
    ["a binding that is not there", builtin("bound", []), "n[0][2]"],
    ["a search that asks nobody", builtin("search", [1, ["v", 1], null]), "n[0][2]"],
    ["a primitive that is not there", controlled(["p", "dream@1", 1]), "c[1][3]"],
    ["a primitive of one argument too few", controlled(["p", "add@1", 1]), "c[1][3]"],
    ["a fault whose primitive is not there", controlled(["f", 1, ["p", "dream@1"]]), "c[1][3][2]"],
    ["an argument without a value", controlled(["c", 1, ["cleared"]]), "c[1][3][2]"],
    ["a catch clause given a number", controlled(["l", 5], ["M", "catch", 1, null]), "c[1][4]"],
    ["a finally clause given a number", controlled(["l", 5], ["M", "finally", 1]), "c[1][4]"],
    ["a finally clause given half a way to go on", controlled(["l", ["v", "exit", 1]], ["M", "finally", 1]), "c[1][4]"],
    ["a fault that would give a value to a marker", controlled(["f", 1, ["c", 1]], ["M", "finally", 1]), "c[1][4]"],
    [
      "timers that are not in order",
      sound({
        d: [
          [9, 4],
          [5, 1],
        ],
      }),
      "d[1]",
    ],
    ["a task that waits where nobody knows of it", sound({ w: [] }), "t[0]"],
    ["a task that waits and can run", sound({ r: [2] }), "t[0]"],
    ["a fault that can run", sound({ ...controlled(["f", 1, ["c", 1]]), r: [2] }), "t[0]"],
    [
      "an event with the key of another length",
      sound({
        c: [
          [1, "e", "k".repeat(60)],
          [2, "t", 1, ["a", 4]],
          [4, "e", "key"],
        ],
      }),
      "c[0][2]",
    ],
    ["a main task that is an event", sound({ m: 1 }), "m"],
    ["no tasks", sound({ t: [] }), "m"],
    ["a task twice", sound({ t: [2, 2] }), "t[1]"],
    ["a task ready twice", sound({ r: [2, 2] }), "r[1]"],
    ["a finished task that is ready", sound({ r: [4] }), "r[0]"],
    ["a task waiting for something else", sound({ w: [[1, 2]] }), "w[0]"],
    ["an event waited for twice", sound({ w: [[4, 2], [4]] }), "w[1]"],
    ["an open event without a key", sound({ e: [1] }), "e[0]"],
    ["a timer of a task", sound({ d: [[5, 2]] }), "d[0][1]"],
    ["a timer at no time", sound({ d: [["x", 4]] }), "d[0][0]"],
    ["a var without a name", sound({ g: [["", 1]] }), "g[0][0]"],
    [
      "a var twice",
      sound({
        g: [
          ["a/b", 1],
          ["a/b", 1],
        ],
      }),
      "g",
    ],
    ["an own cell with a number of the program", sound({ o: [[5, 1]] }), "o[0]"],
    [
      "own cells out of order",
      sound({
        o: [
          [-3, 1],
          [-4, 1],
        ],
      }),
      "o[1]",
    ],
    ["cancelled in another way", sound({ x: true }), "x"],
    ["a limit that is no count", sound({ l: -1 }), "l"],
    ["a force frame for a primitive that is not there", builtin("force", [["ref", 5], "dream@1", ["v", 1]]), "n[0][2]"],
    ["a force frame with arguments for nothing", builtin("force", [["ref", 5], null, ["v", 1]]), "n[0][2]"],
    ["a search frame without its marker", builtin("search", [1, 0, null]), "n[0][2]"],
    ["a search frame that cannot try again", builtin("search", [1, 0, ["v", "call", 1, 2]]), "n[0][2]"],
    [
      "a force frame without a lazy sequence",
      sound({ u: ["machine/force@1"], n: [["F", 0, [0, 0, 1, null, null]]] }),
      "n[0][2]",
    ],
  ];
  test.each(bad)("%s", (_, json, path) => {
    expect(() => decode(json)).toThrow(expect.objectContaining({ code: "snapshot/invalid" }));
    expect(() => decode(json)).toThrow(`this snapshot is not valid: ${path}: `);
  });
});

test("code that is missing is named by whoever looks for it, before anything else is wrong", () => {
  const json = sound({ u: ["ab".repeat(32)], n: ["nonsense", []] });
  expect(() => decode(json)).toThrow(expect.objectContaining({ code: "code/missing" }));
});

test("vars are left alone when something is wrong elsewhere", () => {
  const link = new TestLinker();
  const text = JSON.stringify(
    sound({
      g: [
        ["user/a", 1],
        ["user/b", ["ref", 99]],
      ],
    }),
  );
  expect(() => decodeSnapshot(text, link)).toThrow(expect.objectContaining({ code: "snapshot/invalid" }));
  expect([...link.vars.values()].some((variable) => variable.own)).toBe(false);
});

describe("bombs", () => {
  const doubled = (times: number, make: (i: number) => unknown): unknown[] =>
    Array.from({ length: times }, (_, i) => make(i));

  test("a vector of runs doubled fifty times is refused before it is spread out", () => {
    const runs = [["+", 1, 2], ...doubled(50, (i) => ["++", ["n", i], ["n", i]])];
    expect(() => decode(slot(1, [...runs, ["v*", ["n", 50]]]))).toThrow(/n\[51\]: more elements/);
  });

  test("a key doubled fifty times is hashed in fifty steps", () => {
    const nodes = [["v", 1], ...doubled(50, (i) => ["v", ["n", i], ["n", i]])];
    expect(decode(slot(["m", ["n", 50], 1], nodes)).main.stack.depth).toBe(1);
  });

  test("an endless range as a key is refused", () => {
    expect(() => decode(slot(["m", ["r", 0, Number.MAX_SAFE_INTEGER, 1], 1]))).toThrow(/a key too large/);
  });

  test("a lazy sequence that holds itself, as a key", () => {
    const c = [
      [1, "e"],
      [2, "t", 1, ["k"], ["n", 0]],
      [5, "Z", ["c", 1, ["ref", 5]]],
    ];
    const json = slot(["m", ["ref", 5], 1], [], { c, w: [], e: [] });
    expect(() => decode(json)).toThrow(/a key that holds itself/);
  });

  test("a lazy sequence not realised, as a key", () => {
    const c = [
      [1, "e"],
      [2, "t", 1, ["k"], ["n", 0]],
      [5, "z", ["k", "f"]],
    ];
    expect(() => decode(slot(["S", ["ref", 5]], [], { c, w: [], e: [] }))).toThrow(/a key that is not realised/);
  });

  test("keys inside of keys inside of keys", () => {
    const rows = doubled(5000, (i) => [10 + i, "Z", ["l", ["m", ["ref", 11 + i], 1]]]);
    const c = [[1, "e"], [2, "t", 1, ["k"], ["n", 0]], ...rows, [5010, "Z", ["l", 1]]];
    const json = slot(["m", ["ref", 10], 1], [], { c, w: [], e: [], k: [0, 9999, 20, 0, 0, 0] });
    expect(() => decode(json)).toThrow(/a key inside of a key/);
  });

  test("a value nested a hundred thousand deep in place", () => {
    const text = JSON.stringify(slot("HERE")).replace('"HERE"', `${'["v",'.repeat(100_000)}1${"]".repeat(100_000)}`);
    expect(decode(text).main.stack.depth).toBe(1);
  });
});

/** Decodes; what is accepted must be a state that can be written and read again. */
function loadsOrIsRefused(text: string): void {
  let state: ReturnType<typeof decode>;
  try {
    state = decode(text);
  } catch (error) {
    if (!(error instanceof FlowmetalError)) throw error;
    expect(["snapshot/invalid", "snapshot/version", "code/missing"]).toContain(error.code);
    return;
  }
  const first = encodeSnapshot(state);
  expect(encodeSnapshot(decode(first.text)).text).toBe(first.text);
}

const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    0,
    1,
    -1,
    2 ** 53,
    ["n", 0],
    ["n", 1],
    ["ref", 1],
    ["ref", -1],
    ["cleared"],
    ["m", ["ref", 2], 1],
    ["c", 1, ["ref", 2]],
    ["M", "catch", 1, null],
    ["+", 1],
    ["K", 1, null, [0]],
    ["F", 0],
    ["a", 1],
    [],
  ),
);

test("any text at all", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      loadsOrIsRefused(text);
    }),
    { numRuns: 500 },
  );
});

test("any JSON in the members", () => {
  const members = fc.constantFrom(..."vipkungoctmrwedx");
  fc.assert(
    fc.property(fc.array(fc.tuple(members, anyJson), { maxLength: 3 }), (changes) => {
      loadsOrIsRefused(JSON.stringify(sound(Object.fromEntries(changes))));
    }),
    { numRuns: 1000 },
  );
});

/** Every array and object in a JSON value. */
function containers(json: unknown): (unknown[] | Json)[] {
  const found: (unknown[] | Json)[] = [];
  const open = [json];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (typeof at !== "object" || at === null) continue;
    found.push(at as unknown[]);
    open.push(...Object.values(at).filter((part) => part !== undefined));
  }
  return found;
}

/** Changes one place: another value there, none, the one beside it, or the same twice. */
function mutate(json: unknown, place: number, how: number, value: unknown): void {
  const all = containers(json);
  const container = all[place % all.length];
  const keys = Object.keys(container);
  if (keys.length === 0) return;
  const key = keys[(place >>> 8) % keys.length];
  const other = keys[(place >>> 16) % keys.length];
  if (!Array.isArray(container)) {
    if (how === 0) delete container[key];
    else container[key] = how === 1 ? container[other] : value;
    return;
  }
  const index = Number(key);
  if (how === 0) container.splice(index, 1);
  else if (how === 1) container[index] = container[Number(other)];
  else if (how === 2) container.splice(index, 0, container[Number(other)]);
  else if (typeof container[index] === "number") container[index] = (place % 7) - 1;
  else container[index] = value;
}

test("any snapshot that somebody changed", () => {
  const change = fc.tuple(fc.nat(), fc.nat(3), anyJson);
  fc.assert(
    fc.property(
      anyState,
      fc.array(fc.array(change, { minLength: 1, maxLength: 2 }), { maxLength: 30 }),
      (state, all) => {
        const { text } = encodeSnapshot(state);
        for (const changes of all) {
          const json: unknown = JSON.parse(text);
          for (const [place, how, value] of changes) mutate(json, place, how, value);
          loadsOrIsRefused(JSON.stringify(json));
        }
      },
    ),
    { numRuns: 40 },
  );
});
