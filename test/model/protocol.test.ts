// The protocol of waiting and waking, explored: all that can happen with it is well, and no rule of it can be left out.
import { expect, test } from "vitest";
import { explore } from "./explore.ts";
import { protocol, RULES, type Rule, type Setting } from "./protocol.ts";

/** Of the long tier; 0: the small settings only. */
const MINUTES = Number(process.env["FLOWMETAL_TEST_MINUTES"] ?? 0);
const MOST = 1_000_000;

const SETTING: Setting = {
  deliveries: 1,
  timer: false,
  call: false,
  elsewhere: false,
  once: false,
  cuts: false,
  wakesBy: "polls",
  processes: 2,
  troubles: 1,
  kinds: ["kill", "expire", "forget", "drain", "reply", "copy"],
  rules: RULES,
};

const SETTINGS = {
  "two deliveries, one process": { deliveries: 2, processes: 1 },
  "a delivery, two processes": {},
  "a timer, and a fuel cut": { deliveries: 0, timer: true, cuts: true },
  "a delivery and a timer, undisturbed": { timer: true, troubles: 0 },
  "a call, its processes stopped or killed": { deliveries: 0, call: true, kinds: ["kill", "expire", "reply"] },
  "a call that somebody else answers": { deliveries: 0, call: true, elsewhere: true, processes: 1 },
  "a call that may be made once only": { deliveries: 0, call: true, elsewhere: true, once: true, processes: 1 },
  "notices alone, one process": { deliveries: 3, processes: 1, troubles: 0, wakesBy: "notices" },
  "notices alone, two processes, a call": { call: true, elsewhere: true, troubles: 0, wakesBy: "notices" },
  "notices alone, a process is told to end": { wakesBy: "notices", kinds: ["drain"] },
} as const satisfies Readonly<Record<string, Partial<Setting>>>;
type Name = keyof typeof SETTINGS;

const LARGE: Readonly<Record<string, Partial<Setting>>> = {
  "two deliveries, two processes": { deliveries: 2 },
  "a delivery and a call": { call: true },
  "a delivery and a timer": { timer: true },
  "two troubles": { troubles: 2, kinds: ["kill", "expire", "reply"] },
  "a process that is told to end is stopped": { troubles: 2, kinds: ["drain", "expire"] },
  "a call elsewhere": { deliveries: 0, call: true, elsewhere: true },
  "two deliveries, notices alone": { deliveries: 2, call: true, elsewhere: true, troubles: 0, wakesBy: "notices" },
};

const settings: [string, Partial<Setting>][] = Object.entries(MINUTES > 0 ? { ...SETTINGS, ...LARGE } : SETTINGS);
test.each(settings)(
  "%s: no wake-up is lost, nothing is committed or consumed twice",
  (name, change) => {
    const { wrong, path, states, goals } = explore(protocol({ ...SETTING, ...change }), MOST);
    expect({ wrong, path }).toEqual({ wrong: null, path: [] });
    expect(goals).toBeGreaterThan(0);
    if (MINUTES > 0) process.stdout.write(`model of ${name}: ${states} states\n`);
  },
  600_000,
);

/** In which setting each rule is missed. */
const MISSED: Readonly<Record<Rule, Name>> = {
  clearsFirst: "notices alone, one process",
  notesFirst: "notices alone, one process",
  checksBeforeRest: "notices alone, one process",
  consumesTaken: "two deliveries, one process",
  guardsTerm: "two deliveries, one process",
  guardsTurn: "two deliveries, one process",
  guardsAnswers: "notices alone, two processes, a call",
  takesExpired: "two deliveries, one process",
  leavesOwned: "a delivery and a timer, undisturbed",
  givesBack: "two deliveries, one process",
  retires: "notices alone, a process is told to end",
  inboxClaims: "two deliveries, one process",
  cutClaims: "a timer, and a fuel cut",
  wakeClaims: "a delivery and a timer, undisturbed",
  callsClaim: "a call that somebody else answers",
  endsLostRuns: "a call, its processes stopped or killed",
  freesLost: "a call that somebody else answers",
  dropsSecond: "a call that may be made once only",
  callsAgain: "a call that somebody else answers",
  looksAfterLeaving: "notices alone, one process",
  looksForAddressed: "notices alone, one process",
};

test.each(Object.entries(MISSED) as [Rule, Name][])("without %s something goes wrong", (rule, name) => {
  const rules = { ...RULES, [rule]: false };
  const { wrong, path } = explore(protocol({ ...SETTING, ...SETTINGS[name], rules }), MOST);
  expect(wrong).not.toBeNull();
  expect(path.length).toBeGreaterThan(3);
});
