// The base image (S-10): the prelude and libraries, compiled and evaluated; format 1.
//
//   { "v": 1, "units": { unit hash: [code text, debug text] }, "vars": { qualified name: [value text, meta text] } }
//
// Texts inside are JSON strings, so that opening an image parses nothing but strings; a var is decoded when a program first
// asks for it. Values are tagged JSON without refs: the image holds no cells. Its hash is the SHA-256 of the whole text. The
// image of a build has an index beside it (image-index.ts), so that a start reads only the parts it needs.
import { FlowmetalError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import type { PMap } from "../data/map.ts";
import { fromTagged, type TaggedHooks } from "../data/tagged.ts";
import { Closure, type Value } from "../data/value.ts";
import { closureMisfit } from "../machine/nesting.ts";
import { Flaw } from "../data/tagged-leaf.ts";
import type { ImageVar } from "../machine/machine.ts";
import type { Linker } from "../machine/unit.ts";
import type { UnitText } from "./unit-text.ts";

interface ImageText {
  readonly v: number;
  readonly units: Readonly<Record<string, TextPair>>;
  readonly vars: Readonly<Record<string, TextPair>>;
}

/** The version of the format that is written, and read. */
export const IMAGE_VERSION = 1;

/** Code and debug text of a unit, or value and meta text of a var. */
export type TextPair = readonly [string, string];

/** The parts of an image by their names: from its text, or from a file of which only what is asked for is read. */
export interface ImageParts {
  /** Whether the units were validated when the image was written, and nobody can have changed them since. */
  readonly trusted: boolean;
  /** The whole image. */
  text(): string;
  unit(hash: string): TextPair | undefined;
  hasUnit(hash: string): boolean;
  variable(name: string): TextPair | undefined;
  /** The names of all vars, qualified. */
  names(): Iterable<string>;
}

export class Image {
  private readonly variables = new Map<string, ReadVariable>();

  constructor(
    /** SHA-256 of the text, 64 hex characters. */
    readonly hash: string,
    private readonly parts: ImageParts,
  ) {}

  /** The whole image, as a store keeps it. */
  get text(): string {
    return this.parts.text();
  }

  /** Whether its units need no validation (E-24). */
  get trusted(): boolean {
    return this.parts.trusted;
  }

  unitText(hash: string): UnitText | undefined {
    const texts = this.parts.unit(hash);
    return texts === undefined ? undefined : { hash, code: texts[0], debug: texts[1] };
  }

  hasUnit(hash: string): boolean {
    return this.parts.hasUnit(hash);
  }

  /** The names of all vars, qualified. */
  names(): Iterable<string> {
    return this.parts.names();
  }

  /** The var of this name as `machine` links it, or undefined. */
  variable(name: string, machine: Linker): ImageVar | undefined {
    let read = this.variables.get(name);
    if (read === undefined) {
      const texts = this.parts.variable(name);
      if (texts === undefined) return undefined;
      read = { value: readPart(texts[0]), meta: readPart(texts[1]) };
      this.variables.set(name, read);
    }
    return { value: linkedValue(read.value, machine), meta: linkedValue(read.meta, machine) as PMap | null };
  }
}

/** A var whose texts were read once. */
interface ReadVariable {
  readonly value: Part;
  readonly meta: Part;
}

/** A value that is the same for every program, or the JSON of one that names functions or vars: those are a machine's own. */
type Part = { readonly shared: Value } | { readonly json: unknown };

function readPart(text: string): Part {
  const json = JSON.parse(text) as unknown;
  return LINKED.test(text) ? { json } : { shared: fromTagged(json) };
}

/** Where tagged JSON names a function or var; a text that only looks like it is read for each program. */
const LINKED = /\["(fn|fg|var)",/;

function linkedValue(part: Part, machine: Linker): Value {
  return "shared" in part ? part.shared : fromTagged(part.json, linkHooks(machine));
}

/** The parts of an image whose text is in memory. */
class TextParts implements ImageParts {
  readonly trusted = false;
  private readonly units: ReadonlyMap<string, TextPair>;
  private readonly vars: ReadonlyMap<string, TextPair>;

  constructor(private readonly source: string) {
    const image = parseImage(source);
    this.units = new Map(Object.entries(image.units));
    this.vars = new Map(Object.entries(image.vars));
  }

  text(): string {
    return this.source;
  }

  unit(hash: string): TextPair | undefined {
    return this.units.get(hash);
  }

  hasUnit(hash: string): boolean {
    return this.units.has(hash);
  }

  variable(name: string): TextPair | undefined {
    return this.vars.get(name);
  }

  names(): Iterable<string> {
    return this.vars.keys();
  }
}

/** The namespaces of an image, in the order they were made. */
export function modulesOf(image: Image): string[] {
  return [...new Set([...image.names()].map((name) => name.slice(0, name.indexOf("/"))))];
}

/** Reads an image's text as far as its own two tables. */
export function parseImage(text: string): ImageText {
  const image = readImage(text);
  if (image.v !== IMAGE_VERSION) {
    throw new FlowmetalError("image/version", `this engine does not know base images of version ${image.v}`);
  }
  return image;
}

/** Throws `image/invalid` for what is no image of any version. */
function readImage(text: string): ImageText {
  let image: unknown;
  try {
    image = JSON.parse(text);
  } catch (cause) {
    throw new FlowmetalError("image/invalid", `this base image is no JSON: ${(cause as Error).message}`, { cause });
  }
  const { v, units, vars } = (image ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof v !== "number") throw new FlowmetalError("image/invalid", "this is no base image: it names no version");
  if (v === IMAGE_VERSION && !(isTable(units) && isTable(vars)))
    throw new FlowmetalError("image/invalid", "this base image does not hold the two tables of its version");
  return image as ImageText;
}

function isTable(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === "string"),
  );
}

/** How functions and vars in tagged JSON become those of a machine. */
export function linkHooks(machine: Linker): TaggedHooks {
  return {
    fn: (hash, captures, group) => {
      const members = group === null ? null : group.map((member) => machine.findUnit(member));
      const unit = machine.findUnit(hash);
      const problem = closureMisfit(unit, captures.length, members);
      return problem === null ? new Closure(unit, captures, members) : new Flaw(problem);
    },
    variable: (name) => machine.variable(name),
  };
}

/** The image with this text. */
export function imageOfText(text: string): Image {
  return new Image(sha256(text), new TextParts(text));
}

/** An empty image, on which the prelude itself is built. */
export function emptyImage(): Image {
  return new Image("0".repeat(64), new TextParts('{"v":1,"units":{},"vars":{}}'));
}
