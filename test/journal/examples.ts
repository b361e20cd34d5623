// A body of each kind of entry, with every field it can have, and its text.
import type { Bodies, EntryKind } from "../../src/journal/entry.ts";

export const VERSIONS = ["0.1.0", "p1", "u15"] as const;
const DEEP = `${'["v",'.repeat(50_000)}1${"]".repeat(50_000)}`;

/** A body of each kind and its text. */
export const EXAMPLES: { readonly [K in EntryKind]: readonly [Bodies[K], string] } = {
  start: [
    {
      source: "s1",
      name: "a.fm",
      args: '["v",1]',
      image: "i",
      versions: VERSIONS,
      limits: '{"steps":9}',
      path: '["lib"]',
      modules: '{"m":"h"}',
      forked: { from: "p", position: 3, hash: "h" },
    },
    '{"source":"s1","name":"a.fm","args":["v",1],"image":"i","versions":["0.1.0","p1","u15"],"limits":{"steps":9},' +
      '"path":["lib"],"modules":{"m":"h"},"forked":{"from":"p","position":3,"hash":"h"}}',
  ],
  answer: [{ key: "k", outcome: "ok", body: '["f","2.0"]' }, '{"key":"k","outcome":"ok","body":["f","2.0"]}'],
  timer: [{ ref: 3, due: 10, now: 12 }, '{"ref":3,"due":10,"now":12}'],
  message: [
    { key: "k", name: "chat", from: null, body: '{"10":1,"9":2}' },
    '{"key":"k","name":"chat","from":null,"body":{"10":1,"9":2}}',
  ],
  command: [
    { id: "c", command: "pause", baseTurn: null, author: "me", reason: "é", at: 7, body: "null" },
    '{"id":"c","command":"pause","baseTurn":null,"author":"me","reason":"\\u00e9","at":7,"body":null}',
  ],
  stop: [{ limit: "memory", at: 4, message: "m" }, '{"limit":"memory","at":4,"message":"m"}'],
  rewound: [{ to: 3, command: "c", again: [[4, "k"]] }, '{"to":3,"command":"c","again":[[4,"k"]]}'],
  upgraded: [{ image: "i", command: "c" }, '{"image":"i","command":"c"}'],
  turn: [
    {
      turn: 2,
      versions: VERSIONS,
      status: "waiting",
      ticks: 5,
      observations: [{ op: "now", value: "12" }],
      made: [{ key: "k", kind: "foreign", topic: "t", delivery: "at-most-once", payload: '{"a":[1,{"b":2}]}' }],
      hash: "h",
      cut: 5,
    },
    '{"turn":2,"versions":["0.1.0","p1","u15"],"status":"waiting","ticks":5,"observations":[["now",12]],' +
      '"made":[{"key":"k","kind":"foreign","topic":"t","delivery":"at-most-once","payload":{"a":[1,{"b":2}]}}],' +
      '"hash":"h","cut":5}',
  ],
  refused: [
    { command: "c", why: "moved on", baseTurn: 1, turn: 2 },
    '{"command":"c","why":"moved on","baseTurn":1,"turn":2}',
  ],
  stray: [{ key: "k", outcome: "error", body: '"}],["' }, '{"key":"k","outcome":"error","body":"}],["}'],
  fault: [{ task: 1, at: "a.fm:1:2", error: '["e"]' }, '{"task":1,"at":"a.fm:1:2","error":["e"]}'],
  done: [{ result: DEEP }, `{"result":${DEEP}}`],
  cancelled: [{ command: "c", reason: '"\\' }, '{"command":"c","reason":"\\"\\\\"}'],
  moved: [{ to: "other", open: [["k", "sending"]] }, '{"to":"other","open":[["k","sending"]]}'],
  base: [{ hash: "h", position: 9 }, '{"hash":"h","position":9}'],
};
