// Figures of the engine's benchmarks: what was measured, what its control did, and whether the bar between them is met.
import { digits, summary, table, written } from "./stats.mjs";

/**
 * A figure from its samples. `control`: samples of what it is compared to, taken in turns with it; the ratio is that of the medians, figure to
 * control. `bar`: the `most` or `least` that the ratio may be, or with `of: "value"` the median itself. Without a bar it is only reported.
 */
export function figure({ name, unit = "", samples, control = null, bar = null }) {
  const value = summary(samples);
  const against = control === null ? null : summary(control);
  const ratio = against === null ? null : value.median / against.median;
  return { name, unit, value, control: against, ratio, bar, met: bar === null ? null : isMet(bar, value, ratio) };
}

function isMet({ of = "ratio", most = Infinity, least = -Infinity }, value, ratio) {
  const judged = of === "ratio" ? ratio : value.median;
  return judged <= most && judged >= least;
}

function barText({ bar, unit }) {
  if (bar === null) return "";
  const [word, limit] = bar.most === undefined ? ["at least", bar.least] : ["at most", bar.most];
  return `${word} ${digits(limit)}${(bar.of ?? "ratio") === "ratio" ? " x" : unit === "" ? "" : ` ${unit}`}`;
}

const verdict = ({ met }) => (met === null ? "" : met ? "met" : "MISSED");

/** The figures of a part as lines of text. */
export function figureLines(figures) {
  const rows = figures.map((one) => [
    one.unit === "" ? one.name : `${one.name}, ${one.unit}`,
    written(one.value, ""),
    one.control === null ? "" : written(one.control, ""),
    one.ratio === null ? "" : digits(one.ratio),
    barText(one),
    verdict(one),
  ]);
  return table([["", "median (min-max)", "control", "ratio", "bar", ""], ...rows]);
}

/** The bars that were missed, in words. */
export function missedOf(figures) {
  return figures
    .filter(({ met }) => met === false)
    .map((one) => {
      const judged =
        (one.bar.of ?? "ratio") === "ratio" ? `${digits(one.ratio)} x` : `${digits(one.value.median)} ${one.unit}`;
      return `${one.name}: ${judged.trim()}, ${barText(one)}`;
    });
}
