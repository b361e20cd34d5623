// The exit codes: documented, stable, the same for all commands. And which of them a refusal means.

export const EXIT = {
  done: 0,
  faulted: 1,
  usage: 2,
  notFound: 3,
  atRest: 4,
  store: 5,
  conflict: 6,
  cancelled: 7,
  syntax: 65,
  internal: 70,
  hangUp: 129,
  interrupted: 130,
  pipeClosed: 141,
  terminated: 143,
} as const;

/** What each code says, for `--help` and its JSON. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  [EXIT.done]: "done",
  [EXIT.faulted]: "the program faulted, or what was to be verified or checked is not so",
  [EXIT.usage]: "the command line or the configuration is wrong",
  [EXIT.notFound]: "no such file, program or name",
  [EXIT.atRest]: "the program is at rest and not over",
  [EXIT.store]: "the store cannot be used",
  [EXIT.conflict]: "another process holds the program",
  [EXIT.cancelled]: "the program was cancelled",
  [EXIT.syntax]: "the script or file cannot be read or compiled",
  [EXIT.internal]: "a bug in flowmetal, or it is not built",
  [EXIT.hangUp]: "stopped by SIGHUP, program at rest",
  [EXIT.interrupted]: "stopped by Ctrl-C, program at rest",
  [EXIT.pipeClosed]: "nobody reads the output any more, program at rest",
  [EXIT.terminated]: "stopped by SIGTERM, program at rest",
};

/** Exit codes by error code, or by the family before its slash. A code's own row wins. */
const BY_CODE: Readonly<Record<string, number>> = {
  "cli/no-such-file": EXIT.notFound,
  "cli/no-source": EXIT.notFound,
  "cli/unknown-code": EXIT.notFound,
  "cli/unknown-name": EXIT.notFound,
  "cli/not-text": EXIT.syntax,
  cli: EXIT.usage,
  read: EXIT.syntax,
  compile: EXIT.syntax,
  "program/not-found": EXIT.notFound,
  "store/bad-url": EXIT.usage,
  "program/cancelled": EXIT.cancelled,
  "program/owned": EXIT.conflict,
  "program/lost": EXIT.conflict,
  program: EXIT.conflict,
  "move/exists": EXIT.conflict,
  move: EXIT.syntax,
  serve: EXIT.usage,
  store: EXIT.store,
  // What the store holds was changed from outside, or is another version's.
  journal: EXIT.store,
  "journal/no-position": EXIT.notFound,
  "journal/compacted": EXIT.notFound,
  snapshot: EXIT.store,
  seal: EXIT.store,
  "seal/bad-key": EXIT.usage,
  code: EXIT.store,
  image: EXIT.store,
  value: EXIT.store,
  replay: EXIT.store,
  // The store would take it, were it not so large.
  "snapshot/too-large": EXIT.faulted,
  "value/too-large": EXIT.faulted,
};

/** The exit code for an error code such as `store/locked`. */
export function exitCodeOf(code: string): number {
  return BY_CODE[code] ?? BY_CODE[code.split("/", 1)[0] as string] ?? EXIT.internal;
}
