// A fleet's decisions, in one process and in time moved by hand: what is claimed, kept, let go of, thrown away, evaluated alone.
import { setImmediate as turnOfLoop } from "node:timers/promises";
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { findImage } from "../../src/client/find-image.ts";
import { StoreClient } from "../../src/client/store-client.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { ForeignConnector } from "../../src/connector/foreign.ts";
import { Fleet, type FleetEvent, type FleetOptions } from "../../src/interpreter/fleet.ts";
import { newEntry } from "../../src/journal/codec.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { HandConnector, JumpingClock, Tap } from "./bench.ts";

const image = await shippedImage();
const LEASE = 1_500;

/** A store in memory, a clock, and fleets at them. */
class Yard {
  readonly clock = new JumpingClock();
  readonly random = seededRandom("fleet");
  readonly store: Store = openMemoryStore(this);
  private readonly client = new StoreClient({
    store: this.store,
    image: shippedImage,
    findImage,
    startInterpreter: () => Promise.reject(new Error("no interpreter here")),
  });
  readonly fleets: Yarded[] = [];

  enqueue(
    text: string,
    change: { queue?: string; priority?: number; labels?: Record<string, string> } = {},
  ): Promise<string> {
    const options = { args: [], maxSteps: null, queue: "default", priority: 0, labels: {}, ...change };
    return this.client.enqueue({ name: "t.fm", text: `${NS}${text}` }, options);
  }

  fleet(change: Partial<FleetOptions> = {}): Yarded {
    const fleet = new Yarded(this, change);
    this.fleets.push(fleet);
    return fleet;
  }

  async row(id: string): Promise<ProgramRow> {
    return (await this.store.readProgram({ program: id }))!;
  }

  async kinds(id: string): Promise<string[]> {
    return (await this.store.readJournal({ program: id })).map(({ kind }) => kind);
  }

  /** Lets time pass in small steps until a condition holds, or for `ms`. */
  async pass(ms: number, holds: () => boolean | Promise<boolean> = () => false): Promise<boolean> {
    for (let passed = 0; passed < ms; passed += 5) {
      if (await holds()) return true;
      await this.clock.advance(5);
      for (let i = 0; i < 3; i++) await turnOfLoop();
    }
    return holds();
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    if (!(await this.pass(10_000, holds))) throw new Error(`waited in vain until ${what}`);
  }

  status(id: string, status: string): Promise<void> {
    return this.until(`${id} is ${status}`, async () => (await this.row(id)).status === status);
  }

  /** An owner that claims a program and is never heard of again. */
  async die(id: string): Promise<void> {
    const interpreter = `0${String(this.deaths++).padStart(25, "0")}`;
    await this.store.registerInterpreter({ id: interpreter, engine: "e", lease: 1 });
    const claim = await this.store.claimProgram({ program: id, interpreter });
    if (claim.outcome !== "claimed") throw new Error(claim.outcome);
    await this.clock.advance(2);
  }
  private deaths = 0;
}

const NS = "(ns t (:require [flow.test :as test] [flow.time :refer [sleep]] [flow.http.request :as http]))\n";

/** A fleet under test. */
class Yarded {
  readonly events: FleetEvent[] = [];
  readonly tap = new Tap();
  readonly http: HandConnector;
  readonly fleet: Fleet;
  over = false;

  constructor(
    private readonly yard: Yard,
    change: Partial<FleetOptions>,
  ) {
    this.http = new HandConnector("http");
    this.fleet = new Fleet({
      store: this.tap.wrap(yard.store),
      image,
      findImage,
      connectors: new Connectors([new ForeignConnector(), this.http]),
      capabilities: ["http", "foreign:flow.test/echo"],
      clock: yard.clock,
      random: yard.random,
      queues: [{ name: "default" }],
      concurrency: 50,
      tell: (event) => this.events.push(event),
      ...change,
    });
    void this.fleet.serve().then(() => {
      this.over = true;
    });
  }

  /** It stops for good, without a word. */
  die(): void {
    this.isDead = true;
    this.tap.before = () => new Promise(() => undefined);
  }
  isDead = false;

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  get id(): string {
    const serving = this.events.filter((event) => event.kind === "serving");
    return serving.at(-1)!.interpreter;
  }

  async drain(): Promise<void> {
    this.fleet.drain();
    await this.yard.until("it is drained", () => this.over);
  }
}

async function inYard(work: (yard: Yard) => Promise<void>): Promise<void> {
  const yard = new Yard();
  const drain = async (): Promise<void> => {
    for (const fleet of yard.fleets) if (!fleet.isDead) await fleet.drain();
  };
  // What went wrong is told, not what came of it.
  await work(yard).catch(async (error: unknown) => {
    await drain().catch(() => undefined);
    throw error;
  });
  await drain();
}

const each = (ids: readonly string[], holds: (row: ProgramRow) => boolean, yard: Yard) => async () =>
  (await Promise.all(ids.map((id) => yard.row(id)))).every(holds);

test("turns of many programs share commits; programs that wait are not owned, and a due one is woken in time", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet();
    // A commit takes its time.
    fleet.tap.before = (method) => (method === "commitTurns" ? yard.clock.sleep(10) : undefined);
    const ids: string[] = [];
    for (let n = 0; n < 40; n++) {
      const steps = "(dotimes [i 5] (test/echo i))";
      ids.push(await yard.enqueue(`${steps} (sleep 5000) ${steps} ${n}`));
    }
    await yard.until(
      "all sleep",
      each(ids, ({ wake }) => wake !== null, yard),
    );
    expect(await each(ids, ({ owner }) => owner === null, yard)()).toBe(true);
    const wake = (await yard.row(ids[0])).wake!;
    await yard.until(
      "all are done",
      each(ids, ({ status }) => status === "done", yard),
    );
    expect(yard.clock.now() - wake).toBeLessThan(300);
    const rows = await Promise.all(ids.map((id) => yard.row(id)));
    expect(rows.map(({ result }) => result)).toEqual(ids.map((_, n) => String(n)));
    const turns = rows.reduce((sum, { turn }) => sum + turn, 0);
    // Each takes at least eleven turns: one for each step, and one that begins.
    expect(turns).toBeGreaterThanOrEqual(40 * 11);
    expect(fleet.tap.count("commitTurns")).toBeLessThan(turns / 8);
  });
});

test("the highest priority first, queues in turns, and no more than the limits say", async () => {
  await inYard(async (yard) => {
    const [a, b, c] = [
      await yard.enqueue("(test/echo 1)"),
      await yard.enqueue("(test/echo 1)", { priority: 5 }),
      await yard.enqueue("(test/echo 1)", { queue: "mail" }),
    ];
    const fleet = yard.fleet({ queues: [{ name: "default" }, { name: "mail" }], concurrency: 1 });
    await yard.until(
      "all are done",
      each([a, b, c], ({ status }) => status === "done", yard),
    );
    const ended = fleet.events.flatMap((event) => (event.kind === "ended" ? [event.program] : []));
    expect(ended).toEqual([b, a, c]);

    const requests: string[] = [];
    for (let n = 0; n < 6; n++) requests.push(await yard.enqueue('(http/get "http://x")', { queue: "slow" }));
    const slow = yard.fleet({ queues: [{ name: "slow", concurrency: 2 }] });
    for (let n = 0; n < 6; n += 2) {
      await yard.until("two are sent", () => slow.http.attempts.length === n + 2);
      await yard.pass(600);
      expect(slow.http.attempts).toHaveLength(n + 2);
      for (const attempt of slow.http.attempts.slice(n)) attempt.answer({ status: 200, headers: {}, body: "" });
    }
    await yard.until(
      "they are over",
      each(requests, ({ status }) => status === "done" || status === "faulted", yard),
    );
  });
});

test("what is delivered to a program at rest wakes it, in memory or not; one that was woken stays a little", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet({ connectors: new Connectors([]), capabilities: [] });
    const id = await yard.enqueue("(dotimes [i 3] (test/echo i))");
    const told: (string | null)[] = [];
    for (let n = 0; n < 3; n++) {
      await yard.until("it waits", async () => (await yard.row(id)).turn === n + 1);
      const [effect] = await yard.store.listEffects({ program: id, states: ["pending"] });
      told.push((await yard.row(id)).owner);
      if (n === 1) await yard.pass(1_500);
      const { body } = newEntry("answer", { key: effect.key, outcome: "ok", body: `[${n}]` });
      await yard.store.deliver({ program: id, key: effect.key, kind: "answer", body });
    }
    await yard.status(id, "done");
    // After its first turn it was let go of; woken, it stayed; and was let go of when it had rested for long.
    expect(told).toEqual([null, fleet.id, fleet.id]);
    expect((await yard.row(id)).term).toBe(3);
    expect(fleet.tap.count("releasePrograms")).toBe(1);
  });
});

test("a program that is in memory takes in what is delivered to it here without a look at the store", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet({ connectors: new Connectors([]), capabilities: [] });
    const id = await yard.enqueue("(dotimes [i 3] (test/echo i))");
    const deliver = async (n: number): Promise<void> => {
      await yard.until("it waits", async () => (await yard.row(id)).turn === n);
      const [effect] = await yard.store.listEffects({ program: id, states: ["pending"] });
      const { body } = newEntry("answer", { key: effect.key, outcome: "ok", body: `[${n}]` });
      await yard.store.deliver({ program: id, key: effect.key, kind: "answer", body });
    };
    await deliver(1);
    await yard.until("it was woken", async () => (await yard.row(id)).turn === 2);
    expect((await yard.row(id)).owner).toBe(fleet.id);
    let letLook: () => void = () => undefined;
    const looks = new Promise<undefined>((resolve) => {
      letLook = () => resolve(undefined);
    });
    fleet.tap.before = (method) => (method === "readWork" ? looks : undefined);
    await deliver(2);
    await yard.until("it has taken it in", async () => (await yard.row(id)).turn === 3);
    letLook();
    await deliver(3);
    await yard.status(id, "done");
  });
});

test("a lease that is gone: everything in memory is thrown away, and goes on under a new id", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet();
    const id = await yard.enqueue("(test/echo 1) (sleep 400) (test/echo 2) (sleep 400) (test/echo 3)");
    await yard.until("it sleeps", async () => (await yard.row(id)).wake !== null);
    const first = fleet.id;
    await yard.store.retireInterpreter({ interpreter: first });
    await yard.status(id, "done");
    expect(fleet.kinds()).toContain("restarting");
    expect(fleet.id).not.toBe(first);
    expect(await yard.row(id)).toMatchObject({ result: '["v",3]' });
    expect((await yard.kinds(id)).filter((kind) => kind === "answer")).toHaveLength(3);
  });
});

test("a store that fails in a commit: what became of it is read from the store (E-10)", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet();
    const [a, b] = [await yard.enqueue("(test/echo 1) 1"), await yard.enqueue("(test/echo 2) 2")];
    let failures = 0;
    fleet.tap.before = async (method, params) => {
      if (method !== "commitTurns" || failures++ > 0) return undefined;
      await yard.store.commitTurns(params as Parameters<Store["commitTurns"]>[0]);
      const { FlowmetalError } = await import("../../src/base/errors.ts");
      throw new FlowmetalError("store/unknown-outcome", "the reply is lost");
    };
    await yard.until(
      "both are done",
      each([a, b], ({ status }) => status === "done", yard),
    );
    expect(fleet.kinds()).toContain("restarting");
    for (const id of [a, b]) expect((await yard.kinds(id)).filter((kind) => kind === "answer")).toHaveLength(1);
  });
});

test("a program that ends every process that loads it is left where it is", async () => {
  await inYard(async (yard) => {
    const poison = await yard.enqueue("(test/echo 1) 3");
    for (let n = 0; n < 8; n++) await yard.die(poison);
    const good = await yard.enqueue("(test/echo 1) 1");
    const fleet = yard.fleet();
    await yard.until("it is told of", () => fleet.kinds().includes("trouble"));
    await yard.status(good, "done");
    const { error } = fleet.events.find((event) => event.kind === "trouble")!;
    expect(error).toMatchObject({ code: "program/cannot-load" });
    expect(await yard.kinds(poison)).toEqual(["start"]);
    expect((await yard.row(poison)).crashes).toBe(8);
  });
});

test("of the programs with the same text of a label no more are in memory than their limit says, in two fleets", async () => {
  await inYard(async (yard) => {
    const ids: string[] = [];
    const done = new Set<unknown>();
    for (let n = 0; n < 12; n++) {
      const text = '(:status (http/get "http://a.test/"))';
      ids.push(await yard.enqueue(text, { labels: { customer: n < 10 ? "a" : "b" } }));
    }
    const per = { label: "customer", limit: 2 };
    const fleets = [1, 2].map(() => yard.fleet({ queues: [{ name: "default", per }] }));
    const sent = (): number => fleets.reduce((sum, { http }) => sum + http.attempts.length, 0);
    let answered = 0;
    for (let n = 0; n < 12; n++) {
      await yard.until("one more is sent", () => sent() > answered);
      await yard.pass(400);
      const rows = await Promise.all(ids.map((id) => yard.row(id)));
      const owned = (text: string): number =>
        rows.filter(({ owner, labels }) => owner !== null && labels.customer === text).length;
      expect(owned("a")).toBeLessThanOrEqual(2);
      // One customer does not hold up the other.
      if (n === 0) expect([owned("a"), owned("b")]).toEqual([2, 2]);
      const open = fleets.flatMap(({ http }) => http.attempts).filter((attempt) => !done.has(attempt));
      done.add(open[0]);
      open[0].answer({ status: 200, headers: {}, body: "" });
      answered++;
    }
    for (const id of ids) await yard.status(id, "done");
  });
});

test("a program whose owners die on it is evaluated alone, and after the fourth faults, its continuation intact (E-15)", async () => {
  await inYard(async (yard) => {
    const [good, bad] = [await yard.enqueue("(test/echo 1) 1"), await yard.enqueue("(test/echo 1) 2")];
    await yard.die(bad);
    await yard.die(bad);
    await yard.die(good);
    const fleet = yard.fleet();
    await yard.status(good, "done");
    await yard.status(bad, "done");
    expect(fleet.events.filter(({ kind }) => kind === "suspect")).toEqual([
      { kind: "suspect", program: bad, crashes: 2 },
    ]);
    expect(await yard.row(bad)).toMatchObject({ result: "2", crashes: 0 });
    await fleet.drain();

    const poison = await yard.enqueue("(test/echo 1) 3");
    for (let n = 0; n < 4; n++) await yard.die(poison);
    const next = yard.fleet();
    await yard.status(poison, "faulted");
    expect(await yard.row(poison)).toMatchObject({ owner: null, crashes: 0 });
    expect((await yard.row(poison)).error).toContain("crashed-interpreter");
    const retry = {
      id: "retry",
      command: "restart",
      baseTurn: null,
      author: "t",
      reason: "",
      body: '{"how":"retry"}',
    } as const;
    await yard.store.putCommand({ program: poison, command: retry });
    await yard.status(poison, "done");
    expect(next.kinds()).toContain("suspect");
  });
});

test("a program that is evaluated alone holds up nobody while it waits for an answer", async () => {
  await inYard(async (yard) => {
    const slowly = () => {
      const hand = new HandConnector("foreign");
      return { hand, fleet: yard.fleet({ connectors: new Connectors([hand]) }) };
    };
    const first = slowly();
    const slow = await yard.enqueue("(test/echo 1)");
    await yard.until("it is asked", () => first.hand.attempts.length === 1);
    first.fleet.die();
    await yard.clock.advance(LEASE + 100);
    await yard.die(slow);
    await yard.die(slow);
    const second = slowly();
    await yard.until("it is asked again", () => second.hand.attempts.length === 1);
    expect(second.fleet.kinds()).toContain("suspect");
    await yard.status(await yard.enqueue("2"), "done");
    second.hand.attempts[0].answer(1);
    await yard.status(slow, "done");
    expect(await yard.row(slow)).toMatchObject({ result: "1", crashes: 0 });
  });
});

test("effects of a program that nobody owns: sent again under their key, or unknown if they may be sent once only (E-21)", async () => {
  await inYard(async (yard) => {
    const first = yard.fleet();
    const again = await yard.enqueue('(http/get "http://x")');
    const once = await yard.enqueue('(http/get "http://x" {:contract :at-most-once})');
    await yard.until("both are sent", () => first.http.attempts.length === 2);
    const keys = first.http.attempts.map(({ key }) => key);
    first.die();
    await yard.clock.advance(LEASE + 100);
    const second = yard.fleet();
    await yard.until("it is sent again", () => second.http.attempts.length > 0);
    expect(second.http.attempts).toHaveLength(1);
    expect(keys).toContain(second.http.attempts[0].key);
    second.http.attempts[0].answer({ status: 200, headers: [], body: "" });
    await yard.status(once, "faulted");
    await yard.until("the other goes on", async () => (await yard.row(again)).turn > 1);
    expect((await yard.row(once)).error).toContain("effect/unknown");
  });
});

test("when time jumps, nothing is claimed until those who live have renewed their leases (E-13)", async () => {
  await inYard(async (yard) => {
    const [one, other] = [yard.fleet(), yard.fleet()];
    const id = await yard.enqueue('(http/get "http://x")');
    await yard.until("it is sent", () => one.http.attempts.length + other.http.attempts.length === 1);
    await yard.pass(300);
    yard.clock.off += 3_600_000;
    await yard.pass(1_000);
    expect([...one.kinds(), ...other.kinds()].filter((kind) => kind === "paused")).toHaveLength(2);
    expect([...one.kinds(), ...other.kinds()]).not.toContain("taken-over");
    expect(await yard.row(id)).toMatchObject({ term: 1, crashes: 0 });
    expect(one.http.attempts.length + other.http.attempts.length).toBe(1);
  });
});

test("what rests in memory makes room at once for what has something to do", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet({ concurrency: 2 });
    const sleepers = [await yard.enqueue("(sleep 400) 1"), await yard.enqueue("(sleep 400) 2")];
    await yard.until(
      "they sleep in memory",
      each(sleepers, ({ wake, owner }) => wake !== null && owner !== null, yard),
    );
    const began = yard.clock.now();
    const other = await yard.enqueue("(test/echo 1) 3");
    await yard.status(other, "done");
    expect(yard.clock.now() - began).toBeLessThan(300);
    expect(fleet.tap.count("releasePrograms")).toBeGreaterThan(0);
    await yard.until(
      "they are done",
      each(sleepers, ({ status }) => status === "done", yard),
    );
  });
});

test("nothing is sent while nobody knows whether the lease is good (E-13)", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet();
    let answer: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => {
      answer = resolve;
    });
    fleet.tap.before = async (method) => {
      if (method === "renewLease") await silence;
      if (method === "commitTurns") await yard.clock.sleep(1_100);
    };
    const id = await yard.enqueue('(http/get "http://x")');
    await yard.until("it is committed", async () => (await yard.row(id)).turn === 1);
    await yard.pass(200);
    expect(fleet.http.attempts).toHaveLength(0);
    answer();
    await yard.until("it is sent", () => fleet.http.attempts.length === 1);
  });
});

test("a long computation does not starve the others, and is cut and committed when the process is to end", async () => {
  await inYard(async (yard) => {
    const endless = await yard.enqueue("(loop [i 0] (recur (inc i)))");
    const fleet = yard.fleet();
    await yard.until("it runs", async () => (await yard.row(endless)).owner !== null);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push(await yard.enqueue("(dotimes [i 5] (test/echo i))"));
    await yard.until(
      "the others are done",
      each(ids, ({ status }) => status === "done", yard),
    );
    await fleet.drain();
    expect(await yard.row(endless)).toMatchObject({ owner: null, cut: true, status: "ready" });
  });
});

test("a program that cannot be loaded is held back, and does not stop the others", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet();
    const bad = await yard.enqueue("1");
    const other = await yard.enqueue("2");
    fleet.tap.before = (method, params) => {
      if (method === "readToRun") return [];
      if (method === "readJournal" && (params as { program: string }).program === bad) return [];
      return undefined;
    };
    await yard.status(other, "done");
    await yard.pass(1_000);
    expect(fleet.events.filter(({ kind }) => kind === "trouble")).toHaveLength(1);
    fleet.tap.before = () => undefined;
    await yard.until("it is tried again", () => yard.pass(31_000, async () => (await yard.row(bad)).status === "done"));
  });
});

test("drained, it waits a little for what may be sent once only", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet();
    const id = await yard.enqueue('(:status (http/get "http://x" {:contract :at-most-once}))');
    await yard.until("it is sent", () => fleet.http.attempts.length === 1);
    fleet.fleet.drain();
    await yard.pass(500);
    expect(fleet.over).toBe(false);
    fleet.http.attempts[0].answer({ status: 200, headers: [], body: "" });
    await yard.until("it is drained", () => fleet.over);
    expect((await yard.kinds(id)).slice(0, 4)).toEqual(["start", "turn", "answer", "turn"]);
    expect((await yard.row(id)).owner).toBeNull();
  });
});

test("somebody else answers first what this process has an answer to: the program is loaded anew and goes on (E-6)", async () => {
  await inYard(async (yard) => {
    const hand = new HandConnector("foreign");
    const fleet = yard.fleet({ connectors: new Connectors([hand]) });
    const id = await yard.enqueue("(test/echo 1)");
    await yard.until("it is asked", () => hand.attempts.length === 1);
    const { key, answer } = hand.attempts[0];
    const { body } = newEntry("answer", { key, outcome: "ok", body: "2" });
    // Between the turn that takes the answer in and its commit.
    fleet.tap.before = async (method) => {
      if (method === "commitTurns") await yard.store.deliver({ program: id, key, kind: "answer", body });
    };
    answer(1);
    await yard.status(id, "done");
    expect(await yard.row(id)).toMatchObject({ result: "2" });
    expect(fleet.kinds()).toContain("lost");
    expect((await yard.kinds(id)).filter((kind) => kind === "answer")).toHaveLength(1);
  });
});

test("a process that takes back a program which it lost does not wait for what it had under way for it", async () => {
  await inYard(async (yard) => {
    const slow = new HandConnector("foreign");
    const one = yard.fleet({ connectors: new Connectors([slow]), capabilities: [] });
    const id = await yard.enqueue('(test/echo 1) (http/get "http://x") 2');
    await yard.until("it is asked", () => slow.attempts.length === 1);
    // It is stopped for longer than its lease.
    let goOn: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    one.tap.before = async () => {
      await stopped;
      return undefined;
    };
    const other = yard.fleet({ connectors: new Connectors([new ForeignConnector()]), capabilities: [] });
    await yard.until("the other process has let go of it", async () => {
      const { owner, term, turn } = await yard.row(id);
      return owner === null && term > 1 && turn > 1;
    });
    await other.drain();
    goOn();
    await yard.pass(700);
    const [{ key }] = await yard.store.listEffects({ program: id, states: ["pending"] });
    const { body } = newEntry("answer", { key, outcome: "ok", body: '{"status":200,"headers":[],"body":""}' });
    await yard.store.deliver({ program: id, key, kind: "answer", body });
    await yard.status(id, "done");
    await yard.status(await yard.enqueue("3"), "done");
    expect(slow.attempts).toHaveLength(1);
    expect(one.kinds()).toContain("lost");
  });
});

test("what is delivered while a program is let go of wakes it at once", async () => {
  await inYard(async (yard) => {
    const fleet = yard.fleet({ connectors: new Connectors([]), capabilities: [] });
    const { body } = newEntry("answer", { key: "stray", outcome: "ok", body: "1" });
    let released = 0;
    const id = await yard.enqueue("(test/echo 1)");
    fleet.tap.before = async (method) => {
      if (method !== "commitTurns" || released > 0) return;
      // Its turn is evaluated, and will release it; the process is told of the delivery before that is committed.
      await yard.store.deliver({ program: id, key: "stray", kind: "answer", body });
      await yard.clock.sleep(30);
      released = yard.clock.now();
    };
    await yard.until("it is taken in", async () => (await yard.row(id)).turn === 2);
    expect(yard.clock.now() - released).toBeLessThan(100);
  });
});

test("a process that is still ending when another has what it had disturbs nobody", async () => {
  await inYard(async (yard) => {
    const slow = new HandConnector("foreign");
    const one = yard.fleet({ connectors: new Connectors([slow]) });
    const id = await yard.enqueue("[(test/echo 1) (test/echo 2)]");
    await yard.until("it is asked", () => slow.attempts.length === 1);
    let goOn: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    // It is told to end, and stopped before it has let go.
    const writes = ["commitTurns", "renewLease", "retireInterpreter"];
    one.tap.before = (method) => (writes.includes(method) ? stopped : undefined);
    one.fleet.drain();
    await yard.pass(LEASE + 200);
    const other = yard.fleet({ connectors: new Connectors([new ForeignConnector()]) });
    await yard.status(id, "done");
    const { turn, term } = await yard.row(id);
    goOn();
    slow.attempts[0].answer("late");
    await yard.until("it has ended", () => one.over);
    expect(other.kinds()).toContain("taken-over");
    expect(await yard.row(id)).toMatchObject({ turn, term, owner: null, result: '["v",["v",1],["v",2]]' });
    expect((await yard.kinds(id)).filter((kind) => kind === "answer")).toHaveLength(2);
  });
});
