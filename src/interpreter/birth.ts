// How a program begins: its row, its `start` entry, and the modules that travel with it (docs/decisions/0014-fleet.md).
import { encodeBody } from "../journal/codec.ts";
import type { StartBody } from "../journal/entry.ts";
import type { Image } from "../module/image.ts";
import type { ModuleFound } from "../module/module-source.ts";
import { pathText, type Root } from "../module/search-path.ts";
import type { Source } from "../source/source.ts";
import type { NewProgram, TextRow } from "../store/rows.ts";
import { modulesText } from "./start-modules.ts";
import { VERSIONS } from "./turn.ts";

export interface NewRun {
  readonly name: string;
  readonly source: Source;
  /** Tagged JSON of the vector of arguments. */
  readonly args: string;
  readonly stepsMax: number | null;
  /** The folders its modules are looked for in. */
  readonly path?: readonly Root[];
  /** The trace context that it belongs to, where it is not put into a queue. */
  readonly trace?: string;
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
