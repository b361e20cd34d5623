// Snapshots: the state of a program as canonical JSON text and back, format version 1; and the state hash (S-11).
//
// { "v": 1                    the version
//   "i": image  "p": id       hash of the base image, program id
//   "k": [branch, next ref, next marker, now, next output chunk, ticks]
//   "u": [unit hash...]       units by number, in the order they are first mentioned; "machine/..." for the machine's own
//   "n": [node...]            shared and long parts by number; a node mentions only nodes before it
//   "g": [[name, value, meta, dynamic]...]      the program's own vars in the order they were made
//   "o": [[-n, value, meta, type]...]           image cells the program wrote
//   "c": [[n, kind, ...]...]                    cells, lazy sequences, events and tasks in reach, in number order (S-7)
//   "t": [task...]  "m": main  "r": [task...]   unfinished tasks; the main task if it is not t[0]; tasks that can run, in order
//   "w": [[event, task...]...]                  who waits for each event, by event number
//   "e": [event...]  "d": [[due, event]...]     events an effect will answer; timers
//   "x": 1                                      the program was cancelled
//   "l": ticks }                                how many ticks it may run in all
//
// What is empty is left out, and so are zeros and nulls at the end of a row. Values are tagged JSON (docs/architecture.md),
// where a unit hash is written as its number. The tags of snapshots alone:
//
//   ["n",i]                    node i, for a value              ["+",item...] ["++",run...]   a run: of items, of runs
//   ["l*",rest,item...]        a list: items, then a list       ["v*",run] ["m*",run] ["S*",run]   vector, map, set of a run
//   ["K",full,once,part...]    continuation; a part is [stack] or [stack, prompt kind, id, data...]
//   ["F",below,frame...]       part of a stack: frames, oldest first, on top of those of stack `below` (0: none)
//   ["G",next,stack,prompt kind,id,data...]     segment
//     a frame is [unit, block, slot...]; a marker frame [unit, block, ["M",kind,id,data...], slot...]
//
//   ref kinds   [n,"c",value,meta,type]  cell        [n,"z",thunk] [n,"Z",seq]   lazy sequence, not yet and already realised
//               [n,"e",key] [n,"f",value,key,order] [n,"x",error,key,order]   event: pending, fulfilled, failed
//               [n,"t",event,control,stack,segment,effects,scope,own,cancelled]   task; scope and own: cells, 0 for none
//   controls    ["r",value] ["l",value] (a clause) ["c",f,arg...] ["p",name,arg...] ["g",name] ["x",error] ["a",event]
//               ["s",event...] (select) ["k"] (cancel) ["f",error,control] ["d",value]
//
// The text is a function of the logical value alone:
//  1. A part whose text has at most 48 characters stands in place. Every other part, and every part with a tag of the second
//     list but "n", is a node; equal texts are one node. So is a map or set with a lazy sequence inside a key.
//  2. Nodes are numbered children first, in the order a walk meets them: "g", "o", the tasks of "t", then the content of refs in
//     the order they were met. The walk goes into a realised lazy sequence where it meets it, so that a key can be hashed as
//     soon as its map is read.
//  3. A list is cut where the number of elements left is a multiple of 16, or the rest has metadata. A stack is cut where the
//     depth from the bottom of its segment is a multiple of 32. A vector of more than 32 is runs of 32, in runs of 32 runs, and
//     so on. A view over a range too long to be a list of cells is `["l*",range]`.
//  4. A map or set of more than 32 is cut behind each entry whose key's digest hashes to a multiple of 32; the runs behind each that
//     hashes to a multiple of 32^2, and so on until there is one. So a change of one entry changes few nodes.
//  5. A dead local that holds a lazy sequence is `["cleared"]` (S-16). A range ends where its elements do; its
//     numbers stand in place.
//
// The state hash does not see nodes: the *digest* of a part is its text if that has at most 64 characters, else "#" and the
// SHA-256 of it, in hex, where parts within stand as their digests and units as their hashes. The hash of a state is the SHA-256 of
// the object above without "v", "u" and "n". The cuts of 3 and 4 belong to the definition of the hash, whatever a later format
// does about them.
import type { ProgramState } from "../machine/state.ts";
import { readDocument, VERSION } from "./document.ts";
import { StateDecoder } from "./decode-state.ts";
import type { SnapshotLinker } from "./decode-value.ts";
import { encodeState } from "./encode-state.ts";
import { pack, PACKED_VERSION, type PackedSnapshot } from "./pack.ts";

export { unpackSnapshot } from "./unpack.ts";
export type { PackedSnapshot, SnapshotLinker };

/** The versions of the format that are written, and read. */
export const SNAPSHOT_VERSIONS: readonly number[] = [VERSION, PACKED_VERSION];

/** The snapshot of a state at rest, and its state hash. */
export function encodeSnapshot(state: ProgramState): { readonly text: string; readonly hash: string } {
  const { text, hash } = encodeState(state);
  return { text, hash };
}

/** The same as a store keeps it: packed if it is large (pack.ts). */
export function packSnapshot(state: ProgramState): PackedSnapshot {
  return pack(encodeState(state));
}

/** The state hash alone. */
export function stateHash(state: ProgramState): string {
  return encodeState(state).hash;
}

/** The hashes of the units a snapshot names: the code that must be at hand before it is decoded. */
export function unitsNamed(text: string): string[] {
  return readDocument(text).units.filter((name) => !name.startsWith("machine/"));
}

/**
 * The state in a snapshot. Throws `snapshot/version` for a version this engine does not know, and `snapshot/invalid` with the
 * path to what is wrong; what the linker throws passes through. The linker's vars are written last, when all else is sound.
 */
export function decodeSnapshot(text: string, link: SnapshotLinker): ProgramState {
  return new StateDecoder(readDocument(text), link).state();
}
