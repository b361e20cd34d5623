// How a program begins: its row, its `start` entry, and the modules that travel with it (docs/decisions/0013-fleet.md).
import { canonicalJson } from "../base/canonical-json.ts";
import { encodeBody } from "../journal/codec.ts";
import type { StartBody } from "../journal/entry.ts";
import type { JsonText } from "../journal/record.ts";
import type { Image } from "../module/image.ts";
import type { ModuleFound } from "../module/module-source.ts";
import { type ModuleFile, type ModulePath, pathText, type Root } from "../module/search-path.ts";
import type { Source } from "../source/source.ts";
import type { NewProgram, TextRow } from "../store/rows.ts";
import { VERSIONS } from "./turn.ts";

export interface NewRun {
  readonly name: string;
  readonly source: Source;
  /** Tagged JSON of the vector of arguments. */
  readonly args: string;
  readonly stepsMax: number | null;
  /** The folders its modules are looked for in. */
  readonly path?: readonly Root[];
  /** Modules whose texts travel with the program. */
  readonly modules?: readonly ModuleFound[];
}

/** Where a program is put. */
export interface Placing {
  /** Left out: one of its own, which only the process that starts it serves (E-14). */
  readonly queue?: string;
  readonly priority?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A new program, and the body of its `start` entry. */
export function newProgram(
  run: NewRun,
  image: Image,
  id: string,
  { queue = `local:${id}`, priority, labels }: Placing,
): { readonly start: StartBody; readonly program: NewProgram } {
  const { source, stepsMax, path = [], modules = [] } = run;
  const start: StartBody = {
    source: source.hash,
    name: source.name,
    args: run.args,
    image: image.hash,
    versions: VERSIONS,
    ...(stepsMax === null ? {} : { limits: `{"steps":${stepsMax}}` }),
    ...(path.length === 0 ? {} : { path: pathText(path) }),
    ...(modules.length === 0 ? {} : { modules: modulesText(modules) }),
  };
  const program: NewProgram = {
    id,
    name: run.name,
    queue,
    image: image.hash,
    start: encodeBody("start", start),
    ...(priority === undefined ? {} : { priority }),
    ...(labels === undefined ? {} : { labels }),
  };
  return { start, program };
}

/** The texts that a new program names. */
export function textsOfRun({ source, modules = [] }: NewRun): TextRow[] {
  return [source, ...modules.map((module) => module.source)].map(({ hash, text }) => ({ hash, body: text }));
}

/** Modules as the `start` entry holds them: `[[name, file, hash]...]`. */
function modulesText(modules: readonly ModuleFound[]): JsonText {
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
