// From a packed snapshot and its chunks to the text of format version 1 (pack.ts). What comes out is as trustworthy as what went
// in: the decoder looks at it as at any text. Here only what could not be put together is refused.
import { FlowmetalError } from "../base/errors.ts";
import { refuse } from "./document.ts";
import { NODE_TEXT_MAX } from "./nodes.ts";
import { addressOf } from "./pack.ts";

/** Reads chunks and lists by address, from one program; missing ones are left out. */
export type ChunkReader = (addresses: readonly string[]) => Promise<readonly { hash: string; body: string }[]>;

/** A snapshot whose chunks were read. */
export interface Unpacked {
  /** In format version 1. */
  readonly text: string;
  /** The addresses of its chunks and lists. */
  readonly chunks: ReadonlySet<string>;
}

/** Characters of all chunks: a mention by key is longer than one by number. */
const TEXT_MAX = 4 * NODE_TEXT_MAX;
/** Addresses one read asks for. */
const PER_READ = 500;
/** Levels of lists at most: with eight entries in each, more chunks than any snapshot has. */
const LEVELS_MAX = 10;

const PACKED =
  /^\{"v":2(,"i":"[0-9a-f]{64}","p":"(?:[^"\\]|\\["\\]){1,255}","k":\[[-+.,\de]*\](?:,"u":\[[^\]]*\])?),"n":\[(\d{1,9}),(\d{1,2})((?:,"[0-9a-f]{32}"){1,64})\]/;

/** Whether a snapshot's body is that of version 2. */
export function isPacked(body: string): boolean {
  return body.startsWith('{"v":2,');
}

/**
 * The text of version 1 of a snapshot as a store has it. Throws `snapshot/missing-chunk` for a chunk that is not there,
 * `snapshot/damaged-chunk` for one that is not what its address says, `snapshot/invalid` for what no engine writes.
 */
export async function unpackSnapshot(body: string, read: ChunkReader): Promise<Unpacked> {
  if (!isPacked(body)) return { text: body, chunks: new Set() };
  const packed = PACKED.exec(body);
  if (packed === null) return refuse("not the beginning of a packed snapshot", "all of it");
  const [opening, head, count, levels, roots] = packed;
  if (+levels > LEVELS_MAX) return refuse("too many levels of lists", "n[1]");
  const found = new Found(read);
  const nodes = nodesIn(await found.texts(addressesIn(roots), +levels));
  if (nodes.texts.length !== +count) return refuse("not as many nodes as it says", "n[0]");
  const texts = nodes.texts.map((text) => byNumber(text, nodes.numbers));
  const rest = byNumber(body.slice(opening.length), nodes.numbers);
  return { text: `{"v":1${head},"n":[${texts.join(",")}]${rest}`, chunks: found.all };
}

/** The chunks of one snapshot, as they are read. */
class Found {
  readonly all = new Set<string>();
  private length = 0;

  constructor(private readonly read: ChunkReader) {}

  /** The texts of the chunks below these addresses, in order. */
  async texts(roots: readonly string[], levels: number): Promise<string[]> {
    let texts = await this.get(roots);
    for (let level = levels; level > 0; level--) texts = await this.get(texts.flatMap(addressesOf));
    return texts;
  }

  private async get(addresses: readonly string[]): Promise<string[]> {
    for (const address of addresses) {
      // What occurs twice could lead to more text than there is room for.
      if (this.all.has(address)) refuse(`chunk ${address} occurs twice`, "n");
      this.all.add(address);
    }
    const texts: string[] = [];
    for (let from = 0; from < addresses.length; from += PER_READ) {
      const part = addresses.slice(from, from + PER_READ);
      const bodies = new Map((await this.read(part)).map(({ hash, body }) => [hash, body]));
      for (const address of part) texts.push(this.checked(address, bodies.get(address)));
    }
    return texts;
  }

  private checked(address: string, text: string | undefined): string {
    if (text === undefined) {
      throw new FlowmetalError("snapshot/missing-chunk", `chunk ${address} of the snapshot is not in the store`, {
        hint: "the store was changed from outside: restore a backup, or replay from an earlier snapshot",
      });
    }
    if (addressOf(text) !== address) {
      throw new FlowmetalError(
        "snapshot/damaged-chunk",
        `chunk ${address} of the snapshot is not what its address says`,
        {
          hint: "the store was changed from outside: restore a backup, or replay from an earlier snapshot",
        },
      );
    }
    this.length += text.length;
    if (this.length > TEXT_MAX) refuse("more text than a snapshot has", "n");
    return text;
  }
}

const LIST = /^\["[0-9a-f]{32}"(?:,"[0-9a-f]{32}"){0,63}\]$/;

function addressesOf(list: string): string[] {
  return LIST.test(list) ? addressesIn(list) : refuse("not a list of chunks", "n");
}

function addressesIn(text: string): string[] {
  return text.match(/[0-9a-f]{32}/g) ?? [];
}

/** Between two nodes; it cannot stand in a node, which has no objects, nor in a string, whose quotes are escaped. */
const KEY = /[{,]"([0-9a-f]{16,64})":/y;
const NEXT_KEY = /,"(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})":/g;

/** The nodes of chunks by number, and the numbers by key. */
function nodesIn(chunks: readonly string[]): {
  readonly texts: string[];
  readonly numbers: ReadonlyMap<string, number>;
} {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  for (const chunk of chunks) {
    KEY.lastIndex = 0;
    for (let key = KEY.exec(chunk); key !== null; key = KEY.exec(chunk)) {
      if (numbers.has(key[1])) refuse(`two nodes have the key ${key[1]}`, "n");
      numbers.set(key[1], texts.length);
      NEXT_KEY.lastIndex = KEY.lastIndex;
      const end = NEXT_KEY.exec(chunk)?.index ?? chunk.length - 1;
      texts.push(chunk.slice(KEY.lastIndex, end));
      KEY.lastIndex = end;
    }
  }
  return { texts, numbers };
}

/** A text that mentions nodes by key, with numbers instead. */
function byNumber(text: string, numbers: ReadonlyMap<string, number>): string {
  if (!text.includes('["n","')) return text;
  return text.replace(/\["n","([0-9a-f]{16,64})"\]/g, (_, key: string) => {
    const number = numbers.get(key);
    return number === undefined ? refuse(`no node has the key ${key}`, "n") : `["n",${number}]`;
  });
}
