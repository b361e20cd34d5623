// Figures in the text format that Prometheus reads (version 0.0.4): one family after the other, each with its help, type and samples.
//
// https://prometheus.io/docs/instrumenting/exposition_formats/: in a help text backslashes and line feeds are escaped, in the text of a
// label quotes too. Buckets of a histogram are cumulative, end with `+Inf`, and have a sum and a count.
import type { StoreReport } from "../client/client.ts";
import { type MeterName, type MeterRow, METERS, type Tally } from "../interpreter/meters.ts";

/** What a process knows of itself. */
export interface ProcessFigures {
  readonly version: string;
  /** Seconds since 1970. */
  readonly started: number;
  /** Seconds. */
  readonly cpu: number;
  /** Bytes. */
  readonly resident: number;
  readonly heap: number;
  /** Seconds by which the event loop was late since the last time, as its 99th percentile and at most. */
  readonly delay: { readonly p99: number; readonly max: number };
}

export interface Figures {
  readonly tally: Tally;
  /** Null: the store does not answer. */
  readonly store: StoreReport | null;
  readonly process: ProcessFigures;
}

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [suffix: string, labels: Labels, value: number];

/** The media type that the text is sent with. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The text of all figures. */
export function metricsText(figures: Figures): string {
  const { inMemory } = figures.tally;
  const memory = family("programs_in_memory", "gauge", "Programs that are in memory here.", [["", {}, inMemory]]);
  return [
    ...meterFamilies(figures.tally),
    memory,
    ...storeFamilies(figures.store),
    ...processFamilies(figures.process),
  ].join("");
}

function family(name: string, type: string, about: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return "";
  const full = `flowmetal_${name}`;
  const head = `# HELP ${full} ${about.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${full} ${type}\n`;
  return (
    head + samples.map(([suffix, labels, value]) => `${full}${suffix}${labelText(labels)} ${number(value)}\n`).join("")
  );
}

function labelText(labels: Labels): string {
  const texts = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return texts.length === 0 ? "" : `{${texts.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return Number.isNaN(value) ? "NaN" : String(value);
}

function meterFamilies(tally: Tally): string[] {
  return (Object.keys(METERS) as MeterName[]).map((name) => {
    const row: MeterRow = METERS[name];
    return row.type === "counter" ? counterFamily(name, row, tally) : histogramFamily(name, row, tally);
  });
}

function counterFamily(name: MeterName, row: MeterRow, tally: Tally): string {
  const counts = tally.counts.filter((one) => one.name === name);
  // One without labels is there from the beginning, so that its growth can be asked for.
  const none = row.labels.length === 0 && counts.length === 0 ? [{ labels: [], by: 0 }] : [];
  const samples = [...counts, ...none].map(({ labels, by }): Sample => ["", named(row, labels), by]);
  return family(`${name}_total`, "counter", row.about, samples);
}

function histogramFamily(name: MeterName, row: MeterRow, tally: Tally): string {
  const { bounds = [] } = row;
  const spreads = tally.spreads.filter((one) => one.name === name);
  const samples = spreads.flatMap(({ labels, buckets, sum }): Sample[] => {
    let count = 0;
    const cumulative = [...bounds, Number.POSITIVE_INFINITY].map((bound, i): Sample => {
      count += buckets[i] as number;
      return ["_bucket", { ...named(row, labels), le: number(bound) }, count];
    });
    return [...cumulative, ["_sum", named(row, labels), sum], ["_count", named(row, labels), count]];
  });
  return family(name, "histogram", row.about, samples);
}

function named({ labels }: MeterRow, texts: readonly string[]): Labels {
  return Object.fromEntries(labels.map((name, i) => [name, texts[i] as string]));
}

function storeFamilies(store: StoreReport | null): string[] {
  const up = family("store_up", "gauge", "Whether the store has answered.", [["", {}, store === null ? 0 : 1]]);
  if (store === null) return [up];
  const { programs, effects, queues, crashed, interpreters, time, retries } = store;
  const gauge = (name: string, about: string, samples: readonly Sample[]) => family(name, "gauge", about, samples);
  return [
    up,
    gauge(
      "programs",
      "Programs that are not over; those that eval has started are in the queue local.",
      programs.map(({ queue, status, count }) => ["", { queue, status }, count]),
    ),
    gauge("programs_crashed", "Programs whose interpreters have died since their last commit.", [["", {}, crashed]]),
    gauge(
      "effects_open",
      "Effects that are not settled.",
      effects.map(({ capability, state, count }) => ["", { capability, state }, count]),
    ),
    gauge(
      "queue_claimable",
      "Programs that could be claimed; 10000 means so many or more.",
      queues.map(({ queue, claimable }) => ["", { queue }, claimable]),
    ),
    gauge(
      "queue_age_seconds",
      "How long the program that waits longest for an interpreter has had something to do; 0: there is none.",
      queues.map(({ queue, since }) => ["", { queue }, since === null ? 0 : Math.max(0, time - since) / 1_000]),
    ),
    gauge("interpreters", "Interpreters whose leases are good.", [["", {}, interpreters]]),
    family(
      "store_retries_total",
      "counter",
      "Statements that were sent again, by why.",
      Object.entries(retries).map(([reason, count]) => ["", { reason }, count as number]),
    ),
  ];
}

function processFamilies({ version, started, cpu, resident, heap, delay }: ProcessFigures): string[] {
  const one = (name: string, type: string, about: string, value: number, labels: Labels = {}) =>
    family(name, type, about, [["", labels, value]]);
  return [
    one("build_info", "gauge", "The version of the engine; always 1.", 1, { version }),
    one("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", started),
    one("process_cpu_seconds_total", "counter", "Seconds of processor time.", cpu),
    one("process_resident_memory_bytes", "gauge", "Memory of the process.", resident),
    one("process_heap_bytes", "gauge", "Used heap of JavaScript.", heap),
    one(
      "event_loop_delay_p99_seconds",
      "gauge",
      "Lateness of the event loop since the last look: 99th percentile.",
      delay.p99,
    ),
    one(
      "event_loop_delay_max_seconds",
      "gauge",
      "Lateness of the event loop since the last look: the most.",
      delay.max,
    ),
  ];
}
