// The modules that travel with a program: named in its `start` entry, their texts in the store (docs/decisions/0014-fleet.md).
import { canonicalJson } from "../base/canonical-json.ts";
import type { StartBody } from "../journal/entry.ts";
import type { JsonText } from "../journal/record.ts";
import type { ModuleFound } from "../module/module-source.ts";
import type { ModuleFile, ModulePath } from "../module/search-path.ts";

/** Modules as the `start` entry holds them: `[[name, file, hash]...]`. */
export function modulesText(modules: readonly ModuleFound[]): JsonText {
  return canonicalJson(modules.map(({ name, source }) => [name, source.name, source.hash]));
}

/** A module of a `start` entry. */
export interface StoredModule {
  readonly name: string;
  readonly file: string;
  readonly hash: string;
}

/** The modules that travel with a program, from its `start` entry. */
export function modulesOfStart({ modules }: StartBody): StoredModule[] {
  const rows = modules === undefined ? [] : (JSON.parse(modules) as [string, string, string][]);
  return rows.map(([name, file, hash]) => ({ name, file, hash }));
}

/** Finds modules among those that travel with a program, then where its search path leads. */
export class StoredModules implements ModulePath {
  constructor(
    private readonly stored: ReadonlyMap<string, ModuleFile>,
    private readonly path: ModulePath,
  ) {}

  find(name: string): ModuleFile {
    return this.stored.get(name) ?? this.path.find(name);
  }
}
