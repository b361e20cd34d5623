// JSON for programs: what commands print under --json. Texts that are JSON already go in as they are.
import type { Printed } from "../client/client.ts";

/**
 * A text of JSON to be put in untouched: parsing a stored body would reorder its keys and round its numbers, and writing a
 * deeply nested value again would overflow the stack.
 */
export class RawJson {
  constructor(readonly text: string) {}
}

/** Writes plain data, in which RawJson may stand anywhere, as JSON in one line. */
export function toJson(data: unknown): string {
  if (data instanceof RawJson) return data.text;
  if (Array.isArray(data)) return `[${data.map(toJson).join(",")}]`;
  if (typeof data !== "object" || data === null) return JSON.stringify(data) ?? "null";
  const members = Object.entries(data).filter(([, value]) => value !== undefined);
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${toJson(value)}`).join(",")}}`;
}

/** A value of the language: as it prints, and as tagged JSON (S-12). */
export function printedData({ text, json }: Printed): { readonly text: string; readonly value: RawJson } {
  return { text, value: new RawJson(json) };
}
