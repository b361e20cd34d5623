// The base image (S-10): the prelude and libraries, compiled and evaluated; format 1.
//
//   { "v": 1, "units": { unit hash: [code text, debug text] }, "vars": { qualified name: [value text, meta text] } }
//
// Texts inside are JSON strings, so that opening an image parses nothing but strings; a var is decoded when a program first
// asks for it. Values are tagged JSON without refs: the image holds no cells. Its hash is the SHA-256 of the whole text.
import { FlowmetalError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import type { PMap } from "../data/map.ts";
import { fromTagged, type TaggedHooks } from "../data/tagged.ts";
import { Closure, type Value } from "../data/value.ts";
import type { ImageVar } from "../machine/machine.ts";
import type { Linker } from "../machine/unit.ts";
import type { UnitText } from "./unit-text.ts";

interface ImageText {
  readonly v: number;
  readonly units: Readonly<Record<string, readonly [string, string]>>;
  readonly vars: Readonly<Record<string, readonly [string, string]>>;
}

export class Image {
  private readonly units: Map<string, readonly [string, string]>;
  private readonly vars: Map<string, readonly [string, string]>;

  constructor(
    /** SHA-256 of the text, 64 hex characters. */
    readonly hash: string,
    readonly text: string,
  ) {
    const image = JSON.parse(text) as ImageText;
    if (image.v !== 1) {
      throw new FlowmetalError("image/version", `this engine does not know base images of version ${image.v}`);
    }
    this.units = new Map(Object.entries(image.units));
    this.vars = new Map(Object.entries(image.vars));
  }

  unitText(hash: string): UnitText | undefined {
    const texts = this.units.get(hash);
    return texts === undefined ? undefined : { hash, code: texts[0], debug: texts[1] };
  }

  /** The names of all vars, qualified. */
  names(): IterableIterator<string> {
    return this.vars.keys();
  }

  /** The var of this name as `machine` links it, or undefined. */
  variable(name: string, machine: Linker): ImageVar | undefined {
    const texts = this.vars.get(name);
    if (texts === undefined) return undefined;
    return { value: decodeValue(texts[0], machine), meta: decodeValue(texts[1], machine) as PMap | null };
  }
}

function decodeValue(text: string, machine: Linker): Value {
  return fromTagged(JSON.parse(text), linkHooks(machine));
}

/** How functions and vars in tagged JSON become those of a machine. */
export function linkHooks(machine: Linker): TaggedHooks {
  return {
    fn: (hash, captures, group) => {
      const members = group === null ? null : group.map((member) => machine.findUnit(member));
      return new Closure(machine.findUnit(hash), captures, members);
    },
    variable: (name) => machine.variable(name),
  };
}

/** The image with this text. */
export function imageOfText(text: string): Image {
  return new Image(sha256(text), text);
}

/** An empty image, on which the prelude itself is built. */
export function emptyImage(): Image {
  return new Image("0".repeat(64), '{"v":1,"units":{},"vars":{}}');
}
