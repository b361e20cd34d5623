// The store's refusals: each says what happened, to which file, and the way out.

import { FlowmetalError } from "../base/errors.ts";
import { withoutPassword } from "./url.ts";

/** A value that no store keeps (E-9). */
export function badValue(what: string, problem: string): FlowmetalError {
  return new FlowmetalError("store/bad-value", `this ${what} cannot be stored: ${problem}`);
}

/** One program's rows cannot be committed, and could not be next time (E-8). */
export function commitRefused(program: string, cause: unknown): FlowmetalError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FlowmetalError("store/commit-refused", `the turn of program ${program} cannot be committed: ${why}`, {
    cause,
  });
}

/** The database did not say whether a commit happened, twice (E-10). */
export function unknownOutcome(cause: unknown): FlowmetalError {
  return new FlowmetalError("store/unknown-outcome", `it is not known whether a commit happened: ${reason(cause)}`, {
    cause,
    hint: "look at the disk; what was committed is kept, and `flowmetal resume` goes on from there",
  });
}

export function missingStore(path: string): FlowmetalError {
  return new FlowmetalError("store/missing", `there is no store at ${path}`, {
    hint: "name another with --store or FLOWMETAL_STORE; `flowmetal eval` makes one",
  });
}

export function notAStore(path: string, what: string): FlowmetalError {
  return new FlowmetalError("store/not-a-store", `${path} is not a Flowmetal store: ${what}`, {
    hint: "name another file with --store or FLOWMETAL_STORE; a new file is made where there is none",
  });
}

export function newerStore(path: string, schema: number, mine: number): FlowmetalError {
  const message = `the store ${path} has schema ${schema}, and this engine knows up to schema ${mine}`;
  return new FlowmetalError("store/newer", message, {
    hint: "it was written by a newer Flowmetal: use that one, or another store",
  });
}

/** A backup that nobody has adopted: it can be looked at, and nothing in it goes on (E-20). */
export function restoredStore(path: string): FlowmetalError {
  return new FlowmetalError("store/restored", `the store ${path} is a restored backup: nothing in it goes on yet`, {
    hint: `if the store it was made of is gone for good: flowmetal store adopt --store ${path}`,
  });
}

export function notRestored(path: string): FlowmetalError {
  return new FlowmetalError(
    "store/not-restored",
    `the store ${path} is no restored backup: there is nothing to adopt`,
    {
      hint: "flowmetal store backup makes files that are to be adopted",
    },
  );
}

export function notABackup(path: string): FlowmetalError {
  return new FlowmetalError("store/not-restored", `the store ${path} is no backup: it goes on by itself`, {
    hint: "flowmetal store backup makes files to be restored; one that was adopted is a store of its own",
  });
}

/** A store that is to be filled must be new. */
export function notEmpty(shown: string): FlowmetalError {
  return new FlowmetalError("store/not-empty", `the store ${shown} has programs, or is served by a process`, {
    hint: "name a database or a schema (?schema=NAME) that is new, and end what serves it",
  });
}

/** Told where an older store is not brought up to date on the way. */
export function olderStore(path: string, schema: number, mine: number): FlowmetalError {
  return new FlowmetalError("store/older", `the store ${path} has schema ${schema}, and this takes schema ${mine}`, {
    hint: `bring it up to date first: flowmetal store migrate --store ${path}`,
  });
}

export function fileExists(path: string): FlowmetalError {
  return new FlowmetalError("store/file-exists", `there is a file ${path} already`, { hint: "name another one" });
}

export function notAFile(url: string, what: string): FlowmetalError {
  return new FlowmetalError("store/bad-url", `there is no ${what} for ${withoutPassword(url)}`, {
    hint: "it is for stores in an SQLite file or in PostgreSQL; a file of a backup is a store as it is, or is restored into PostgreSQL",
  });
}

export function corruptStore(path: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/corrupt", `the store ${path} is damaged: ${reason(cause)}`, {
    cause,
    hint: `copy the file and its -wal away first, then try: sqlite3 ${path} .recover`,
  });
}

export function readOnlyStore(path: string, cause?: unknown): FlowmetalError {
  return new FlowmetalError("store/read-only", `the store ${path} cannot be written`, {
    cause,
    hint: "give this user the right to write the file and its folder, or name another with --store",
  });
}

export function lockedStore(path: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/locked", `the store ${path} is locked by another process`, {
    cause,
    hint: "end what holds it (a stopped process, an open transaction in a shell), then try again",
  });
}

export function fullStore(path: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/full", `there is no room left for the store ${path}`, {
    cause,
    hint: "free space on its disk; what was committed is kept, and `flowmetal resume` goes on from there",
  });
}

export function unreachableStore(path: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/unreachable", `the store ${path} cannot be opened: ${reason(cause)}`, {
    cause,
    hint: "see that its folder is there and may be read and written",
  });
}

export function failingDisk(path: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/unreachable", `the store ${path} cannot be read or written: ${reason(cause)}`, {
    cause,
    hint: "look at its disk and at this user's quota and limits; what was committed is kept, and `flowmetal resume` goes on",
  });
}

export function networkStore(path: string, system: string): FlowmetalError {
  return new FlowmetalError("store/network", `the store ${path} lies on a network file system (${system})`, {
    hint: "SQLite loses data there: keep the file on a local disk",
  });
}

export function failedStore(path: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/failed", `the store ${path} failed: ${reason(cause)}`, { cause });
}

export function missingDriver(name: string, cause: unknown): FlowmetalError {
  if (name === "sqlite3") {
    return new FlowmetalError("store/no-driver", "the SQLite driver is not there: its native part was not installed", {
      cause,
      hint: "run `npm rebuild sqlite3`; where npm blocks install scripts: npm install --allow-scripts=sqlite3",
    });
  }
  return new FlowmetalError("store/no-driver", `the SQLite driver ${name} cannot be used: ${reason(cause)}`, {
    cause,
    hint: "use Node 24 or newer, or FLOWMETAL_SQLITE_DRIVER=sqlite3",
  });
}

export function unknownDriver(name: string, known: readonly string[]): FlowmetalError {
  return new FlowmetalError("store/no-driver", `there is no SQLite driver ${JSON.stringify(name)}`, {
    hint: `FLOWMETAL_SQLITE_DRIVER is ${known.join(" or ")}, or not set`,
  });
}

/** A server that does not answer. `shown`, here and below: its URL without a password. */
export function unreachableServer(shown: string, why: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/unreachable", `the store ${shown} cannot be reached: ${why}`, {
    cause,
    hint: "see that the server runs and may be reached from here; what was committed is kept, and `flowmetal resume` goes on",
  });
}

export function deniedStore(shown: string, why: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/denied", `the server of the store ${shown} refuses this user: ${why}`, {
    cause,
    hint: "give the password in the URL or in PGPASSWORD; the user needs the right to create in the database, or a schema of its own",
  });
}

export function missingDatabase(shown: string, cause: unknown): FlowmetalError {
  return new FlowmetalError("store/missing", `the server has no such database: ${shown}`, {
    cause,
    hint: "make it first: createdb NAME",
  });
}

export function missingTables(shown: string): FlowmetalError {
  return new FlowmetalError("store/missing", `there is no store in ${shown}`, {
    hint: "name another with --store or FLOWMETAL_STORE; `flowmetal eval` makes one",
  });
}

export function readOnlyServer(shown: string, cause?: unknown): FlowmetalError {
  return new FlowmetalError("store/read-only", `the store ${shown} cannot be written`, {
    cause,
    hint: "name the primary server: a standby, or a database that is set to read-only, can only be looked at",
  });
}

export function unknownUrl(url: string): FlowmetalError {
  return new FlowmetalError("store/bad-url", `"${withoutPassword(url)}" names no kind of store this engine has`, {
    hint: "use sqlite:PATH, postgres://USER@HOST/DATABASE, a plain path, or memory:",
  });
}

/** A sealed store without the keys. */
export function missingKey(what: string, ids: readonly string[]): FlowmetalError {
  const named = ids.length === 1 ? `key ${ids[0]}` : `keys ${ids.join(" and ")}`;
  return new FlowmetalError("store/sealed", `${what} is sealed with ${named}, which this process does not have`, {
    hint: "name a file that holds it in FLOWMETAL_KEY_FILE, or as `encryption` in flowmetal.json; without it nobody can read the store",
  });
}

/** A key is given, and the store has plain bodies. */
export function plainStore(shown: string): FlowmetalError {
  return new FlowmetalError("store/not-sealed", `a key is set, and the store ${shown} is not sealed`, {
    hint: "use it without the key; to seal its programs, export them without the key and import them into a new store with it",
  });
}

export function noKey(what: string): FlowmetalError {
  return new FlowmetalError("store/not-sealed", what, {
    hint: "flowmetal store key FILE makes a key; FLOWMETAL_KEY_FILE names the file",
  });
}

/** Keys that cannot be read. The message never shows what stands there. */
export function badKeys(message: string): FlowmetalError {
  return new FlowmetalError("seal/bad-key", message, {
    hint: "a key is what `flowmetal store key` writes, one a line; # begins a comment",
  });
}

/** What a store says of its keys was changed. */
export function badSeal(shown: string): FlowmetalError {
  return new FlowmetalError("seal/broken", `the seal of the store ${shown} was changed: nothing in it is read`, {
    hint: "take a backup; flowmetal store check --store FILE says whether that one is sound",
  });
}

/** A sealed text that does not open where it stands. */
export function brokenSeal(
  { table, program, key }: { readonly table: string; readonly program: string; readonly key: string },
  why: string,
): FlowmetalError {
  const where = [program === "" ? "" : ` of program ${program}`, key === "" ? "" : ` at ${key}`].join("");
  const position = table === "journal" || table === "snapshots" ? Number.parseInt(key, 10) : null;
  return new FlowmetalError("seal/broken", `in the table ${table}${where} a sealed text does not open: ${why}`, {
    data: { table, program: program === "" ? null : program, position, key },
    hint: "somebody changed the store from outside; flowmetal store check names all that is damaged, and a backup may have it",
  });
}

/** Texts that do not open keep a rotation from its end. */
export function rotationStopped(count: number, first: FlowmetalError): FlowmetalError {
  return new FlowmetalError(first.code, `${count} texts do not open, so that the old key stays: ${first.message}`, {
    cause: first,
    data: first.data,
    hint: first.hint ?? "",
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
