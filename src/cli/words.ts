// Small texts for people: ages, times, tables.
import { harmless } from "./streams.ts";

const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** A length of time in its largest whole unit: `3 min`. */
export function age(ms: number): string {
  const [size, unit] = UNITS.find(([size]) => ms >= size) ?? [1000, "s"];
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`;
}

/** A moment in UTC to the second: `2026-11-24 03:56:12Z`. */
export function moment(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)}Z`;
}

/** Rows in columns: aligned for a terminal, separated by tabs otherwise. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], aligned: boolean): string[] {
  const cells = [header, ...rows].map((row) => row.map((cell) => harmless(cell).replaceAll("\t", " ")));
  if (!aligned) return cells.map((row) => row.join("\t"));
  const widths = header.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? "").length)));
  return cells.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] as number))).join("  "),
  );
}
