// The protocol by which programs wait and are woken, as a model: one program, two processes that serve its queue, the outside.
//
// It says what src/interpreter/{fleet,interpreter,seat}.ts and the stores do, step by step, and leaves out all else. A step is what
// happens without anything in between: a call of the store, and what a process then does up to the next one. The program makes a call
// in its first turn, which its own process carries out, and is over when it has the answer, some deliveries and its timer.
//
// Processes that poll are told of nothing: a poll may come at any time, so it does whatever a notice of the watch could do, early or
// late. That nobody needs the poll to hear of a delivery is looked at by itself: with notices that arrive, and no polls.
//
// What is left out: suspects (E-15), effects with rows, queues, commands, several programs (so no place is ever lacking). Test
// model/claimable.test.ts compares `isClaimable` with the stores. The ways that go wrong here without `freesLost`, `endsLostRuns` and
// `looksForAddressed` were ways that the real fleet went wrong: interpreter/fleet.test.ts drives it along them.
import type { Model, Step } from "./explore.ts";

/** Who owns the program: nobody, a process under its present id, or an id that no process goes by any more. */
export type Owner = 0 | 1 | 2 | 3;
const NOBODY = 0;
const GONE = 3;

/** The row of an interpreter: there is none, its lease is good, or has expired. */
export type Lease = 0 | 1 | 2;
const NONE = 0;
const GOOD = 1;
const EXPIRED = 2;

/** When the program wakes by itself: never, later, now. */
export type Wake = 0 | 1 | 2;
const LATER = 1;
const DUE = 2;

/** Inputs of the program are bits: its deliveries first, then these. */
const TIMER = 8;
const CALL = 16;

/** A turn on its way into the store. */
interface Commit {
  /** The term and the turn it was made under are still those of the row. */
  readonly term: boolean;
  readonly turn: boolean;
  readonly first: boolean;
  /** Inputs it takes in. */
  readonly takes: number;
  /** Those of them from the inbox. */
  readonly consumes: number;
  /** It has the answer of the call from memory. */
  readonly answered: boolean;
  readonly cut: boolean;
  readonly release: boolean;
}

type Outcome = "stays" | "cut" | "released" | "lost" | "lease-lost";

type RunPhase = "read" | "decide" | "commit" | "told" | "rest" | "evicted" | "failed";

/** The program in the memory of a process. */
interface Run {
  phase: RunPhase;
  /** Its claim, and the state it has, are still those of the row. */
  term: boolean;
  turn: boolean;
  inboxMayHave: boolean;
  /** Rows it has read and not taken in. */
  rows: number;
  /** The call is being made; its answer is in memory. */
  calling: boolean;
  answer: boolean;
  stopping: boolean;
  lost: boolean;
  commit: Commit | null;
  outcome: Outcome;
}

type Loop = "look" | "see" | "release" | "claim" | "seat" | "rest" | "end" | "retire";

interface Process {
  up: boolean;
  draining: boolean;
  /** Its session has failed; its lease was lost. */
  failed: boolean;
  leaseLost: boolean;
  lease: Lease;
  loop: Loop;
  /** It is told of changes. */
  listens: boolean;
  /** The sign that something changed; what will set it. */
  changed: boolean;
  hint: boolean;
  /** What the last look found. */
  claimable: boolean;
  addressed: boolean;
  next: boolean;
  run: Run | null;
  /** What it has claimed, and not seated yet. */
  claim: { readonly term: boolean; readonly turn: boolean; readonly calls: boolean } | null;
}

export interface State {
  /** The row. */
  owner: Owner;
  ran: boolean;
  cut: boolean;
  calls: boolean;
  wake: Wake;
  over: boolean;
  /** Deliveries under way, the inbox (CALL: somebody else has answered the call), and what the journal has. */
  unsent: number;
  open: number;
  journal: number;
  /** Lease of the id that nobody goes by any more. */
  goneLease: Lease;
  /** A commit still on its way: of an id that is gone, or the copy of one that has arrived. */
  late: { readonly by: Owner; readonly commit: Commit } | null;
  processes: Process[];
  /** What goes wrong from here on: so much at most. */
  troubles: number;
  wrong: string | null;
}

/** What the protocol rests on. Each can be broken, to see that the model shows what comes of it. */
export const RULES = {
  /** The sign is cleared before the store is looked at, not after. */
  clearsFirst: true,
  /** A run notes that it has read the inbox before it reads, not after. */
  notesFirst: true,
  /** A run that is about to rest looks once more whether it was told of something. */
  checksBeforeRest: true,
  /** A turn consumes what it took in, not all there is (E-2). */
  consumesTaken: true,
  /** A commit is guarded by owner and term, by turn, and by the keys that it answers (E-6, E-8). */
  guardsTerm: true,
  guardsTurn: true,
  guardsAnswers: true,
  /** A program whose owner's lease has expired can be claimed, and one whose owner lives cannot (E-12). */
  takesExpired: true,
  leavesOwned: true,
  /** Who evicts a program gives it back. */
  givesBack: true,
  /** Who ends, or fails, retires: what it owns is free. */
  retires: true,
  /** Open inbox rows, a cut, a due time, and open calls make claimable. */
  inboxClaims: true,
  cutClaims: true,
  wakeClaims: true,
  callsClaim: true,
  /** Who claims a program that a run of its own has lost ends that run. */
  endsLostRuns: true,
  /** A program whose commit was lost is given back, if it is still owned. */
  freesLost: true,
  /** An answer from memory is dropped if the inbox has one under its key. */
  dropsSecond: true,
  /** A call is made again by whoever takes the program over. */
  callsAgain: true,
  /** The end of a run makes its process look again if the last look found something, or found something for this very program. */
  looksAfterLeaving: true,
  looksForAddressed: true,
} as const;
export type Rule = keyof typeof RULES;
export type Rules = Readonly<Record<Rule, boolean>>;

export interface Setting {
  /** How many deliveries there are, at most 3. */
  readonly deliveries: number;
  readonly timer: boolean;
  readonly call: boolean;
  /** Somebody else may answer the call. */
  readonly elsewhere: boolean;
  /** The call may be made once only: who takes the program over answers it with a doubt. */
  readonly once: boolean;
  /** The first turn may end at a fuel cut. */
  readonly cuts: boolean;
  /** What makes a process look at the store: polls, or notices of the watch alone. */
  readonly wakesBy: "polls" | "notices";
  readonly processes: 1 | 2;
  /** How many of these may happen, all together, and which. */
  readonly troubles: number;
  readonly kinds: readonly Trouble[];
  readonly rules: Rules;
}
export type Trouble = "kill" | "expire" | "forget" | "drain" | "reply" | "copy";

// ---- what the store does

/** Whether the program can be claimed (E-2), as its row, its inbox and its owner's lease say. */
export function isClaimable(
  row: Pick<State, "ran" | "cut" | "calls" | "wake" | "over" | "open">,
  isOwned: boolean,
  rules: Rules = RULES,
): boolean {
  if (row.over || isOwned) return false;
  if (!row.ran) return true;
  return (
    (row.cut && rules.cutClaims) ||
    (row.calls && rules.callsClaim) ||
    (row.wake === DUE && rules.wakeClaims) ||
    (row.open !== 0 && rules.inboxClaims)
  );
}

function isOwned(state: State, rules: Rules): boolean {
  const { owner } = state;
  if (owner === NOBODY || !rules.leavesOwned) return false;
  const lease = leaseOf(state, owner);
  return rules.takesExpired ? lease === GOOD : lease !== NONE;
}

function leaseOf(state: State, owner: Owner): Lease {
  return owner === GONE ? state.goneLease : state.processes[owner - 1].lease;
}

/** Nobody else's claim or turn is the row's any more. */
function outdate(state: State, what: "term" | "turn"): void {
  const old = <T extends { readonly term: boolean; readonly turn: boolean } | null>(one: T): T =>
    one === null ? one : { ...one, [what]: false };
  const { late } = state;
  if (late !== null) state.late = { ...late, commit: old(late.commit) };
  // Who claims takes it from the id that is gone.
  if (late?.by === GONE && what === "term") state.late = null;
  for (const process of state.processes) {
    process.claim = old(process.claim);
    if (process.run !== null) {
      process.run[what] = false;
      process.run.commit = old(process.run.commit);
    }
  }
}

/** The watches tell of a change: of one by a commit, other processes only. */
function tellAll(state: State, but = -1): void {
  state.processes.forEach((process, i) => {
    if (process.up && process.listens && i !== but) process.hint = true;
  });
}

function applyCommit(state: State, by: Owner, commit: Commit, setting: Setting): Outcome {
  const { rules } = setting;
  if (leaseOf(state, by) === NONE) return "lease-lost";
  const isMine = state.owner === by && (commit.term || !rules.guardsTerm) && (commit.turn || !rules.guardsTurn);
  const isAnswered = commit.answered && (state.open & CALL) !== 0 && rules.guardsAnswers;
  if (!isMine || isAnswered || state.over) return "lost";
  if (!commit.term) state.wrong = "a turn was committed under a term that is over";
  else if (!commit.turn) state.wrong = "a turn was committed on top of one that it did not know";
  else if ((commit.takes & state.journal) !== 0) state.wrong = "an input was taken in twice";
  else if ((commit.consumes & ~state.open) !== 0) state.wrong = "an inbox row was consumed twice";
  const consumes = rules.consumesTaken ? commit.consumes : state.open;
  outdate(state, "turn");
  state.open &= ~consumes;
  state.journal |= commit.takes;
  state.cut = commit.cut;
  if (commit.first && !commit.cut) {
    state.calls = setting.call;
    state.wake = setting.timer ? LATER : 0;
  }
  state.ran = true;
  if ((commit.takes & CALL) !== 0) state.calls = false;
  if ((commit.takes & TIMER) !== 0) state.wake = 0;
  state.over = state.journal === wanted(setting);
  if (state.over) state.open = 0;
  if (commit.release || state.over) state.owner = NOBODY;
  if (state.owner !== NOBODY) renew(state, state.owner);
  if (by !== GONE) tellAll(state, by - 1);
  if (commit.release || state.over) return "released";
  return commit.cut ? "cut" : "stays";
}

function renew(state: State, owner: Owner): void {
  if (owner === GONE) state.goneLease = GOOD;
  else state.processes[owner - 1].lease = GOOD;
}

function wanted({ deliveries, timer, call }: Setting): number {
  return ((1 << deliveries) - 1) | (timer ? TIMER : 0) | (call ? CALL : 0);
}

// ---- what a process does

function newProcess(listens: boolean): Process {
  return {
    up: true,
    draining: false,
    failed: false,
    leaseLost: false,
    lease: GOOD,
    loop: "look",
    listens,
    changed: false,
    hint: false,
    claimable: false,
    addressed: false,
    next: false,
    run: null,
    claim: null,
  };
}

function downProcess(listens: boolean): Process {
  return { ...newProcess(listens), up: false, lease: NONE };
}

function notice(process: Process): void {
  process.changed = true;
  if (process.loop === "rest") process.loop = "look";
}

function fail(process: Process): void {
  process.failed = true;
  notice(process);
}

function isEnding({ draining, failed }: Process): boolean {
  return draining || failed;
}

/** Waits, or goes on if something has changed since the last look. */
function restOrLook(process: Process): void {
  process.loop = process.changed || isEnding(process) ? "look" : "rest";
}

/** One step of a process: changes the state in place; false, changing nothing: it cannot be made. */
type Act = (state: State, process: Process, me: Owner, setting: Setting) => boolean;

const look: Act = (state, process, me, { rules }) => {
  if (process.loop !== "look") return false;
  if (isEnding(process)) {
    process.loop = "end";
    return true;
  }
  if (rules.clearsFirst) process.changed = false;
  process.claimable = isClaimable(state, isOwned(state, rules), rules);
  process.addressed = state.owner === me && state.open !== 0;
  process.next = state.wake === LATER && !state.over && !isOwned(state, rules);
  process.loop = "see";
  return true;
};

/** What follows a look, up to its next call of the store. */
function see(evicts: boolean): Act {
  return (_, process, __, { rules }) => {
    if (process.loop !== "see") return false;
    const { run } = process;
    if (evicts) {
      if (run?.phase !== "rest" || run.calling || run.answer) return false;
      // What was told of a delivery a moment ago rests no more.
      if (process.addressed) return false;
      run.phase = "evicted";
    } else if (process.addressed && run !== null) {
      run.inboxMayHave = true;
      wakeRun(run, rules);
    }
    if (!rules.clearsFirst) process.changed = false;
    if (evicts) process.loop = "release";
    else claimOrRest(process);
    return true;
  };
}

function claimOrRest(process: Process): void {
  if (process.claimable) process.loop = "claim";
  else restOrLook(process);
}

/** An evicted program is given back, and its place is free. */
const giveBack: Act = (state, process, me, setting) => {
  if (process.loop !== "release") return false;
  if (process.run?.term === true && state.owner === me && setting.rules.givesBack) free(state);
  leave(process, setting);
  claimOrRest(process);
  return true;
};

function free(state: State): void {
  state.owner = NOBODY;
  tellAll(state);
}

/** A run has ended. Who was told of something for it looks again: that may have come too late for it. */
function leave(process: Process, setting: Setting): void {
  const { rules, wakesBy } = setting;
  const isWanted = process.claimable || (process.addressed && rules.looksForAddressed);
  process.run = null;
  if (isWanted && wakesBy === "notices" && rules.looksAfterLeaving) notice(process);
  if (process.loop === "seat") takeSeat(process, setting);
}

const claim: Act = (state, process, me, setting) => {
  const { rules } = setting;
  if (process.loop !== "claim") return false;
  if (process.lease === NONE) {
    process.leaseLost = true;
    fail(process);
    restOrLook(process);
  } else if (isClaimable(state, isOwned(state, rules), rules)) {
    if (state.owner !== NOBODY && leaseOf(state, state.owner) === GOOD && state.owner !== me) {
      state.wrong = "a program was taken from an owner who lives";
    }
    outdate(state, "term");
    state.owner = me;
    process.claim = { term: true, turn: true, calls: state.calls };
    process.loop = "seat";
    const { run } = process;
    if (run === null) takeSeat(process, setting);
    // A run of this process that still thinks it has the program has not.
    else if (rules.endsLostRuns) loseRun(run, rules);
  } else restOrLook(process);
  return true;
};

/** The program is run, once its last run here is over. */
function takeSeat(process: Process, { rules, once }: Setting): void {
  const { term, turn, calls } = process.claim!;
  process.claim = null;
  process.run = {
    phase: "read",
    term,
    turn,
    inboxMayHave: !rules.notesFirst,
    rows: 0,
    calling: calls && rules.callsAgain && !once,
    answer: calls && once,
    stopping: false,
    lost: false,
    commit: null,
    outcome: "stays",
  };
  restOrLook(process);
}

const hear: Act = (_, process) => {
  if (!process.hint) return false;
  process.hint = false;
  notice(process);
  return true;
};

const alarm: Act = (state, process) => {
  if (process.loop !== "rest" || !process.next || state.wake !== DUE) return false;
  process.loop = "look";
  return true;
};

const poll: Act = (_, process, __, { wakesBy }) => {
  if (process.loop !== "rest" || wakesBy !== "polls") return false;
  process.loop = "look";
  return true;
};

/** Lets go of what it has, or throws it away. */
const end: Act = (_, process, __, { rules }) => {
  if (process.loop !== "end") return false;
  const { run } = process;
  if (run === null) process.loop = "retire";
  else if (process.failed) {
    if (run.lost) return false;
    loseRun(run, rules);
  } else if (run.phase === "rest") process.run = null;
  else if (run.stopping) return false;
  else run.stopping = true;
  return true;
};

const retire: Act = (state, process, me, { rules }) => {
  if (process.loop !== "retire") return false;
  if (process.leaseLost || !rules.retires) disown(state, me, process.leaseLost ? NONE : process.lease);
  else {
    if (state.owner === me) state.owner = NOBODY;
    if (state.late?.by === me) state.late = null;
    tellAll(state);
  }
  Object.assign(process, (process.draining ? downProcess : newProcess)(process.listens));
  return true;
};

/** What the process owns is now owned by an id that nobody goes by. */
function disown(state: State, me: Owner, lease: Lease): void {
  if (state.late?.by === me) state.late = state.owner === me ? { ...state.late, by: GONE } : null;
  if (state.owner !== me) return;
  state.owner = GONE;
  state.goneLease = lease;
}

const start: Act = (_, process) => {
  if (process.up) return false;
  Object.assign(process, newProcess(process.listens));
  return true;
};

const heartbeat: Act = (_, process, __, { rules }) => {
  if (!process.up || process.lease === GOOD || process.leaseLost) return false;
  if (process.lease === EXPIRED) process.lease = GOOD;
  else {
    process.leaseLost = true;
    if (process.run !== null) loseRun(process.run, rules);
    fail(process);
  }
  return true;
};

// ---- what a run does

/** A new round of its loop: what may have come is read, or there is something else to evaluate. */
function goOn(run: Run, { notesFirst }: Rules): void {
  if (run.lost) run.phase = "failed";
  else if (run.inboxMayHave) {
    if (notesFirst) run.inboxMayHave = false;
    run.phase = "read";
  } else run.phase = "decide";
}

/** Only what rests is woken. */
function wakeRun(run: Run, rules: Rules): void {
  if (run.phase === "rest") goOn(run, rules);
}

function loseRun(run: Run, rules: Rules): void {
  run.lost = true;
  wakeRun(run, rules);
}

/** A step of the run in a process. */
function running(phase: RunPhase, act: (state: State, run: Run, process: Process, setting: Setting) => boolean): Act {
  return (state, process, _, setting) => {
    const { run } = process;
    return run?.phase === phase && act(state, run, process, setting);
  };
}

const read = running("read", (state, run) => {
  run.rows = state.open;
  run.phase = "decide";
  return true;
});

/** Evaluates what there is, and decides what becomes of the program. `keeps`: its keeper would have it stay; `cuts`: at a fuel cut. */
function decide(keeps: boolean, cuts: boolean): Act {
  return running("decide", (state, run, process, setting) => {
    const { timer, call, cuts: mayCut, rules } = setting;
    if (cuts && (!mayCut || state.ran || !run.turn)) return false;
    const first = !state.ran || state.cut;
    const rings = timer && state.wake === DUE && !cuts;
    const answered = run.answer && !(rules.dropsSecond && (run.rows & CALL) !== 0);
    const takes = cuts ? 0 : run.rows | (answered ? CALL : 0) | (rings ? TIMER : 0);
    const acted = first || takes !== 0;
    const open = call && first ? !cuts : run.calling && (takes & CALL) === 0;
    const mayHave = run.inboxMayHave && rules.notesFirst;
    const mustStay = cuts || open || mayHave;
    if (keeps && (mustStay || !acted || isEnding(process))) return false;
    const release = run.stopping || (acted && !mustStay && !keeps);
    if (!rules.notesFirst) run.inboxMayHave = false;
    if (!acted && !release) {
      restOrGoOn(state, run, rules);
      return true;
    }
    const { term, turn } = run;
    const consumes = cuts ? 0 : run.rows;
    run.commit = { term, turn, first: first && turn, takes, consumes, answered: answered && !cuts, cut: cuts, release };
    run.phase = "commit";
    if (!cuts) run.answer = false;
    else if (run.rows !== 0) run.inboxMayHave = true;
    if ((takes & CALL) !== 0) run.calling = false;
    run.rows = 0;
    return true;
  });
}

/** Rests, unless it was told of something meanwhile. */
function restOrGoOn(state: State, run: Run, rules: Rules): void {
  const isTold = run.answer || run.stopping || run.lost || state.wake === DUE;
  run.phase = "rest";
  if (isTold || (run.inboxMayHave && rules.checksBeforeRest)) goOn(run, rules);
}

/** The commit that is sent arrives; `copied`: it does so twice. */
const commits =
  (copied: boolean): Act =>
  (state, process, me, setting) => {
    const { run } = process;
    if (run?.phase !== "commit") return false;
    const sent = run.commit!;
    run.commit = null;
    if (copied) state.late = { by: me, commit: sent };
    run.outcome = applyCommit(state, me, sent, setting);
    run.phase = "told";
    if (run.outcome === "lost" || run.outcome === "lease-lost") return true;
    run.turn = true;
    run.calling ||= sent.first && !sent.cut && setting.call;
    return true;
  };

const told = running("told", (state, run, process, setting) => {
  const { outcome } = run;
  run.outcome = "stays";
  if (outcome === "lease-lost") {
    process.leaseLost = true;
    fail(process);
  }
  if (outcome === "lost" || outcome === "lease-lost") run.phase = "failed";
  else if (outcome === "released") leave(process, setting);
  else if (outcome === "cut") goOn(run, setting.rules);
  else restOrGoOn(state, run, setting.rules);
  return true;
});

const rings = running("rest", (state, run, _, { rules }) => {
  if (state.wake !== DUE) return false;
  goOn(run, rules);
  return true;
});

const failed: Act = (state, process, me, setting) => {
  const { run } = process;
  if (run?.phase !== "failed") return false;
  if (setting.rules.freesLost && run.term && state.owner === me && !process.failed) free(state);
  leave(process, setting);
  return true;
};

// ---- what happens to them

/** Something outside of the processes. Changes the state in place; false: it cannot be. */
type Event = (state: State, setting: Setting) => boolean;

function delivers(bit: number): Event {
  return (state) => {
    if ((state.unsent & bit) === 0) return false;
    state.unsent &= ~bit;
    if (state.over) return true;
    state.open |= bit;
    tellAll(state);
    return true;
  };
}

const answersElsewhere: Event = (state, { elsewhere }) => {
  if (!elsewhere || !state.calls || (state.open & CALL) !== 0) return false;
  state.open |= CALL;
  tellAll(state);
  return true;
};

const timePasses: Event = (state) => {
  if (state.wake !== LATER) return false;
  state.wake = DUE;
  return true;
};

const goneExpires: Event = (state) => {
  if (state.owner !== GONE || state.goneLease !== GOOD) return false;
  state.goneLease = EXPIRED;
  return true;
};

const lateArrives: Event = (state, setting) => {
  const { late } = state;
  if (late === null) return false;
  state.late = null;
  applyCommit(state, late.by, late.commit, setting);
  return true;
};

/** The process ends without a word; `sent`: its commit is on its way all the same. */
function killed(sent: boolean): Act {
  return (state, process, me) => {
    if (!process.up) return false;
    const commit = state.owner === me ? (process.run?.commit ?? null) : null;
    if (sent && commit === null) return false;
    if (sent) state.late = { by: me, commit: commit! };
    disown(state, me, process.lease);
    Object.assign(process, downProcess(process.listens));
    return true;
  };
}

const expires: Act = (_, process) => {
  if (!process.up || process.lease !== GOOD) return false;
  process.lease = EXPIRED;
  return true;
};

/** It was expired for so long that its row was deleted. */
const isForgotten: Act = (_, process) => {
  if (!process.up || process.lease !== EXPIRED) return false;
  process.lease = NONE;
  return true;
};

const drains: Act = (_, process) => {
  if (!process.up || process.draining) return false;
  process.draining = true;
  notice(process);
  return true;
};

/** The reply of a commit is lost, or it never arrived; the session ends. */
function losesReply(arrived: boolean): Act {
  return (state, process, me, setting) => {
    const { run } = process;
    if (run?.phase !== "commit") return false;
    if (arrived) applyCommit(state, me, run.commit!, setting);
    run.commit = null;
    run.phase = "failed";
    fail(process);
    return true;
  };
}

/** An answer of the process's own connector. That of a call which somebody else has made again may never come. */
function answers(isStale: boolean): Act {
  return (_, process, __, { rules }) => {
    const { run } = process;
    if (run?.calling !== true || run.answer || isStale === (run.term && run.turn)) return false;
    run.answer = true;
    wakeRun(run, rules);
    return true;
  };
}

const ACTS: Readonly<Record<string, Act>> = {
  "looks at the store": look,
  "keeps what it has": see(false),
  "evicts the program": see(true),
  "gives it back": giveBack,
  claims: claim,
  "hears of a change": hear,
  "is woken by its alarm": alarm,
  polls: poll,
  "lets go of all": end,
  retires: retire,
  starts: start,
  "renews its lease": heartbeat,
  "reads the inbox": read,
  evaluates: decide(false, false),
  "evaluates, and would keep it": decide(true, false),
  "evaluates up to a fuel cut": decide(false, true),
  commits: commits(false),
  "hears of its commit": told,
  "wakes the program": rings,
  "drops the failed run": failed,
  "gets its answer": answers(false),
};
const NOT_FAIR: Readonly<Record<string, Act>> = { "gets an answer too late": answers(true) };
const TROUBLES: readonly { readonly kind: Trouble; readonly name: string; readonly act: Act }[] = [
  { kind: "kill", name: "is killed", act: killed(false) },
  { kind: "kill", name: "is killed with its commit on its way", act: killed(true) },
  { kind: "expire", name: "is stopped for longer than its lease", act: expires },
  { kind: "forget", name: "is stopped until its row is deleted", act: isForgotten },
  { kind: "copy", name: "sends its commit twice", act: commits(true) },
  { kind: "drain", name: "is told to end", act: drains },
  { kind: "reply", name: "loses the reply of its commit", act: losesReply(true) },
  { kind: "reply", name: "loses its commit", act: losesReply(false) },
];
const EVENTS: readonly { readonly name: string; readonly event: Event; readonly fair: boolean }[] = [
  ...[1, 2, 4].map((bit, i) => ({ name: `delivery ${i + 1} comes`, event: delivers(bit), fair: true })),
  { name: "somebody else answers the call", event: answersElsewhere, fair: false },
  { name: "the wake time comes", event: timePasses, fair: true },
  { name: "the lease of an id that is gone expires", event: goneExpires, fair: true },
  { name: "a late commit arrives", event: lateArrives, fair: false },
];

// ---- the model

function copyOf(state: State): State {
  return {
    ...state,
    processes: state.processes.map((process) => ({
      ...process,
      run: process.run === null ? null : { ...process.run },
    })),
  };
}

function firstState({ deliveries, processes, troubles, wakesBy }: Setting): State {
  return {
    owner: NOBODY,
    ran: false,
    cut: false,
    calls: false,
    wake: 0,
    over: false,
    unsent: (1 << deliveries) - 1,
    open: 0,
    journal: 0,
    goneLease: NONE,
    late: null,
    processes: Array.from({ length: processes }, () => newProcess(wakesBy === "notices")),
    troubles,
    wrong: null,
  };
}

const NAMES = ["A", "B"];
/** All acts of a process, named. */
const MOVES: readonly { readonly name: string; readonly act: Act; readonly fair: boolean; readonly kind?: Trouble }[] =
  [
    ...Object.entries(ACTS).map(([name, act]) => ({ name, act, fair: true })),
    ...Object.entries(NOT_FAIR).map(([name, act]) => ({ name, act, fair: false })),
    ...TROUBLES.map((trouble) => ({ ...trouble, fair: false })),
  ];

function stepsOf(state: State, setting: Setting): Step<State>[] {
  const steps: Step<State>[] = [];
  // A step that cannot be made has changed nothing, so its copy serves for the next one.
  let next = copyOf(state);
  const made = (name: string, fair: boolean): void => {
    steps.push({ name, next, fair });
    next = copyOf(state);
  };
  for (const { name, event, fair } of EVENTS) if (event(next, setting)) made(name, fair);
  state.processes.forEach((_, i) => {
    for (const { name, act, fair, kind } of MOVES) {
      if (kind !== undefined && (state.troubles === 0 || !setting.kinds.includes(kind))) continue;
      if (!act(next, next.processes[i], (i + 1) as Owner, setting)) continue;
      if (kind !== undefined) next.troubles--;
      made(`${NAMES[i]} ${name}`, fair);
    }
  });
  return steps;
}

const PHASES = ["read", "decide", "commit", "told", "rest", "evicted", "failed"];
const LOOPS = ["look", "see", "release", "claim", "seat", "rest", "end", "retire"];
const OUTCOMES = ["stays", "cut", "released", "lost", "lease-lost"];

function flags(...bits: readonly boolean[]): number {
  return bits.reduce((number, bit, i) => (bit ? number | (1 << i) : number), 0);
}

function codesOf(commit: Commit | null): number[] {
  if (commit === null) return [0];
  const { term, turn, first, takes, consumes, answered, cut, release } = commit;
  return [1 + flags(term, turn, first, answered, cut, release), takes, consumes];
}

function keyOfRun(run: Run | null): number[] {
  if (run === null) return [0];
  const { phase, term, turn, inboxMayHave, rows, calling, answer, stopping, lost, commit, outcome } = run;
  const bits = flags(term, turn, inboxMayHave, calling, answer, stopping, lost);
  return [1 + PHASES.indexOf(phase), bits, rows, OUTCOMES.indexOf(outcome), ...codesOf(commit)];
}

function keyOfProcess(process: Process): number[] {
  const { up, draining, failed, leaseLost, lease, loop, changed, hint, run, claim, listens } = process;
  // What a look found is of no use later to who is not told of changes.
  const found = listens || loop === "see" || loop === "release";
  const [claimable, addressed, next] = found ? [process.claimable, process.addressed, process.next] : [];
  const bits = flags(
    up,
    draining,
    failed,
    leaseLost,
    changed,
    hint,
    claimable === true,
    addressed === true,
    next === true,
  );
  const claimed = claim === null ? 0 : flags(claim.term, claim.turn, claim.calls);
  return [bits, lease, LOOPS.indexOf(loop), claimed, ...keyOfRun(run)];
}

/** Two processes are alike: which is which makes no other state. */
function keyOf(state: State): string {
  const { owner, ran, cut, calls, wake, over, unsent, open, journal, goneLease, late, troubles, wrong } = state;
  const bits = flags(ran, cut, calls, over, wrong !== null);
  const common = [
    bits,
    wake,
    unsent,
    open,
    journal,
    goneLease,
    troubles,
    late?.by === GONE ? 1 : 0,
    ...codesOf(late?.commit ?? null),
  ];
  const each = state.processes.map((process, i) =>
    String.fromCharCode(flags(owner === i + 1, late?.by === i + 1), ...keyOfProcess(process)),
  );
  each.sort();
  return `${String.fromCharCode(owner === NOBODY || owner === GONE ? owner : 1, ...common)}|${each.join("|")}`;
}

/** The protocol under a setting. Its goal: the program is over. */
export function protocol(setting: Setting): Model<State> {
  return {
    first: firstState(setting),
    keyOf,
    stepsOf: (state) => (state.over ? [] : stepsOf(state, setting)),
    wrongIn: ({ wrong }) => wrong,
    isGoal: ({ over }) => over,
  };
}
