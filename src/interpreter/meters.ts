// What an interpreter counts and measures for those who watch it: increments as plain data, which may cross to another thread or process.
//
// A fleet and all it is made of count into one `Meters`; now and then the fleet tells what was counted since the last time, as a `Tally`
// (fleet.ts). Whoever shows the figures adds the tallies up. What the store knows better (programs, effects, queues) is read there:
// `Store.readFigures`.

/** A figure that only grows, or a distribution. */
export interface MeterRow {
  readonly type: "counter" | "histogram";
  /** One sentence for people. */
  readonly about: string;
  /** Names of its labels, in the order in which their texts are given. */
  readonly labels: readonly string[];
  /** Of a histogram: upper bounds of its buckets, growing; beyond the last there is one more. */
  readonly bounds?: readonly number[];
}

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** All there is to count. Durations are in seconds, sizes in bytes or characters. */
export const METERS = {
  turns: { type: "counter", about: "Turns that were committed.", labels: [] },
  commits: { type: "counter", about: "Commits that the store has answered, by how.", labels: ["outcome"] },
  batch_turns: {
    type: "histogram",
    about: "Turns in one commit.",
    labels: [],
    bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  },
  commit_seconds: {
    type: "histogram",
    about: "Seconds from the sending of a commit to its answer.",
    labels: [],
    bounds: SECONDS,
  },
  refused_turns: { type: "counter", about: "Turns whose rows the store has refused.", labels: [] },
  lost_turns: { type: "counter", about: "Turns that came too late: another process has the program.", labels: [] },
  entries: { type: "counter", about: "Journal entries that were committed.", labels: [] },
  snapshots: { type: "counter", about: "Snapshots that were committed.", labels: [] },
  snapshot_bytes: { type: "counter", about: "Characters of committed snapshots and their chunks.", labels: [] },
  output_bytes: { type: "counter", about: "Characters of committed output.", labels: [] },
  claims: { type: "counter", about: "Programs that were claimed.", labels: ["queue"] },
  takeovers: { type: "counter", about: "Claimed programs whose owners' leases had run out.", labels: ["queue"] },
  suspects: { type: "counter", about: "Programs that were claimed to be evaluated alone.", labels: ["queue"] },
  evictions: { type: "counter", about: "Programs at rest that were let go of.", labels: [] },
  ended: { type: "counter", about: "Programs that were over, or stopped at an error.", labels: ["status"] },
  lost_programs: { type: "counter", about: "Programs that another process has taken over from this one.", labels: [] },
  trouble: { type: "counter", about: "Programs that could not be run here.", labels: [] },
  lease_losses: { type: "counter", about: "Leases that were lost, and all that was in memory with them.", labels: [] },
  restarts: { type: "counter", about: "Times that everything in memory was thrown away to begin anew.", labels: [] },
  pauses: { type: "counter", about: "Times that more than a lease went by unseen.", labels: [] },
  effects: { type: "counter", about: "Effects that were carried out, by outcome.", labels: ["kind", "outcome"] },
  effect_seconds: {
    type: "histogram",
    about: "Seconds from the sending of an effect to its answer.",
    labels: ["kind"],
    bounds: [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300],
  },
} as const satisfies Readonly<Record<string, MeterRow>>;

export type MeterName = keyof typeof METERS;

/** What was counted in some time, as plain data. */
export interface Tally {
  readonly counts: readonly {
    readonly name: MeterName;
    readonly labels: readonly string[];
    readonly by: number;
  }[];
  readonly spreads: readonly {
    readonly name: MeterName;
    readonly labels: readonly string[];
    /** How many there were in each bucket, and beyond the last; not cumulative. */
    readonly buckets: readonly number[];
    readonly sum: number;
  }[];
  /** Programs in memory when the tally was taken. */
  readonly inMemory: number;
}

interface Spread {
  readonly name: MeterName;
  readonly labels: readonly string[];
  readonly buckets: number[];
  sum: number;
}

interface Count {
  readonly name: MeterName;
  readonly labels: readonly string[];
  by: number;
}

/** Counts. Cheap enough for every commit: a look into a map, and an addition. */
export class Meters {
  private readonly counts = new Map<string, Count>();
  private readonly spreads = new Map<string, Spread>();
  inMemory = 0;

  /** Counts something; `labels`: the texts of the meter's labels, in order. */
  count(name: MeterName, by = 1, ...labels: readonly string[]): void {
    if (by === 0) return;
    const key = keyOf(name, labels);
    const known = this.counts.get(key);
    if (known === undefined) this.counts.set(key, { name, labels, by });
    else known.by += by;
  }

  /** Notes one value of a histogram. */
  observe(name: MeterName, value: number, ...labels: readonly string[]): void {
    const spread = this.spread(name, labels);
    const { bounds = [] } = METERS[name] as MeterRow;
    const at = bounds.findIndex((bound) => value <= bound);
    spread.buckets[at === -1 ? bounds.length : at]++;
    spread.sum += value;
  }

  private spread(name: MeterName, labels: readonly string[]): Spread {
    const key = keyOf(name, labels);
    let spread = this.spreads.get(key);
    if (spread === undefined) {
      const { bounds = [] } = METERS[name] as MeterRow;
      spread = { name, labels, buckets: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
      this.spreads.set(key, spread);
    }
    return spread;
  }

  /** What was counted since the last time; null: nothing. */
  take(): Tally | null {
    if (this.counts.size + this.spreads.size === 0) return null;
    const tally = this.total();
    this.counts.clear();
    this.spreads.clear();
    return tally;
  }

  /** Adds what others have counted. */
  add({ counts, spreads, inMemory }: Tally): void {
    for (const { name, by, labels } of counts) this.count(name, by, ...labels);
    for (const { name, labels, buckets, sum } of spreads) {
      const spread = this.spread(name, labels);
      buckets.forEach((count, i) => {
        spread.buckets[i] += count;
      });
      spread.sum += sum;
    }
    this.inMemory = inMemory;
  }

  /** All that was counted since it was last taken. */
  total(): Tally {
    const copies = [...this.spreads.values()].map((spread) => ({ ...spread, buckets: [...spread.buckets] }));
    return {
      counts: [...this.counts.values()].map((count) => ({ ...count })),
      spreads: copies,
      inMemory: this.inMemory,
    };
  }
}

function keyOf(name: MeterName, labels: readonly string[]): string {
  return labels.length === 0 ? name : `${name}\0${labels.join("\0")}`;
}
