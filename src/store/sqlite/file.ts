// What can be told about a path before SQLite opens it: a directory, no SQLite file, a network file system.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { missingStore, networkStore, notAStore, readOnlyStore, unreachableStore } from "../errors.ts";

export interface FileParams {
  readonly path: string;
  /** Make the file and its folder if they are missing. */
  readonly create: boolean;
  readonly readOnly: boolean;
}

/** Refuses what cannot be a store by name; makes the folder of a new one. */
export function checkFile({ path, create, readOnly }: FileParams): void {
  if (!existsSync(path)) {
    if (!create || readOnly) throw missingStore(path);
    try {
      mkdirSync(dirname(path), { recursive: true });
    } catch (cause) {
      throw unreachableStore(path, folderProblem(cause));
    }
  } else {
    checkContent(path);
  }
  const network = networkName(dirname(path));
  if (network !== null) throw networkStore(path, network);
  if (!readOnly && !writable(path)) throw readOnlyStore(path);
}

/** Why the folder of a new store cannot be made. */
function folderProblem(cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== "EEXIST" && code !== "ENOTDIR") return new Error(`its folder cannot be made: ${message}`, { cause });
  return new Error("its folder cannot be made, since a file has that name", { cause });
}

const MAGIC = "SQLite format 3\0";

function checkContent(path: string): void {
  const stat = statSync(path);
  if (stat.isDirectory()) throw notAStore(path, "it is a directory");
  if (!stat.isFile()) throw notAStore(path, "it is no regular file");
  if (stat.size === 0) return;
  const head = Buffer.alloc(MAGIC.length);
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw unreachableStore(path, cause);
  }
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  if (head.toString("latin1") !== MAGIC) throw notAStore(path, "it is no SQLite database");
}

/** Makes sure that what was written to a file, or the names in a folder, survive a power cut. */
export function syncFile(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Whether SQLite could write there: the file, or its folder, where the -wal and -shm files are made. */
export function writable(path: string): boolean {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK);
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** File systems whose locks and shared memory SQLite cannot trust, by the number Linux gives them. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x0bd00bd0, "Lustre"],
]);

/** The network file system that Linux gives this number, or null. */
export function networkFileSystem(type: number): string | null {
  // The number is signed on some machines.
  return NETWORK.get(type >>> 0) ?? null;
}

/** The network file system a folder lies on, or null. Only Linux tells. */
function networkName(folder: string): string | null {
  if (process.platform !== "linux") return null;
  try {
    return networkFileSystem(Number(statfsSync(folder).type));
  } catch {
    return null;
  }
}
