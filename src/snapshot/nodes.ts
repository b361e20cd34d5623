// Writing parts twice at once, as snapshot text and as what the state hash covers; and the table that makes equal parts one.
import { sha256 } from "../base/hash.ts";
import { FlowmetalError } from "../base/errors.ts";
import { STATE_LENGTH_MAX } from "../base/limits.ts";
import { Recent } from "../base/recent.ts";

/** Longer parts are nodes of the table. */
export const INLINE_MAX = 48;
/** Longer texts are replaced by their hash in what the state hash covers. */
const DIGEST_MAX = 64;
/** All nodes together. */
export const NODE_TEXT_MAX = STATE_LENGTH_MAX;
/** The elements of all collections of more than one run. A collection whose parts are alike is long in few nodes (E-27). */
export const ELEMENTS_MAX = 1 << 27;
/** Parts of a state that are told apart: what a Map or Set of V8 can hold. */
export const PARTS_MAX = 2 ** 24 - 1;

/** Refuses one part more than that. */
export function needRoomForPart(parts: number): void {
  if (parts < PARTS_MAX) return;
  throw new FlowmetalError("snapshot/too-large", `a state of more than ${PARTS_MAX} parts is too large to be stored`);
}

/** A part that has been written: how a snapshot mentions it, and its digest. */
export interface Piece {
  readonly text: string;
  readonly digest: string;
  /** A lazy sequence is mentioned somewhere inside. */
  readonly lazy: boolean;
}

/** A text that grows. Long ones are kept in pieces: a long string grown by `+=` is a deep tree to the host. */
class Growing {
  private pieces: string[] | null = null;

  constructor(private end: string) {}

  add(text: string): void {
    this.end += text;
    if (this.end.length < PIECE_LENGTH) return;
    if (this.pieces === null) this.pieces = [this.end];
    else this.pieces.push(this.end);
    this.end = "";
  }

  get text(): string {
    return this.pieces === null ? this.end : this.pieces.join("") + this.end;
  }
}

const PIECE_LENGTH = 512;

/** Builds the two texts of one part, which are the same until something in which they differ is added. */
export class Writer implements Piece {
  lazy = false;
  private readonly ours: Growing;
  private theirs: Growing | null = null;

  constructor(opening = "") {
    this.ours = new Growing(opening);
  }

  get text(): string {
    return this.ours.text;
  }

  get digest(): string {
    return (this.theirs ?? this.ours).text;
  }

  /** Whether the two texts are one so far. */
  get isPlain(): boolean {
    return this.theirs === null;
  }

  /** Adds what is the same in both. */
  raw(text: string): void {
    this.ours.add(text);
    if (this.theirs !== null) this.theirs.add(text);
  }

  both(text: string, digest: string): void {
    if (this.theirs === null && digest !== text) this.theirs = new Growing(this.ours.text);
    this.ours.add(text);
    if (this.theirs !== null) this.theirs.add(digest);
  }

  /** Adds a comma and a part. */
  next(piece: Piece): void {
    this.raw(",");
    this.piece(piece);
  }

  piece(piece: Piece): void {
    this.both(piece.text, piece.digest);
    if (piece.lazy) this.lazy = true;
  }
}

/** Digests of parts met lately: from turn to turn most of a state stays as it is. */
const digests = new Recent<string>(1_000);
const REMEMBERED_MAX = 2_048;

/** A text short enough to stand for itself, or its hash. */
function digestOf(text: string): string {
  if (text.length <= DIGEST_MAX) return text;
  if (text.length > REMEMBERED_MAX) return `#${sha256(text)}`;
  let digest = digests.get(text);
  if (digest === undefined) {
    digest = `#${sha256(text)}`;
    digests.set(text, digest);
  }
  return digest;
}

/** A state that has been written, by the members of its snapshot. */
export class Written {
  constructor(
    /** The members "i", "p" and "k". */
    readonly head: string,
    readonly units: readonly string[],
    readonly nodes: readonly string[],
    /** What the state hash sees of each node: equal for equal parts, however nodes and units are numbered. */
    readonly digests: readonly string[],
    /** The members behind the nodes, each with a comma before it. */
    readonly rest: string,
    /** State hash (S-11). */
    readonly hash: string,
    /** The program has a var whose name is `n` alone: its row may look like the mention of a node. */
    readonly hasVarN: boolean,
  ) {}

  /** The snapshot in format version 1. */
  get text(): string {
    const nodes = this.nodes.length > 0 ? `,"n":[${this.nodes.join(",")}]` : "";
    return `{"v":1,${this.head}${unitsMember(this.units)}${nodes}${this.rest}}`;
  }
}

/** The member "u", with a comma before it. A unit hash is hex or "machine/...": it needs no escape. */
export function unitsMember(units: readonly string[]): string {
  return units.length > 0 ? `,"u":["${units.join('","')}"]` : "";
}

/** The nodes and units of one snapshot. */
export class NodeTable {
  nodes: string[] = [];
  /** What the state hash sees of each node. */
  digests: string[] = [];
  units: string[] = [];
  private pieces = new Map<string, Piece>();
  private unitNumbers = new Map<string, number>();
  private size = 0;
  private elements = 0;

  copy(): NodeTable {
    const copy = new NodeTable();
    copy.nodes = this.nodes.slice();
    copy.digests = this.digests.slice();
    copy.units = this.units.slice();
    copy.pieces = new Map(this.pieces);
    copy.unitNumbers = new Map(this.unitNumbers);
    copy.size = this.size;
    copy.elements = this.elements;
    return copy;
  }

  /** A finished part; `node`: it is one however short it is. */
  add(writer: Writer, node = false): Piece {
    const { text, lazy } = writer;
    if (!node && text.length <= INLINE_MAX)
      return { text, digest: writer.isPlain ? text : digestOf(writer.digest), lazy };
    let piece = this.pieces.get(text);
    if (piece === undefined) {
      this.size += text.length;
      if (this.size > NODE_TEXT_MAX) {
        throw new FlowmetalError(
          "snapshot/too-large",
          `a state of more than ${NODE_TEXT_MAX} characters is too large to be stored`,
        );
      }
      piece = { text: `["n",${this.nodes.length}]`, digest: digestOf(writer.isPlain ? text : writer.digest), lazy };
      this.nodes.push(text);
      this.digests.push(piece.digest);
      this.pieces.set(text, piece);
    }
    return piece;
  }

  /** A finished collection of `count` elements in runs. */
  addRuns(writer: Writer, count: number): Piece {
    const before = this.nodes.length;
    const piece = this.add(writer, true);
    if (this.nodes.length > before) this.elements += count;
    if (this.elements > ELEMENTS_MAX) {
      throw new FlowmetalError(
        "snapshot/too-large",
        `a state of more than ${ELEMENTS_MAX} elements is too large to be stored`,
      );
    }
    return piece;
  }

  /** The number of a unit. */
  unit(hash: string): number {
    let number = this.unitNumbers.get(hash);
    if (number === undefined) {
      number = this.units.length;
      this.units.push(hash);
      this.unitNumbers.set(hash, number);
    }
    return number;
  }
}
