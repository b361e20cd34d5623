// One HTTP exchange: a request sent once through a dispatcher of undici, its answer read whole within limits.
import type { Dispatcher } from "undici";
import type { Json } from "../base/canonical-json.ts";
import type { Clock } from "../base/clock.ts";
import type { HttpLimits, HttpRequest } from "./http-payload.ts";

/** An answer, complete. */
export interface HttpAnswer {
  readonly ok: true;
  readonly status: number;
  /** Names in lower case, in the order in which the first of each name came. */
  readonly headers: readonly (readonly [string, string | readonly string[]])[];
  readonly body: Buffer;
}

/** Why there is no answer. */
export interface HttpFailure {
  readonly ok: false;
  readonly type:
    | "http/connect"
    | "http/timeout"
    | "http/too-large"
    | "http/protocol"
    | "http/bad-request"
    | "http/aborted";
  readonly message: string;
  readonly data: Readonly<Record<string, Json>>;
  /** A byte of the request may have left. */
  readonly sent: boolean;
  /** A byte of the answer was read, or the failure was our own decision: no reason to try once more. */
  readonly final: boolean;
}

/** What an exchange runs in. `stop` is aborted with a `Stopped` as its reason. */
export interface ExchangeContext {
  readonly clock: Pick<Clock, "after">;
  readonly limits: HttpLimits;
  readonly stop: AbortSignal;
}

/** The reason an exchange is stopped from outside. */
export class Stopped {
  constructor(
    readonly type: "http/timeout" | "http/aborted",
    readonly message: string,
    readonly data: Readonly<Record<string, Json>>,
  ) {}
}

/** Sends `request` once. Never rejects. */
export function exchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  context: ExchangeContext,
): Promise<HttpAnswer | HttpFailure> {
  return new Promise((resolve) => new Exchange(dispatcher, request, context, resolve).begin());
}

/** The library will not send such a request. */
const REFUSED = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"]);
/** The connector was closed meanwhile. */
const CLOSED = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED"]);

type Phase = "connect" | "headers" | "body";

/** The state of one exchange; it settles once, and what comes later is ignored. */
class Exchange implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: [string, string | string[]][] = [];
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #sent = false;
  #answered = false;
  #settled = false;
  #cancelAlarm: () => void = () => {};

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly request: HttpRequest,
    private readonly context: ExchangeContext,
    private readonly resolve: (outcome: HttpAnswer | HttpFailure) => void,
  ) {}

  begin(): void {
    const { stop } = this.context;
    if (stop.aborted) {
      this.#stopped();
      return;
    }
    stop.addEventListener("abort", this.#stopped);
    this.#phase("connect", this.context.limits.connectMs);
    const { method, url, headers, body } = this.request;
    try {
      this.dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method,
          headers: headers.flat(),
          body,
          // Our own alarms judge; the library's would be a second, coarser opinion.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        this,
      );
    } catch (error) {
      this.onResponseError(null, error as Error);
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while connecting: the request must not be written now.
    if (this.#settled) {
      controller.abort(new Error("given up"));
      return;
    }
    this.#sent = true;
    this.#phase("headers", this.context.limits.headersMs);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200 || this.#settled) return;
    this.#answered = true;
    this.#status = status;
    this.#headers = Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] => entry[1] !== undefined,
    );
    this.#phase("body", this.context.limits.bodyMs);
    const announced = this.request.method === "HEAD" ? 0 : Number(headers["content-length"] ?? 0);
    if (announced > this.request.maxBytes) this.#tooLarge(announced);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#size += chunk.length;
    if (this.#size > this.request.maxBytes) {
      this.#tooLarge(null);
      return;
    }
    this.#chunks.push(chunk);
    this.#phase("body", this.context.limits.bodyMs);
  }

  onResponseEnd(): void {
    this.#settle({ ok: true, status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const code = codeOf(error);
    const reason = error.message === "" ? code : error.message;
    const what = this.#sent ? "the exchange broke off" : "cannot connect";
    this.#fail(this.#typeOf(code), `${this.#place()}: ${what}: ${reason}`, { code }, CLOSED.has(code));
  }

  #typeOf(code: string): HttpFailure["type"] {
    if (CLOSED.has(code)) return "http/aborted";
    if (REFUSED.has(code)) return "http/bad-request";
    if (code === "UND_ERR_CONNECT_TIMEOUT") return "http/timeout";
    return this.#sent ? "http/protocol" : "http/connect";
  }

  /** Starts the alarm of a phase, ending that of the one before. */
  #phase(phase: Phase, ms: number): void {
    this.#cancelAlarm();
    this.#cancelAlarm = this.context.clock.after(ms, () => {
      const what = { connect: "no connection", headers: "no answer", body: "the answer stood still" }[phase];
      this.#fail("http/timeout", `${this.#place()}: ${what} for ${ms} ms`, { phase, ms }, true);
    });
  }

  #tooLarge(announced: number | null): void {
    const { maxBytes } = this.request;
    const size = announced === null ? `more than ${maxBytes}` : `${announced}`;
    this.#fail("http/too-large", `${this.#place()}: the answer has ${size} bytes, at most ${maxBytes} are wanted`, {
      maxBytes,
      announced,
    });
  }

  readonly #stopped = (): void => {
    const reason: unknown = this.context.stop.reason;
    const { type, message, data } =
      reason instanceof Stopped ? reason : new Stopped("http/aborted", "the request was given up", {});
    this.#fail(type, `${this.#place()}: ${message}`, data, true);
  };

  /** Method and address without the query, which may hold secrets. */
  #place(): string {
    return `${this.request.method} ${this.request.url.origin}${this.request.url.pathname}`;
  }

  #fail(type: HttpFailure["type"], message: string, data: Record<string, Json>, ours = false): void {
    if (this.#settled) return;
    this.#settle({ ok: false, type, message, data, sent: this.#sent, final: ours || this.#answered });
    this.#controller?.abort(new Error(message));
  }

  #settle(outcome: HttpAnswer | HttpFailure): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelAlarm();
    this.context.stop.removeEventListener("abort", this.#stopped);
    this.resolve(outcome);
  }
}

/** The stable part of a network error. Several addresses tried in vain come as one error without a message of its own. */
function codeOf(error: Error & { code?: unknown; errors?: unknown }): string {
  if (typeof error.code === "string") return error.code;
  const first: unknown = Array.isArray(error.errors) ? error.errors[0] : undefined;
  return first instanceof Error ? codeOf(first) : error.name;
}
