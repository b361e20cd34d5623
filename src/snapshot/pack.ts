// Large snapshots in parts: format version 2, which a store keeps, and from it the text of version 1, which the decoder reads.
//
// Version 2 has the members of version 1 (snapshot.ts) but for the nodes, which stand in *chunks*:
//
//   { "v": 2, "i", "p", "k", "u"    as in version 1
//     "n": [nodes, levels, address...]   how many nodes; how many levels of lists; the chunks, or with levels the lists of them
//     ... }                         the rest as in version 1
//
//   chunk   {"key":node,...}        nodes in the order of version 1
//   list    ["address",...]         of chunks, or of the lists one level down
//
// A node is mentioned by its key, `["n","key"]` instead of `["n",i]`, here and in chunks. The key is the beginning of what the state
// hash sees of the node (of its SHA-256 if that is short): 16 hex characters, or 32 or 64 where two nodes of the snapshot would
// have the same. The address of a chunk or list is the first 128 bits of the SHA-256 of its text, in hex.
//
// The text is a function of the state alone, and a small change of the state changes few chunks:
//  1. A snapshot whose nodes have less than 32 K characters stays as it is.
//  2. Keys do not depend on how nodes are numbered. (Numbers of units do, by the order of first mention: a new unit comes last as a
//     rule.)
//  3. A chunk ends behind each node whose text is long enough for its key: the first 32 bits of the key, as a fraction, are below
//     length / 256. So a cut depends on the node before it alone, and chunks have some 256 characters unless nodes are longer.
//  4. A list ends behind each address that begins with one of four hex digits of 16, if it has 8 or more; there are as many levels as it
//     takes for at most 32 to be left.
//
// That `["n",` in a text is always a mention follows from JSON: in a string the quote would be escaped. The one other place is a
// var of the name "n", without a namespace, in the member "g": the snapshot of a program that has one stays as it is.
import { sha256 } from "../base/hash.ts";
import { unitsMember, type Written } from "./nodes.ts";

/** Nodes of fewer characters than that are not packed. */
const PACKED_FROM = 32_768;
/** The rest of a snapshot is in one text: mentions by key must not make it longer than a host's strings can be. */
/** Format of a snapshot whose nodes are in chunks. */
export const PACKED_VERSION = 2;
const REST_MAX = 1 << 27;
/** Characters of a chunk, about. */
const CHUNK_LENGTH = 256;
/** And at most, but for a single node: only a text made for it has no cut before. */
const CHUNK_LENGTH_MAX = 65_536;
const KEY_LENGTHS = [16, 32, 64];
/** Of an address: 128 bits (docs/decisions/0017). */
const ADDRESS_LENGTH = 32;
/** Addresses of a list: at least, at most, and in the snapshot itself at most. */
const LIST_LEAST = 8;
const LIST_MOST = 64;
const LIST_LEFT = 32;

/** A snapshot as a store keeps it. */
export interface PackedSnapshot {
  /** Version 1 or 2. */
  readonly body: string;
  /** State hash (S-11). */
  readonly hash: string;
  /** The chunks and lists of version 2, by address. */
  readonly chunks: ReadonlyMap<string, string>;
  /** Characters of the whole state, about. */
  readonly size: number;
}

/** Packs a state that has been written. `from`: so many characters of nodes are packed, for tests. */
export function pack(written: Written, from = PACKED_FROM): PackedSnapshot {
  const { nodes, rest, hash } = written;
  const size = nodes.reduce((sum, node) => sum + node.length, rest.length);
  const isPlain = nodes.length === 0 || size - rest.length < from || rest.length > REST_MAX || written.hasVarN;
  const keys = isPlain ? null : keysOf(written.digests);
  if (keys === null) return { body: written.text, hash, chunks: NO_CHUNKS, size };
  const chunks = new Map<string, string>();
  const put = (text: string): string => {
    const address = addressOf(text);
    chunks.set(address, text);
    return address;
  };
  let addresses = chunkTexts(nodes, keys).map(put);
  let levels = 0;
  for (; addresses.length > LIST_LEFT; levels++) addresses = lists(addresses).map((list) => put(listText(list)));
  const table = `,"n":[${nodes.length},${levels},${listText(addresses).slice(1)}`;
  const body = `{"v":${PACKED_VERSION},${written.head}${unitsMember(written.units)}${table}${byKey(rest, keys)}}`;
  return { body, hash, chunks, size };
}

const NO_CHUNKS: ReadonlyMap<string, string> = new Map();

/** The address of a chunk or list. */
export function addressOf(text: string): string {
  return sha256(text).slice(0, ADDRESS_LENGTH);
}

/** A key for each node, all different; null if there are none. */
function keysOf(digests: readonly string[]): string[] | null {
  const whole = digests.map((digest) => (digest.startsWith("#") ? digest.slice(1) : sha256(digest)));
  for (const length of KEY_LENGTHS) {
    const keys = whole.map((key) => key.slice(0, length));
    if (new Set(keys).size === keys.length) return keys;
  }
  return null;
}

/** A text that mentions nodes by number, with keys instead. */
function byKey(text: string, keys: readonly string[]): string {
  return text.includes('["n",')
    ? text.replace(/\["n",(\d+)\]/g, (_, number: string) => `["n","${keys[+number]}"]`)
    : text;
}

function chunkTexts(nodes: readonly string[], keys: readonly string[]): string[] {
  const texts: string[] = [];
  let entries: string[] = [];
  let length = 0;
  nodes.forEach((node, i) => {
    const key = keys[i];
    entries.push(`"${key}":${byKey(node, keys)}`);
    length += node.length;
    const cut = Number.parseInt(key.slice(0, 8), 16) / 2 ** 32 < node.length / CHUNK_LENGTH;
    if (!cut && length < CHUNK_LENGTH_MAX && i < nodes.length - 1) return;
    texts.push(`{${entries.join(",")}}`);
    entries = [];
    length = 0;
  });
  return texts;
}

function lists(addresses: readonly string[]): string[][] {
  const all: string[][] = [];
  let list: string[] = [];
  addresses.forEach((address, i) => {
    list.push(address);
    const cut = list.length >= LIST_LEAST && address < "4";
    if (!cut && list.length < LIST_MOST && i < addresses.length - 1) return;
    all.push(list);
    list = [];
  });
  return all;
}

function listText(addresses: readonly string[]): string {
  return `["${addresses.join('","')}"]`;
}
