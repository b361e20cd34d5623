// Where the parts of a base image stand in its file, so that a start reads those it needs and not the whole.
//
//   { "units": { unit hash: [offset, length] }, "vars": { qualified name: [offset, length] } }
//
// Each is the place of a pair of strings in the image's text (image.ts), in characters; build-image.ts holds that all of it is
// plain ASCII, so characters are bytes. An index is made of an image and lies beside it in a folder that is renamed into place
// whole: like the image of a build, and unlike one from a store (E-24), it is trusted.
import { openSync, readFileSync, readSync } from "node:fs";
import { FlowmetalError } from "../base/errors.ts";
import { type ImageParts, parseImage, type TextPair } from "./image.ts";

type Place = readonly [offset: number, length: number];

interface ImageIndex {
  readonly units: Readonly<Record<string, Place>>;
  readonly vars: Readonly<Record<string, Place>>;
}

/** The index of an image as text. Throws `image/failed` where the image is not written the way the index supposes. */
export function indexOfImage(text: string): string {
  const { units, vars } = parseImage(text);
  const head = '{"v":1,"units":{';
  const unitPlaces = placesOf(text, units, head.length);
  const between = '},"vars":{';
  const varPlaces = placesOf(text, vars, unitPlaces.end + between.length);
  if (/[^\0-\x7f]/.test(text) || varPlaces.end + 2 !== text.length) {
    throw new FlowmetalError("image/failed", "the image is not plain ASCII of the form that can be indexed");
  }
  return JSON.stringify({ units: unitPlaces.places, vars: varPlaces.places } satisfies ImageIndex);
}

/** The places of a table's pairs, the first of whose keys stands at `offset`; and where its closing brace stands. */
function placesOf(text: string, table: Readonly<Record<string, TextPair>>, offset: number) {
  const places: Record<string, Place> = {};
  let at = offset;
  for (const [name, pair] of Object.entries(table)) {
    if (at > offset) at++;
    const start = at + JSON.stringify(name).length + 1;
    const written = JSON.stringify(pair);
    if (text.slice(start, start + written.length) !== written) {
      throw new FlowmetalError("image/failed", `the image does not hold ${name} where its index says`);
    }
    places[name] = [start, written.length];
    at = start + written.length;
  }
  return { places, end: at };
}

/** The parts of an image in a file, read one by one as they are asked for. */
export class FileParts implements ImageParts {
  /** Kept open: a build that has been replaced is removed sometime, and its processes go on. */
  private readonly file: number;
  private readonly index: ImageIndex;

  constructor(
    private readonly path: string,
    indexPath: string,
  ) {
    this.index = JSON.parse(readFileSync(indexPath, "latin1")) as ImageIndex;
    this.file = openSync(path, "r");
  }

  text(): string {
    return readFileSync(this.path, "latin1");
  }

  unit(hash: string): TextPair | undefined {
    return this.pair(this.index.units, hash);
  }

  variable(name: string): TextPair | undefined {
    return this.pair(this.index.vars, name);
  }

  names(): Iterable<string> {
    return Object.keys(this.index.vars);
  }

  private pair(table: Readonly<Record<string, Place>>, name: string): TextPair | undefined {
    if (!Object.hasOwn(table, name)) return undefined;
    const [offset, length] = table[name];
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.file, bytes, 0, length, offset) !== length) {
      throw new FlowmetalError("image/failed", `${this.path} ends before ${name}`, {
        hint: "build or install it again",
      });
    }
    return JSON.parse(bytes.toString("latin1")) as TextPair;
  }
}
