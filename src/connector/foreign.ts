// The connector for foreign functions whose handlers live in this process.
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import { parseJson } from "../base/json-reader.ts";
import { type Connector, type Performed, type OutgoingEffect, type PerformContext, failure } from "./connector.ts";

/** What a handler may want to know beside the arguments. */
export interface ForeignCall {
  readonly topic: string;
  /** The effect's key: the same when the call is repeated after a crash. */
  readonly key: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** Computes the answer of a call. Objects come as Maps, wide integers as bigints. Throws ForeignError to fail with a type of its own. */
export type ForeignHandler = (args: readonly Json[], call: ForeignCall) => Json | Promise<Json>;

/** Like ForeignHandler, from canonical JSON text (an array) to canonical JSON text. */
export type ForeignTextHandler = (args: string, call: ForeignCall) => string | Promise<string>;

/** An error a handler wants the program to see as it is. */
export class ForeignError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly data: Readonly<Record<string, Json>> = {},
  ) {
    super(message);
    this.name = "ForeignError";
  }
}

/** Carries out effects of the kind `foreign`. The payload is the array of arguments. */
export class ForeignConnector implements Connector {
  readonly kind = "foreign";
  readonly #handlers = new Map<string, ForeignTextHandler>();

  constructor() {
    this.registerText("flow.test/echo", (args) => args);
  }

  /** Makes `handler` answer the calls of `topic`, in place of the one before. */
  register(topic: string, handler: ForeignHandler): void {
    this.registerText(topic, (text, call) => {
      const answer = handler(parseJson(text) as Json[], call);
      return answer instanceof Promise ? answer.then(jsonText) : jsonText(answer);
    });
  }

  /** Makes `handler` answer the calls of `topic`, text to text. */
  registerText(topic: string, handler: ForeignTextHandler): void {
    this.#handlers.set(topic, handler);
  }

  /** The topics that have a handler, in the order of their registration. */
  topics(): string[] {
    return [...this.#handlers.keys()];
  }

  accepts(topic: string): boolean {
    return this.#handlers.has(topic);
  }

  perform(effect: OutgoingEffect, { signal }: PerformContext): Performed | Promise<Performed> {
    const { topic } = effect;
    const handler = this.#handlers.get(topic);
    if (handler === undefined)
      return failure("foreign/no-handler", `no handler for the topic ${JSON.stringify(topic)}`, { topic }, false);
    if (signal.aborted) return abandoned(topic, false);
    try {
      const answer = handler(effect.payload, { topic, key: effect.key, attempt: effect.attempt, signal });
      return answer instanceof Promise ? settle(answer, topic, signal) : { ok: true, body: answer };
    } catch (error) {
      return thrown(error, topic);
    }
  }

  async close(): Promise<void> {}
}

/** Waits for an answer or for the signal. A handler that goes on after the signal is nobody's concern any more. */
function settle(answer: Promise<string>, topic: string, signal: AbortSignal): Promise<Performed> {
  let giveUp = () => {};
  const given = new Promise<Performed>((resolve) => {
    giveUp = () => resolve(abandoned(topic, true));
  });
  signal.addEventListener("abort", giveUp);
  const answered = answer.then(
    (body): Performed => ({ ok: true, body }),
    (error: unknown) => thrown(error, topic),
  );
  return Promise.race([answered, given]).finally(() => signal.removeEventListener("abort", giveUp));
}

function abandoned(topic: string, sent: boolean): Performed {
  return failure("foreign/aborted", `the call of ${topic} was given up`, { topic }, sent);
}

function thrown(error: unknown, topic: string): Performed {
  if (error instanceof ForeignError) return failure(error.type, error.message, error.data, true);
  const message = error instanceof Error ? error.message : String(error);
  return failure("foreign/error", `the handler of ${topic} failed: ${message}`, { topic }, true);
}

/** JSON of an answer; a handler that answers nothing has forgotten something. */
function jsonText(value: Json | undefined): string {
  if (value === undefined) throw new ForeignError("foreign/error", "the handler answered nothing");
  return canonicalJson(value);
}
