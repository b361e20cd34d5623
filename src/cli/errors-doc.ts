// docs/errors.md, read for `flowmetal explain`: one section for each error code and type.
import { readFileSync } from "node:fs";

/** The sections of docs/errors.md by code, or by type with its colon: everything below the heading, trimmed. */
export function readExplanations(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const sections = text.split(/^### `([a-z0-9-]+\/[a-z0-9-]+|:[a-z0-9/-]+)`$/m);
  const found = new Map<string, string>();
  // The pieces alternate: what stands before the first heading, code, section, code, section ...
  for (let i = 1; i < sections.length; i += 2) found.set(sections[i], withoutNextFamily(sections[i + 1]).trim());
  return found;
}

/** A section ends where a heading of a family of codes begins. */
function withoutNextFamily(section: string): string {
  return section.split(/^## /m, 1)[0];
}
