// Where the parts of a base image stand in its file, so that a start reads those it needs and not the whole.
//
//   { "places": [offset, length, ...], "units": { unit hash: n }, "vars": { qualified name: n } }
//
// The pair of strings number n of the image's text (image.ts) stands at places[2n] and is places[2n + 1] characters long; all of
// it is plain ASCII, so characters are bytes. An index is made of an image and lies beside it in a folder that is renamed into
// place whole: like the image of a build, and unlike one from a store (E-24), it is trusted.
import { openSync, readFileSync, readSync } from "node:fs";
import { FlowmetalError } from "../base/errors.ts";
import { type ImageParts, parseImage, type TextPair } from "./image.ts";

interface ImageIndex {
  readonly places: readonly number[];
  readonly units: Readonly<Record<string, number>>;
  readonly vars: Readonly<Record<string, number>>;
}

/** The index of an image as text. Throws `image/failed` where the image is not written the way the index supposes. */
export function indexOfImage(text: string): string {
  const { units, vars } = parseImage(text);
  const writer = new IndexWriter(text);
  const unitNumbers = writer.table('{"v":1,"units":{', units);
  const varNumbers = writer.table('},"vars":{', vars);
  if (writer.offset + 2 !== text.length || /[^\0-\x7f]/.test(text)) {
    throw new FlowmetalError("image/failed", "the image is not plain ASCII of the form that can be indexed");
  }
  const index: ImageIndex = { places: writer.places, units: unitNumbers, vars: varNumbers };
  return JSON.stringify(index);
}

class IndexWriter {
  readonly places: number[] = [];
  offset = 0;

  constructor(private readonly text: string) {}

  /** The numbers of a table's pairs; `head` stands before the first. */
  table(head: string, table: Readonly<Record<string, TextPair>>): Record<string, number> {
    const numbers: Record<string, number> = {};
    this.offset += head.length;
    let separator = 0;
    for (const [name, pair] of Object.entries(table)) {
      const start = this.offset + separator + JSON.stringify(name).length + 1;
      const written = JSON.stringify(pair);
      if (this.text.slice(start, start + written.length) !== written) {
        throw new FlowmetalError("image/failed", `the image does not hold ${name} where its index says`);
      }
      numbers[name] = this.places.push(start, written.length) / 2 - 1;
      this.offset = start + written.length;
      separator = 1;
    }
    return numbers;
  }
}

/** The parts of an image in a file, read one by one as they are asked for. */
export class FileParts implements ImageParts {
  readonly trusted = true;
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

  hasUnit(hash: string): boolean {
    return Object.hasOwn(this.index.units, hash);
  }

  variable(name: string): TextPair | undefined {
    return this.pair(this.index.vars, name);
  }

  names(): Iterable<string> {
    return Object.keys(this.index.vars);
  }

  private pair(table: Readonly<Record<string, number>>, name: string): TextPair | undefined {
    if (!Object.hasOwn(table, name)) return undefined;
    const number = table[name];
    const [offset, length] = [this.index.places[2 * number], this.index.places[2 * number + 1]];
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.file, bytes, 0, length, offset) !== length) {
      throw new FlowmetalError("image/failed", `${this.path} ends before ${name}`, {
        hint: "build or install it again",
      });
    }
    return JSON.parse(bytes.toString("latin1")) as TextPair;
  }
}
