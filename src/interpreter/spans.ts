// Spans by OpenTelemetry's API alone: whoever wants them registers an SDK before the command begins (`node --import`, docs/observing.md).
//
// The API finds the SDK by a symbol of the whole process, so that it may be another copy of the API; that has to be of the same minor
// version or a newer one. Hence its version here is not the newest (decision 20).
import type { Attributes, Context, Link, Span, SpanKind, Tracer } from "@opentelemetry/api";
import { asciiUpper } from "../base/text.ts";
import { parseTraceparent, traceparentOf } from "../base/traceparent.ts";
import { ENGINE_VERSION } from "../base/version.ts";
import type { EffectFacts, OpenSpan, Tracing, TurnFacts } from "./tracing.ts";

type Api = typeof import("@opentelemetry/api");

/** More are told by their number alone: what SDKs keep of one span is limited. */
const LINKS_MAX = 100;

/** What tells spans to the SDK that was registered; undefined where there is none. */
export async function openTracing(): Promise<Tracing | undefined> {
  const loaded = (await import("@opentelemetry/api")) as Api & { readonly default?: Api };
  const api = loaded.default ?? loaded;
  const tracer = api.trace.getTracer("flowmetal", ENGINE_VERSION);
  // Without an SDK spans have no ids. This one is never ended, so it is told to nobody.
  if (!api.isSpanContextValid(tracer.startSpan("flowmetal").spanContext())) return undefined;
  return new Spans(api, tracer);
}

class Spans implements Tracing {
  constructor(
    private readonly api: Api,
    private readonly tracer: Tracer,
  ) {}

  turn({ program, name, queue, interpreter, turn, begun }: TurnFacts, parent: string | null): OpenSpan {
    const attributes = { ...named({ program, queue, interpreter, turn }), "flowmetal.script": name };
    // The wait before it may have been of months: where such a trace is shown in pieces, the link leads to its beginning.
    const links = turn > 1 ? this.linksTo(parent === null ? [] : [parent]) : [];
    return this.begin("turn", this.api.SpanKind.INTERNAL, parent, { attributes, links, startTime: begun });
  }

  commit(turns: number, contexts: readonly string[]): OpenSpan {
    const attributes = named({ turns });
    // Of one turn it is a part; of several it is a part of none.
    const parent = turns === 1 && contexts.length === 1 ? contexts[0] : null;
    const links = parent === null ? this.linksTo(contexts.slice(0, LINKS_MAX)) : [];
    return this.begin("commit", this.api.SpanKind.CLIENT, parent, { attributes, links });
  }

  effect({ program, key, kind, topic, payload, attempt }: EffectFacts, parent: string | null): OpenSpan {
    const attributes = {
      ...named({ program, effect: key, kind, attempt }),
      ...(topic === "" ? {} : named({ topic })),
      ...(kind === "http" ? httpAttributes(payload) : {}),
    };
    const spanKind = kind === "http" ? this.api.SpanKind.CLIENT : this.api.SpanKind.INTERNAL;
    return this.begin(`effect ${topic === "" ? kind : topic}`, spanKind, parent, { attributes });
  }

  private begin(
    name: string,
    kind: SpanKind,
    parent: string | null,
    options: { readonly attributes: Attributes; readonly links?: Link[]; readonly startTime?: number },
  ): OpenSpan {
    const span = this.tracer.startSpan(`flowmetal.${name}`, { kind, ...options }, this.contextOf(parent));
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceparent: traceparentOf({ trace: traceId, span: spanId, flags: traceFlags }),
      end: (facts, error) => this.end(span, facts, error),
    };
  }

  private end(span: Span, facts: Readonly<Record<string, string | number>>, error: string | undefined): void {
    span.setAttributes(named(facts));
    if (error !== undefined) span.setStatus({ code: this.api.SpanStatusCode.ERROR, message: error });
    span.end();
  }

  private contextOf(parent: string | null): Context {
    const spanContext = this.spanContext(parent);
    const { ROOT_CONTEXT, trace } = this.api;
    return spanContext === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext);
  }

  private spanContext(traceparent: string | null) {
    const ids = traceparent === null ? null : parseTraceparent(traceparent);
    return ids === null ? null : { traceId: ids.trace, spanId: ids.span, traceFlags: ids.flags & 1, isRemote: true };
  }

  private linksTo(contexts: readonly string[]): Link[] {
    return contexts.flatMap((one) => {
      const context = this.spanContext(one);
      return context === null ? [] : [{ context }];
    });
  }
}

function named(facts: Readonly<Record<string, string | number>>): Attributes {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`flowmetal.${name}`, value]));
}

/** Method and host of a request, by the names that OpenTelemetry gives them; nothing of its path, which may hold secrets. */
function httpAttributes(payload: string): Attributes {
  const { method, url } = JSON.parse(payload) as { method?: unknown; url?: unknown };
  const verb = { "http.request.method": asciiUpper(typeof method === "string" ? method : "GET") };
  if (typeof url !== "string" || !URL.canParse(url)) return verb;
  const { hostname, port } = new URL(url);
  return { ...verb, "server.address": hostname, ...(port === "" ? {} : { "server.port": Number(port) }) };
}
