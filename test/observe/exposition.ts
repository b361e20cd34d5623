// A reader of the Prometheus text format, by its grammar: what a scraper would refuse is refused here.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"];

/** Reads a text; throws at what the grammar does not allow. */
export function parseExposition(text: string): Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families: { name: string; type: string; help: string; samples: Sample[] }[] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split("\n")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line);
    if (comment !== null) {
      const [, what, name, rest] = comment as unknown as [string, string, string, string];
      if (what === "HELP") {
        if (families.some((family) => family.name === name)) throw new Error(`two families ${name}`);
        if (/\\(?![\\n])/.test(rest)) throw new Error(`a bad escape in: ${line}`);
        families.push({ name, type: "", help: rest, samples: [] });
      } else {
        const family = families.at(-1);
        if (family?.name !== name || family.type !== "" || family.samples.length > 0)
          throw new Error(`misplaced: ${line}`);
        if (!TYPES.includes(rest)) throw new Error(`no type: ${rest}`);
        family.type = rest;
      }
      continue;
    }
    const sample = parseSample(line);
    const family = families.at(-1);
    const suffixes = family?.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (family === undefined || !suffixes.some((suffix) => sample.name === family.name + suffix))
      throw new Error(`${sample.name} belongs to no family above it`);
    const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seen.has(key)) throw new Error(`twice: ${key}`);
    seen.add(key);
    family.samples.push(sample);
  }
  families.forEach(check);
  return families;
}

function parseSample(line: string): Sample {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    while (!rest.startsWith("}")) {
      const label = LABEL.exec(rest)?.[0];
      const value =
        label === undefined ? null : /^="((?:[^"\\]|\\["\\n])*)"(?:,|(?=\}))/.exec(rest.slice(label.length));
      if (label === undefined || value === null || label in labels) throw new Error(`bad labels: ${line}`);
      labels[label] = (value[1] as string).replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
      rest = rest.slice(label.length + value[0].length);
    }
    rest = rest.slice(1);
  }
  const value = /^ (\S+)$/.exec(rest)?.[1];
  const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  if (value === undefined || (Number.isNaN(number) && value !== "NaN")) throw new Error(`bad value: ${line}`);
  return { name, labels, value: number };
}

function check({ name, type, samples }: Family): void {
  if (type === "") throw new Error(`${name} has no type`);
  if (type === "counter" && samples.some(({ value }) => value < 0)) throw new Error(`${name} is below zero`);
  if (type !== "histogram") return;
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { le: _le, ...own } = sample.labels;
    const key = JSON.stringify(Object.entries(own).sort());
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const mine of series.values()) checkHistogram(name, mine);
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) =>
    labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]),
  );
  const rises = (numbers: readonly number[], strictly: boolean) =>
    numbers.every((number, i) => i === 0 || (strictly ? number > numbers[i - 1]! : number >= numbers[i - 1]!));
  const count = samples.find((sample) => sample.name === `${name}_count`)?.value;
  if (!rises(bounds, true) || bounds.at(-1) !== Number.POSITIVE_INFINITY)
    throw new Error(`${name}: bad bounds ${bounds.join()}`);
  if (
    !rises(
      buckets.map(({ value }) => value),
      false,
    )
  )
    throw new Error(`${name}: its buckets are not cumulative`);
  if (buckets.at(-1)?.value !== count) throw new Error(`${name}: its count is not that of +Inf`);
  if (!samples.some((sample) => sample.name === `${name}_sum`)) throw new Error(`${name} has no sum`);
}
