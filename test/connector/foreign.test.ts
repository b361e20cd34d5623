// Foreign functions answered in this process, the registry of connectors, and the splitting of JSON text.
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { Connectors, type OutgoingEffect } from "../../src/connector/connector.ts";
import { ForeignConnector, ForeignError } from "../../src/connector/foreign.ts";
import { HttpRequestConnector } from "../../src/connector/http-request.ts";
import { arrayItems, objectMembers } from "../../src/connector/json-text.ts";
import { calm, failed } from "./support.ts";

function call(topic: string, payload: string): OutgoingEffect {
  return { key: "k", kind: "foreign", topic, payload, delivery: "at-least-once", attempt: 2 };
}

test("echo answers its arguments, text for text and without a promise", () => {
  const payload = '[9007199254740993,{"2":1,"1":1.0}]';
  expect(new ForeignConnector().perform(call("flow.test/echo", payload), calm())).toEqual({ ok: true, body: payload });
});

test("a handler gets arguments and the call, and may take its time", async () => {
  const connector = new ForeignConnector();
  connector.register("add", ([a, b], { key, attempt }) => [(a as number) + (b as number), key, attempt]);
  connector.register("later", async ([a]) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { a: a! };
  });
  expect(connector.perform(call("add", "[1,2]"), calm())).toEqual({ ok: true, body: '[3,"k",2]' });
  expect(await connector.perform(call("later", "[[1]]"), calm())).toEqual({ ok: true, body: '{"a":[1]}' });
  expect(connector.topics()).toEqual(["flow.test/echo", "add", "later"]);
});

test("an answer is canonical JSON", () => {
  const connector = new ForeignConnector();
  connector.register("say", () => ({ é: "\u007f" }));
  expect(connector.perform(call("say", "[]"), calm())).toEqual({ ok: true, body: '{"\\u00e9":"\\u007f"}' });
});

test("errors of handlers are data, thrown now or later", async () => {
  const connector = new ForeignConnector();
  connector.register("boom", () => {
    throw new Error("no disk");
  });
  connector.register("refuse", async () => {
    throw new ForeignError("bank/refused", "not enough", { missing: 3 });
  });
  connector.register("nothing", () => undefined as never);
  const boom = failed(await connector.perform(call("boom", "[]"), calm()));
  expect(boom).toMatchObject({ sent: true, error: { type: "foreign/error", data: { topic: "boom" } } });
  expect(boom.error.message).toContain("no disk");
  expect(failed(await connector.perform(call("refuse", "[]"), calm())).error).toEqual({
    type: "bank/refused",
    message: "not enough",
    data: { missing: 3 },
  });
  expect(failed(await connector.perform(call("nothing", "[]"), calm())).error.message).toContain("answered nothing");
});

test("a topic without a handler is not accepted, and performing it says so", async () => {
  const connector = new ForeignConnector();
  expect([connector.accepts("flow.test/echo"), connector.accepts("x")]).toEqual([true, false]);
  const { error, sent } = failed(await connector.perform(call("x", "[]"), calm()));
  expect([error.type, sent]).toEqual(["foreign/no-handler", false]);
});

test("a call that is given up is answered at once", async () => {
  const connector = new ForeignConnector();
  connector.register("never", () => new Promise<never>(() => {}));
  const stop = new AbortController();
  const pending = connector.perform(call("never", "[]"), { signal: stop.signal, clock: systemClock });
  stop.abort();
  expect(failed(await pending)).toMatchObject({ sent: true, error: { type: "foreign/aborted" } });
  const late = await connector.perform(call("never", "[]"), { signal: stop.signal, clock: systemClock });
  expect(failed(late)).toMatchObject({ sent: false, error: { type: "foreign/aborted" } });
});

test("the registry finds a connector by kind and topic, refuses a second one, and closes all", async () => {
  const foreign = new ForeignConnector();
  const http = new HttpRequestConnector();
  const connectors = new Connectors([foreign, http]);
  expect(connectors.find("foreign", "flow.test/echo")).toBe(foreign);
  expect(connectors.find("foreign", "x")).toBeNull();
  expect(connectors.find("http", "")).toBe(http);
  expect(connectors.find("process", "")).toBeNull();
  expect(() => connectors.add(new ForeignConnector())).toThrow("already a connector for foreign");
  await connectors.close();
});

test("splitting JSON text agrees with parsing it", () => {
  const spaced = (value: unknown) => JSON.stringify(value, null, 1);
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (object, pretty) => {
      const text = pretty ? spaced(object) : JSON.stringify(object);
      const members = objectMembers(text)!;
      expect(members.map(({ key, text }) => [key, JSON.parse(text)])).toEqual(
        Object.entries(JSON.parse(text) as Record<string, unknown>),
      );
      expect(arrayItems(text)).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.boolean(), (array, pretty) => {
      const text = pretty ? spaced(array) : JSON.stringify(array);
      expect(arrayItems(text)!.map((item) => JSON.parse(item))).toEqual(JSON.parse(text));
      expect(objectMembers(text)).toBeNull();
    }),
  );
  expect(objectMembers('"text"')).toBeNull();
});
