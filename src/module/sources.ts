// The texts that the code of a program comes from, by content hash: its script, its modules, what it evaluated.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sha256 } from "../base/hash.ts";
import type { Unit } from "../machine/unit.ts";
import { isLibrary, LIBRARY_PREFIX, Source } from "../source/source.ts";
import type { SourceSpan } from "../source/span.ts";

/** By the SHA-256 of the text. */
export type Sources = ReadonlyMap<string, Source>;

/** The source of this name; of several the one that came last. */
export function sourceNamed(sources: Sources, name: string): Source | null {
  let found: Source | null = null;
  for (const source of sources.values()) if (source.name === name) found = source;
  return found;
}

/** The stretch of text a unit was compiled from, where the text is at hand. */
export function spanOf({ debug }: Unit, sources: Sources): SourceSpan | null {
  const source = sources.get(debug.hash);
  const [from, to] = debug.span;
  return source === undefined || to === 0 ? null : { source, from, to };
}

/** The text a unit was compiled from: of a program's own source, or of the language's, where the package still has it. */
export function textOf(unit: Unit, sources: Sources): string | null {
  const span = sourceSpanOf(unit, sources);
  return span === null ? null : span.source.text.slice(span.from, span.to);
}

/** Where a unit was compiled from; also for those of the language, where the package still has their texts. */
export function sourceSpanOf(unit: Unit, sources: Sources): SourceSpan | null {
  const { file, hash, span } = unit.debug;
  const [from, to] = span;
  if (to === 0) return null;
  const source = sources.get(hash) ?? (isLibrary(file) ? librarySource(file, hash) : null);
  return source === null ? null : { source, from, to };
}

/** Where the package keeps the sources of its base image. */
const SHIPPED = /^(?:prelude|lib)(?:\/[a-z0-9-]+)+\.fm$/;

/** A source of the base image as this package has it; null if that is another version. */
function librarySource(file: string, hash: string): Source | null {
  if (!SHIPPED.test(file.slice(LIBRARY_PREFIX.length))) return null;
  const path = fileURLToPath(new URL(`../../${file.slice(LIBRARY_PREFIX.length)}`, import.meta.url));
  try {
    const text = readFileSync(path, "utf8");
    return sha256(text) === hash ? new Source(file, text) : null;
  } catch {
    return null;
  }
}
