// What a process that serves does about its evaluation process, in time moved by hand: here that is in the same process, and can be frozen.
import { setImmediate as turnOfLoop } from "node:timers/promises";
import { expect, test } from "vitest";
import { FlowmetalError } from "../../src/base/errors.ts";
import { systemFiles } from "../../src/base/files.ts";
import { seededRandom } from "../../src/base/random.ts";
import { findImage } from "../../src/client/find-image.ts";
import { StoreClient } from "../../src/client/store-client.ts";
import { Connectors } from "../../src/connector/connector.ts";
import { evaluate } from "../../src/interpreter/evaluation.ts";
import type { FleetEvent } from "../../src/interpreter/fleet.ts";
import type { EvaluationProcess, Gone, Listener } from "../../src/interpreter/life.ts";
import { type Down, type Note, receivedError, sentError, type Up } from "../../src/interpreter/messages.ts";
import { Supervisor } from "../../src/interpreter/supervisor.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ProgramRow } from "../../src/store/rows.ts";
import type { Store } from "../../src/store/store.ts";
import { HandConnector, JumpingClock, Tap } from "./bench.ts";

const image = await shippedImage();

/** An evaluation process that is none: its messages are copied, it can be frozen, and when it is gone nothing comes from it. */
class Local implements EvaluationProcess {
  readonly gone: Promise<Gone>;
  frozen = false;
  dead = false;
  note: Note = { program: null, work: "program" };
  private end: (gone: Gone) => void = () => undefined;
  private readonly held: Down[] = [];
  private take: (message: Down) => void = () => undefined;

  constructor(host: Host, listener: Listener) {
    this.gone = new Promise((resolve) => {
      this.end = resolve;
    });
    const { clock, random } = host;
    queueMicrotask(() =>
      evaluate({
        clock,
        random,
        files: systemFiles,
        image,
        findImage,
        heapUsed: () => 0,
        send: (message: Up) => {
          const copy = structuredClone(message);
          queueMicrotask(() => this.isSilent || listener.message(copy));
        },
        receive: (callback) => {
          this.take = callback;
        },
        note: (note) => {
          if (this.isSilent) return;
          this.note = note;
          listener.note(note);
        },
      }),
    );
  }

  private get isSilent(): boolean {
    return this.frozen || this.dead;
  }

  send(message: Down): void {
    const copy = structuredClone(message);
    if (this.frozen) this.held.push(copy);
    else queueMicrotask(() => this.dead || this.take(copy));
  }

  kill(): void {
    this.die("other");
  }

  die(reason: Gone["reason"]): void {
    this.dead = true;
    this.end({ reason, detail: "killed" });
  }
}

/** A supervisor at a store in memory. */
class Host {
  readonly clock = new JumpingClock();
  readonly random = seededRandom("supervisor");
  readonly store: Store = openMemoryStore(this);
  readonly tap = new Tap();
  readonly http = new HandConnector("http");
  readonly events: FleetEvent[] = [];
  readonly lives: Local[] = [];
  private readonly client = new StoreClient({
    store: this.store,
    image: shippedImage,
    findImage,
    startInterpreter: () => Promise.reject(new Error("no interpreter here")),
  });
  readonly supervisor = new Supervisor({
    store: this.tap.wrap(this.store),
    connectors: new Connectors([this.http]),
    clock: this.clock,
    start: (listener) => {
      const life = new Local(this, listener);
      this.lives.push(life);
      return life;
    },
    order: { url: "memory:", queues: [{ name: "default" }], concurrency: 50, kinds: ["http"], memory: 2 ** 26 },
    tell: (event) => this.events.push(event),
  });
  over = false;

  constructor() {
    void this.supervisor.serve().then(() => {
      this.over = true;
    });
  }

  enqueue(text: string): Promise<string> {
    const options = { args: [], maxSteps: null, queue: "default", priority: 0, labels: {} };
    return this.client.enqueue(
      { name: "t.fm", text: `(ns t (:require [flow.time :refer [sleep]] flow.http.request))\n${text}` },
      options,
    );
  }

  async row(id: string): Promise<ProgramRow> {
    return (await this.store.readProgram({ program: id }))!;
  }

  get life(): Local {
    return this.lives.at(-1)!;
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  async pass(ms: number, holds: () => boolean | Promise<boolean> = () => false): Promise<boolean> {
    for (let passed = 0; passed < ms; passed += 5) {
      if (await holds()) return true;
      await this.clock.advance(5);
      for (let i = 0; i < 3; i++) await turnOfLoop();
    }
    return holds();
  }

  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    if (!(await this.pass(20_000, holds))) throw new Error(`waited in vain until ${what}`);
  }

  status(id: string, status: string): Promise<void> {
    return this.until(`${id} is ${status}`, async () => (await this.row(id)).status === status);
  }
}

async function atHost(work: (host: Host) => Promise<void>): Promise<void> {
  const host = new Host();
  try {
    await work(host);
  } finally {
    host.supervisor.drain();
    await host.until("it is drained", () => host.over);
  }
}

test("errors cross with all that people and programs are told of them", () => {
  const cause = new TypeError("inner");
  const place = { file: "a.fm", line: 3, column: 4 };
  const error = new FlowmetalError("store/locked", "it is locked", { hint: "wait", data: { ms: 3 }, place, cause });
  const copy = receivedError(structuredClone(sentError(error))) as FlowmetalError;
  expect(copy).toBeInstanceOf(FlowmetalError);
  expect(copy).toMatchObject({ code: "store/locked", message: "it is locked", hint: "wait", data: { ms: 3 }, place });
  expect(copy.stack).toBe(error.stack);
  expect(copy.cause).toMatchObject({ name: "TypeError", message: "inner" });
  expect(receivedError(structuredClone(sentError("thrown")))).toMatchObject({ message: "thrown" });
  const odd = new FlowmetalError("store/locked", "m", { data: { f: () => 1 }, cause: { toString: () => "odd" } });
  expect(receivedError(structuredClone(sentError(odd)))).toMatchObject({ data: {}, cause: { message: "odd" } });
});

test("while nothing comes from it the lease is kept; after 5 s it is ended, and one crash is counted", async () => {
  await atHost(async (host) => {
    const id = await host.enqueue('(flow.http.request/get "http://a.test/") :done');
    const sleeper = await host.enqueue("(sleep 3000) :done");
    await host.until("it is sent", () => host.http.attempts.length === 1);
    await host.pass(1_000);
    host.life.frozen = true;
    const { owner } = await host.row(id);
    expect(owner).not.toBeNull();
    await host.pass(4_500);
    const other = "0".repeat(26);
    await host.store.registerInterpreter({ id: other, engine: "e", lease: 1_500 });
    const wish = { interpreter: other, queues: [{ name: "default", limit: 9 }], limit: 9 };
    const { claimed } = await host.store.claimPrograms(wish);
    expect(claimed).toMatchObject([{ row: { id: sleeper }, takenOver: false }]);
    await host.store.retireInterpreter({ interpreter: other });
    expect(host.lives).toHaveLength(1);
    await host.until("it is ended", () => host.kinds().includes("evaluation-ended"));
    const { program } = host.lives[0].note;
    expect(host.events.find(({ kind }) => kind === "evaluation-ended")).toMatchObject({ why: "stuck", program });
    await host.until("it is sent again", () => host.http.attempts.length === 2);
    expect((await host.row(id)).crashes).toBe(program === id ? 1 : 0);
    host.http.attempts[1].answer({ status: 200, headers: {}, body: "" });
    for (const one of [id, sleeper]) await host.status(one, "done");
    expect(host.lives).toHaveLength(2);
  });
});

test("the crash is that of the program that was evaluated, and of no other", async () => {
  await atHost(async (host) => {
    const first = await host.enqueue('(flow.http.request/get "http://a.test/") :a');
    await host.until("it waits", () => host.http.attempts.length === 1);
    const second = await host.enqueue('(flow.http.request/get "http://b.test/") :b');
    await host.until("both wait", () => host.http.attempts.length === 2);
    expect(host.life.note.program).toBe(second);
    host.life.die("memory");
    await host.until("it is cleared up", () => host.tap.count("retireInterpreter") === 1);
    expect((await host.row(first)).crashes).toBe(0);
    expect((await host.row(second)).crashes).toBe(1);
    await host.until("both are sent again", () => host.http.attempts.length === 4);
    for (const attempt of host.http.attempts.slice(2)) attempt.answer({ status: 200, headers: {}, body: "" });
    for (const id of [first, second]) await host.status(id, "done");
    expect(host.http.attempts.slice(0, 2).every((attempt) => attempt.aborted())).toBe(true);
  });
});

test("what it had asked the store for when it died is waited for before its programs are released", async () => {
  await atHost(async (host) => {
    let letGo: () => void = () => undefined;
    const calls: string[] = [];
    host.tap.before = async (method) => {
      if (method === "disownPrograms" || method === "retireInterpreter") calls.push(method);
      if (method !== "commitTurns" || host.lives.length > 1) return undefined;
      calls.push("commit begins");
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
      calls.push("commit ends");
      return undefined;
    };
    const id = await host.enqueue("(sleep 300) :done");
    await host.until("it commits", () => calls.length === 1);
    host.life.die("memory");
    await host.pass(1_000);
    expect(calls).toEqual(["commit begins"]);
    letGo();
    await host.status(id, "done");
    expect(calls.slice(0, 4)).toEqual(["commit begins", "commit ends", "disownPrograms", "retireInterpreter"]);
  });
});

test("an effect that may be sent once only is sent once, and answered under the lease of the one that died", async () => {
  await atHost(async (host) => {
    const get = '(flow.http.request/get "http://a.test/" {:contract :at-most-once})';
    const id = await host.enqueue(`(:status ${get})`);
    await host.until("it is sent", () => host.http.attempts.length === 1);
    const { owner } = await host.row(id);
    host.life.die("memory");
    await host.until("another begins", () => host.lives.length === 2);
    await host.pass(5_000);
    expect(await host.row(id)).toMatchObject({ owner, crashes: 1, status: "waiting" });
    host.http.attempts[0].answer({ status: 204, headers: {}, body: "" });
    await host.status(id, "done");
    expect((await host.row(id)).result).toBe("204");
    expect(host.http.attempts).toHaveLength(1);
  });
});

test("one that dies again and again is begun again more and more slowly, and can be ended meanwhile", async () => {
  const host = new Host();
  const began: number[] = [];
  for (let n = 1; n <= 5; n++) {
    await host.until(`life ${n}`, () => host.lives.length === n);
    began.push(host.clock.monotonic());
    host.life.die("other");
  }
  const pauses = began.slice(1).map((at, i) => at - began[i]);
  expect(pauses[3]).toBeGreaterThan(3 * pauses[0]);
  host.supervisor.drain();
  await host.until("it is drained", () => host.over);
  expect(host.kinds().at(-1)).toBe("drained");
});
