// What one look of `flowmetal doctor` comes to.
import { FlowmetalError } from "../base/errors.ts";

export interface Check {
  readonly name: string;
  /** `problem`: something does not work. `warning`: somebody should look at it. */
  readonly verdict: "ok" | "warning" | "problem";
  /** One sentence. */
  readonly text: string;
  /** The way out. */
  readonly hint?: string;
}

export const ok = (name: string, text: string): Check => ({ name, verdict: "ok", text });
export const warning = (name: string, text: string, hint: string): Check => ({ name, verdict: "warning", text, hint });
export const problem = (name: string, text: string, hint: string): Check => ({ name, verdict: "problem", text, hint });

/** A failure as a problem. */
export function failed(name: string, error: unknown): Check {
  if (error instanceof FlowmetalError) return problem(name, `${error.message} [${error.code}].`, error.hint ?? "");
  return problem(name, `${error instanceof Error ? error.message : String(error)}.`, "");
}

/** A size for people. */
export function bytes(count: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let step = 0;
  while (step < units.length - 1 && count >= 1_024 ** (step + 1)) step++;
  return `${Math.round((count / 1_024 ** step) * 10) / 10} ${units[step] as string}`;
}

/** A length of time for people. */
export function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
