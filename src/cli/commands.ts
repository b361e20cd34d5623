// The table of commands: all that is said about them anywhere (commander, help, `--help --json`) is made from it.
import type { Command } from "./context.ts";
import { EXIT } from "./exit.ts";

export interface ArgumentRow {
  /** As commander writes it: `<id>`, `[file]`, `[args...]`. */
  readonly form: string;
  readonly about: string;
}

export interface OptionRow {
  /** As commander writes it: `-e, --eval <forms>`. */
  readonly flags: string;
  readonly about: string;
  /** How its value is read: a whole number, from 0 on or any; or one of several, where it is given more than once. */
  readonly parse?: "count" | "integer" | "each";
}

export interface CommandRow {
  readonly name: string;
  readonly about: string;
  /** Further paragraphs of its help. */
  readonly more?: string;
  readonly args: readonly ArgumentRow[];
  readonly options: readonly OptionRow[];
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly exits: readonly number[];
  /** What stands behind the first argument belongs to the script. */
  readonly passThrough?: boolean;
  readonly load: () => Promise<Command>;
}

const store: OptionRow = {
  flags: "--store <url>",
  about: "sqlite:PATH, postgres://..., memory:, or a path; else FLOWMETAL_STORE, flowmetal.json, your state directory",
};
const json: OptionRow = { flags: "--json", about: 'JSON for programs; every object says "schema": 1' };
const path: OptionRow = {
  flags: "--path <dir>",
  about: "look for modules there too; may be given several times",
  parse: "each",
};
const maxSteps: OptionRow = { flags: "--max-steps <n>", about: "fault after so many ticks in all", parse: "count" };

/** Options that may also stand before the command. */
export const commonOptions: readonly OptionRow[] = [store, json];

const id: ArgumentRow = { form: "<id>", about: "a program: its id, a unique beginning of it, or @last" };

const runExits = [
  EXIT.done,
  EXIT.faulted,
  EXIT.usage,
  EXIT.notFound,
  EXIT.atRest,
  EXIT.store,
  EXIT.conflict,
  EXIT.cancelled,
  EXIT.syntax,
  EXIT.internal,
  EXIT.hangUp,
  EXIT.interrupted,
  EXIT.pipeClosed,
  EXIT.terminated,
];
const serveMore =
  "Any number of such processes share the programs of a store. SIGTERM or Ctrl-C ends it: it claims nothing more, commits what is\nevaluated and lets go of everything; a second signal ends it at once. Programs of one that is killed go on elsewhere within 2 s.";
const serveOptions: readonly OptionRow[] = [
  { flags: "--queue <name>", about: "a queue to serve; may be given several times", parse: "each" },
  { flags: "--concurrency <n>", about: "programs in memory at once, at most (256)", parse: "count" },
  { flags: "--memory <mb>", about: "MB that one program may take, at most (64)", parse: "count" },
  { flags: "--metrics <address>", about: "figures for Prometheus and health by HTTP there: 127.0.0.1:9464, or a port" },
  { flags: "--log-level <level>", about: "debug, info, warn, error or silent (info)" },
  store,
  json,
];
const serveExits = [EXIT.done, EXIT.usage, EXIT.store, EXIT.internal, EXIT.interrupted];
const lookExits = [EXIT.done, EXIT.usage, EXIT.notFound, EXIT.store, EXIT.internal];

export const commands: readonly CommandRow[] = [
  {
    name: "eval",
    about: "start a program from a script and run it until it is over",
    more: "Options stand before FILE; what stands behind it are the arguments of the script. `flowmetal FILE` is the same.\nCtrl-C leaves the program at rest and says how to go on with it.",
    args: [
      { form: "[file]", about: "the script; - is standard input" },
      { form: "[args...]", about: "arguments of the script" },
    ],
    options: [
      { flags: "-e, --eval <forms>", about: "run these forms, and print the value of the last one" },
      path,
      maxSteps,
      store,
      json,
    ],
    examples: [
      ["flowmetal eval report.fm http://127.0.0.1:8080", "run a script with an argument"],
      ["flowmetal eval -e '(+ 1 2)'", "print 3"],
      ["echo '(println 1)' | flowmetal eval -", "run what comes from a pipe"],
    ],
    exits: runExits,
    passThrough: true,
    load: () => import("./command/eval.ts"),
  },
  {
    name: "resume",
    about: "go on with a program that is at rest",
    more: "Takes the program over from whoever ran it. If that process was killed, its lease runs out first (1.5 s at most).",
    args: [id],
    options: [maxSteps, store, json],
    examples: [["flowmetal resume @last", "go on with the program started last"]],
    exits: runExits,
    load: () => import("./command/resume.ts"),
  },
  {
    name: "start",
    about: "put a program into a queue, to be run by a process that serves it",
    more: "Prints its id. The texts of the script and of the modules its ns form requires go into the store with it.\nOptions stand before FILE; what stands behind it are the arguments of the script.",
    args: [
      { form: "<file>", about: "the script; - is standard input" },
      { form: "[args...]", about: "arguments of the script" },
    ],
    options: [
      { flags: "--queue <name>", about: "the queue (default)" },
      { flags: "--priority <n>", about: "higher ones are claimed first (0)", parse: "integer" },
      { flags: "--label <k=v>", about: "a label; may be given several times", parse: "each" },
      path,
      maxSteps,
      store,
      json,
    ],
    examples: [
      ["flowmetal start report.fm", "to be run by flowmetal serve"],
      ["flowmetal start --queue mail --priority 5 --label month=11 report.fm", "in another queue, before others"],
    ],
    exits: [EXIT.done, EXIT.usage, EXIT.notFound, EXIT.store, EXIT.syntax, EXIT.internal],
    passThrough: true,
    load: () => import("./command/start.ts"),
  },
  {
    name: "wait",
    about: "wait until a program is over, or stands at an error, and print its result",
    args: [id],
    options: [store, json],
    examples: [["flowmetal wait @last", "the result of the program started last"]],
    exits: [EXIT.done, EXIT.faulted, EXIT.usage, EXIT.notFound, EXIT.atRest, EXIT.store, EXIT.cancelled, EXIT.internal],
    load: () => import("./command/wait.ts"),
  },
  {
    name: "serve",
    about: "run the programs of queues, and carry out their effects",
    more: serveMore,
    args: [],
    options: serveOptions,
    examples: [
      ["flowmetal serve", "the queue default, or those that flowmetal.json names"],
      ["flowmetal serve --queue mail --queue default", "these two"],
    ],
    exits: serveExits,
    load: () => import("./command/serve.ts"),
  },
  {
    name: "interpreter",
    about: "run the programs of queues; what leaves the process is carried out by others",
    more: serveMore,
    args: [],
    options: serveOptions,
    examples: [["flowmetal interpreter --queue mail --concurrency 20", "one queue, 20 programs at once"]],
    exits: serveExits,
    load: () => import("./command/interpreter.ts"),
  },
  {
    name: "ps",
    about: "list programs, the newest first",
    args: [],
    options: [
      { flags: "--status <status...>", about: "only programs with one of these statuses" },
      { flags: "--limit <n>", about: "at most so many (100)", parse: "count" },
      store,
      json,
    ],
    examples: [["flowmetal ps --status waiting faulted", "what is not over yet"]],
    exits: lookExits,
    load: () => import("./command/ps.ts"),
  },
  {
    name: "inspect",
    about: "show a program at rest: what it waits for, and every frame with its locals",
    args: [id],
    options: [
      { flags: "--frames <n>", about: "at most so many frames of each task, the innermost (40)", parse: "count" },
      { flags: "--width <n>", about: "cut printed values at so many characters (200)", parse: "count" },
      { flags: "--at <position>", about: "as it was behind so many entries of its journal", parse: "count" },
      store,
      json,
    ],
    examples: [["flowmetal inspect @last", "look at the program started last"]],
    exits: lookExits,
    load: () => import("./command/inspect.ts"),
  },
  {
    name: "output",
    about: "print what a program has printed so far, as recorded",
    args: [id],
    options: [store, json],
    examples: [["flowmetal output @last > report.txt", "keep the output"]],
    exits: lookExits,
    load: () => import("./command/output.ts"),
  },
  {
    name: "cancel",
    about: "end a program",
    args: [id],
    options: [{ flags: "--reason <text>", about: "kept in its journal" }, store, json],
    examples: [["flowmetal cancel 01k9 --reason 'wrong month'", "end a program, by the beginning of its id"]],
    exits: [...lookExits.slice(0, -1), EXIT.conflict, EXIT.internal],
    load: () => import("./command/cancel.ts"),
  },
  {
    name: "journal",
    about: "print the entries of a program's journal",
    args: [id],
    options: [{ flags: "--from <position>", about: "begin at this position (0)", parse: "count" }, store, json],
    examples: [["flowmetal journal @last --json | jq .body", "the entries' bodies"]],
    exits: lookExits,
    load: () => import("./command/journal.ts"),
  },
  {
    name: "replay",
    about: "run a program's journal again, sending nothing",
    args: [id],
    options: [{ flags: "--verify", about: "fail if the state is not the recorded one, bit for bit" }, store, json],
    examples: [["flowmetal replay @last --verify", "check the history of the program started last"]],
    exits: [EXIT.done, EXIT.faulted, ...lookExits.slice(1)],
    load: () => import("./command/replay.ts"),
  },
  {
    name: "gc",
    about: "delete what is not needed any more: old finished programs, compiled code that nothing names",
    more: "Programs are deleted only with --older-than. Compiled code and sources go when nothing names them and nobody has used them for a week.",
    args: [],
    options: [
      { flags: "--older-than <age>", about: "also programs that have been over for so long: 30d, 12h" },
      { flags: "--dry-run", about: "only say what would be deleted" },
      store,
      json,
    ],
    examples: [["flowmetal gc --older-than 30d --dry-run", "what a month of age would delete"]],
    exits: lookExits,
    load: () => import("./command/gc.ts"),
  },
  {
    name: "export",
    about: "move programs out of a store: into a file that another store imports",
    more: "Each is paused, then marked as moved: what is sent to it here is told so, and it goes on only where the file is imported.\nIf that fails half-way, or the file is lost, export it again. With --copy it stays, and imports get ids of their own.",
    args: [{ form: "[ids...]", about: "programs: ids, unique beginnings of them, or @last" }],
    options: [
      { flags: "-o, --output <file>", about: "the file; with --copy standard output is the default" },
      { flags: "--to <place>", about: "where they go, for those who ask here (the name of the file)" },
      { flags: "--copy", about: "leave them as they are; the file makes copies of them" },
      { flags: "--plain", about: "do not seal the file, though the store is sealed" },
      { flags: "--status <status...>", about: "those with one of these statuses" },
      { flags: "--label <k=v>", about: "those with this label; may be given several times", parse: "each" },
      store,
      json,
    ],
    examples: [
      ["flowmetal export @last -o trip.jsonl", "move the program started last"],
      ["flowmetal export --label month=11 -o november.jsonl --to eu-2", "several at once"],
      ["flowmetal export --copy @last | flowmetal import --store other.db -", "a copy of one"],
    ],
    exits: [...lookExits.slice(0, -1), EXIT.conflict, EXIT.internal],
    load: () => import("./command/export.ts"),
  },
  {
    name: "import",
    about: "put the programs of an exported file into a store, paused",
    more: "The whole file is looked at first. What was being sent when a program left is sent again if its contract allows that.",
    args: [{ form: "<file>", about: "what export has written; - is standard input" }],
    options: [
      { flags: "--back", about: "programs that were moved from this store come back, or go on here after all" },
      {
        flags: "--pending <how>",
        about: "what copies do about open effects of the original: leave, deny, resend (leave)",
      },
      store,
      json,
    ],
    examples: [["flowmetal import trip.jsonl --store other.db", "then: flowmetal resume ID --store other.db"]],
    exits: [...lookExits.slice(0, -1), EXIT.conflict, EXIT.syntax, EXIT.internal],
    load: () => import("./command/import.ts"),
  },
  {
    name: "store",
    about: "look after a store as a whole: backup FILE, restore FILE, check, migrate, adopt, key FILE, rotate",
    more: "backup copies a store into a new file while others write; the copy is a store, adopted before anything in it goes on.\nrestore loads such a copy into a PostgreSQL store that is new; that is adopted, too.\ncheck looks at everything and names what is damaged; then the exit code is 1.\nmigrate brings an older store to the schema of this engine, as each opening for writing does.\nadopt lets the programs of a restored backup go on; it lists effects that the store it was made of may have sent.\nkey writes a new key into a file, before those that are there. rotate seals everything with the first key while others run.",
    args: [
      { form: "<action>", about: "backup, restore, check, migrate, adopt, key or rotate" },
      { form: "[file]", about: "of backup, restore and key" },
    ],
    options: [{ flags: "--dry-run", about: "of migrate and adopt: only say what would be done" }, store, json],
    examples: [
      ["flowmetal store backup monday.db", "while others write"],
      ["flowmetal store restore monday.db --store postgres://USER@HOST/DATABASE", "into a new database"],
      ["flowmetal store check --json", "for a monitor"],
      ["flowmetal store adopt --store monday.db --dry-run", "what may be sent twice"],
      ["flowmetal store key keys.txt", "then: export FLOWMETAL_KEY_FILE=keys.txt"],
    ],
    exits: [EXIT.done, EXIT.faulted, ...lookExits.slice(1)],
    load: () => import("./command/store.ts"),
  },
  {
    name: "doctor",
    about: "look at the installation and the store, and say what is wrong with them",
    more: "Changes nothing. Each line is a check: ok, warning or problem, with a way out. Problems make the exit code 1; warnings do so with --strict.",
    args: [],
    options: [{ flags: "--strict", about: "exit 1 for warnings too" }, store, json],
    examples: [
      ["flowmetal doctor", "of the store that other commands use"],
      ["flowmetal doctor --strict --json --store queue.db", "for a monitor"],
    ],
    exits: [EXIT.done, EXIT.faulted, EXIT.usage, EXIT.internal],
    load: () => import("./command/doctor.ts"),
  },
  {
    name: "read",
    about: "read a script without running it: say what is wrong with its text, or print its forms",
    args: [{ form: "<file>", about: "the script; - is standard input" }],
    options: [{ flags: "--forms", about: "print the forms, one to a line" }, json],
    examples: [["flowmetal read --forms report.fm", "what the reader makes of a text"]],
    exits: [EXIT.done, EXIT.usage, EXIT.notFound, EXIT.syntax, EXIT.internal],
    load: () => import("./command/read.ts"),
  },
  {
    name: "fmt",
    about: "set the white space of scripts, in place",
    more: "Lines stay where you broke them; they are indented, and brackets stand close to what they hold. Comments stay.\nA script that cannot be read is refused, and then no file is changed.",
    args: [
      {
        form: "[files...]",
        about: "scripts; a folder means all .fm files in it (.); - is standard input, to standard output",
      },
    ],
    options: [{ flags: "--check", about: "change nothing; exit 1 and list the files that would change" }, json],
    examples: [
      ["flowmetal fmt", "all scripts in the current folder"],
      ["flowmetal fmt --check lib report.fm", "for a hook or CI"],
    ],
    exits: [EXIT.done, EXIT.faulted, EXIT.usage, EXIT.notFound, EXIT.syntax, EXIT.internal],
    load: () => import("./command/fmt.ts"),
  },
  {
    name: "check",
    about: "say what is wrong with scripts, without running them",
    more: "Finds what the reader and the compiler refuse, calls with a number of arguments that the function does not take,\nnames that are bound and not used, forms that are never evaluated. Evaluates only ns, macros, functions and constants.\nErrors make the exit code 1; warnings do so with --strict. The modules a script requires are looked for as eval does.",
    args: [{ form: "[files...]", about: "scripts; a folder means all .fm files in it (.); - is standard input" }],
    options: [{ flags: "--strict", about: "exit 1 for warnings too" }, path, json],
    examples: [
      ["flowmetal check", "all scripts in the current folder"],
      ["flowmetal check --strict report.fm", "for a hook or CI"],
    ],
    exits: [EXIT.done, EXIT.faulted, EXIT.usage, EXIT.notFound, EXIT.syntax, EXIT.internal],
    load: () => import("./command/check.ts"),
  },
  {
    name: "test",
    about: "run the tests in files (flow.test)",
    more: "Each test begins with the state its file left, in virtual time; no effect leaves the process.",
    args: [{ form: "[files...]", about: "files of tests; a folder means all *-test.fm and *_test.fm in it (.)" }],
    options: [
      { flags: "--filter <text>", about: "only tests whose qualified name has this in it" },
      { flags: "--max-steps <n>", about: "fail a test after so many ticks", parse: "count" },
      path,
      json,
    ],
    examples: [
      ["flowmetal test", "all tests in the current folder"],
      ["flowmetal test report-test.fm --filter retry", "some tests of a file"],
    ],
    exits: [EXIT.done, EXIT.faulted, EXIT.usage, EXIT.notFound, EXIT.syntax, EXIT.internal, EXIT.interrupted],
    load: () => import("./command/test.ts"),
  },
  {
    name: "doc",
    about: "say what is known of a name of the language",
    more: "A function, macro or value (with or without its namespace), a special form, a namespace, an error code or type.",
    args: [{ form: "<name>", about: "as it is written in a script" }],
    options: [json],
    examples: [
      ["flowmetal doc reduce", "how it is called, what it does, examples"],
      ["flowmetal doc flow.string", "the names of a namespace"],
    ],
    exits: [EXIT.done, EXIT.usage, EXIT.notFound, EXIT.internal],
    load: () => import("./command/doc.ts"),
  },
  {
    name: "apropos",
    about: "find names of the language by words in them or in what they do",
    args: [{ form: "<words...>", about: "all of them must occur" }],
    options: [json],
    examples: [["flowmetal apropos split", "what has to do with splitting, names first"]],
    exits: [EXIT.done, EXIT.usage, EXIT.notFound, EXIT.internal],
    load: () => import("./command/apropos.ts"),
  },
  {
    name: "source",
    about: "print how a function or macro of the language is written",
    args: [{ form: "<name>", about: "as doc takes it" }],
    options: [json],
    examples: [["flowmetal source mapv", "its text in prelude/"]],
    exits: [EXIT.done, EXIT.usage, EXIT.notFound, EXIT.internal],
    load: () => import("./command/source.ts"),
  },
  {
    name: "explain",
    about: "explain an error code, or a type of error",
    args: [{ form: "<code>", about: "as it stands in an error, such as store/locked or :index" }],
    options: [json],
    examples: [["flowmetal explain store/locked", "what it means and what to do"]],
    exits: [EXIT.done, EXIT.usage, EXIT.notFound, EXIT.internal],
    load: () => import("./command/explain.ts"),
  },
];
