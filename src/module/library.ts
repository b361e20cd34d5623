// The code this process knows: units of the base image and of programs, decoded once, by unit hash.
import { FlowmetalError } from "../base/errors.ts";
import { Recent } from "../base/recent.ts";
import { decodeUnit, trustedUnit } from "../code/decode.ts";
import { validatePrimitives } from "../code/validate.ts";
import { fromTagged } from "../data/tagged.ts";
import type { Value } from "../data/value.ts";
import { linkPrimitive } from "../machine/link.ts";
import type { ImageVar, Library } from "../machine/machine.ts";
import { type Decoded, type Linker, primitivesNamed } from "../machine/unit.ts";
import type { Image } from "./image.ts";
import type { UnitText } from "./unit-text.ts";

/** Decoded code is shared by the programs of the process: it is a function of its hash. The base image has some 600 units. */
const decodedUnits = new Recent<Decoded>(8_000);

/** Decodes, validates (unless it is trusted) and links a unit's text (E-24). Throws `code/invalid` or `code/unknown-primitive`. */
export function decodeLinked(text: UnitText, trusted = false): Decoded {
  let decoded = decodedUnits.get(text.hash);
  if (decoded === undefined) {
    const unit = trusted ? trustedUnit(text.code, text.debug) : decodeUnit(text.hash, text.code, text.debug);
    const { code, debug, codeHash } = unit;
    const primitives = new Map([...primitivesNamed(code)].map((name) => [name, linkPrimitive(name)]));
    if (!trusted) validatePrimitives(code, text.hash, (name) => primitives.get(name)?.primitive);
    decoded = {
      hash: text.hash,
      code,
      debug,
      codeHash,
      consts: code.consts.map((json) => fromTagged(json) as Value),
      primitives,
      warmth: { ticks: 0, generated: null },
    };
    decodedUnits.set(text.hash, decoded);
  }
  return decoded;
}

/** The library of one program: its base image, and the units it compiled or was loaded with. */
export class ProgramLibrary implements Library {
  private readonly texts = new Map<string, UnitText>();

  constructor(readonly image: Image) {}

  /** Adds units; those already there stay. */
  add(units: Iterable<UnitText>): void {
    for (const unit of units) if (!this.texts.has(unit.hash)) this.texts.set(unit.hash, unit);
  }

  has(hash: string): boolean {
    return this.texts.has(hash) || this.image.hasUnit(hash) || hash.startsWith("machine/");
  }

  /** The text of a unit that is not in the image. */
  text(hash: string): UnitText | undefined {
    return this.texts.get(hash);
  }

  decoded(hash: string): Decoded {
    const known = decodedUnits.get(hash);
    if (known !== undefined) return known;
    const own = this.texts.get(hash);
    const text = own ?? this.image.unitText(hash);
    if (text === undefined) {
      throw new FlowmetalError("code/missing", `the code ${hash} is neither in the store nor in the base image`, {
        hint: "the store was changed from outside, or the program was made by another version of Flowmetal",
      });
    }
    return decodeLinked(text, own === undefined && this.image.trusted);
  }

  imageVar(name: string, machine: Linker): ImageVar | undefined {
    return this.image.variable(name, machine);
  }

  imageNames(): Iterable<string> {
    return this.image.names();
  }
}
