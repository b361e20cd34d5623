// The names of all commands, by themselves, for those who must not load the table.

export const commandNames = [
  "eval",
  "resume",
  "start",
  "wait",
  "serve",
  "interpreter",
  "ps",
  "inspect",
  "output",
  "cancel",
  "journal",
  "replay",
  "gc",
  "export",
  "import",
  "store",
  "doctor",
  "read",
  "fmt",
  "check",
  "test",
  "doc",
  "apropos",
  "source",
  "explain",
] as const;

export type CommandName = (typeof commandNames)[number];
