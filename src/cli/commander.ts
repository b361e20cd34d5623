// commander, set up from the table of commands. It parses and writes help; the rest is ours.
import { Command as Commander, CommanderError, InvalidArgumentError, Option } from "commander";
import { type CommandRow, commands, commonOptions, type OptionRow } from "./commands.ts";
import type { Options } from "./context.ts";
import { EXIT, EXIT_MEANINGS } from "./exit.ts";

/** What a command line asks for. */
export type Request =
  | { readonly kind: "run"; readonly row: CommandRow; readonly args: readonly string[]; readonly options: Options }
  /** Help or the version, to be printed; `code` is the exit code. */
  | { readonly kind: "text"; readonly text: string; readonly code: number }
  /** A command line that cannot be understood. */
  | {
      readonly kind: "wrong";
      readonly message: string;
      /** `Did you mean --store?` */
      readonly suggestion: string | null;
      readonly command: string | null;
    };

/** Parses the arguments of the process. `version` is what --version prints. */
export function parse(argv: readonly string[], version: string): Request {
  let request: Request | null = null;
  const written: string[] = [];
  const root = buildRoot(argv, version, (row, args, options) => {
    request = { kind: "run", row, args, options };
  });
  configure(root, (text) => void written.push(text));
  if (argv.length === 0) return { kind: "text", text: root.helpInformation(), code: EXIT.usage };
  try {
    root.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "text", text: written.join(""), code: EXIT.done };
    const [message, suggestion = ""] = error.message.replace(/^error: /, "").split("\n");
    return {
      kind: "wrong",
      message: message as string,
      suggestion: /^\((.*)\)$/.exec(suggestion)?.[1] ?? null,
      command: commandIn(argv),
    };
  }
  return request ?? { kind: "text", text: root.helpInformation(), code: EXIT.usage };
}

/** The table as data, for `--help --json`; of one command, or of all. */
export function describe(row?: CommandRow): string {
  const described = (row === undefined ? commands : [row]).map(({ load: _, ...facts }) => ({
    ...facts,
    examples: facts.examples.map(([command, what]) => ({ command, what })),
    exits: facts.exits.map((code) => ({ code, meaning: EXIT_MEANINGS[code] })),
  }));
  return `${JSON.stringify({ schema: 1, options: commonOptions, commands: described }, null, 2)}\n`;
}

type Action = (row: CommandRow, args: readonly string[], options: Options) => void;

function buildRoot(argv: readonly string[], version: string, action: Action): Commander {
  const root = new Commander("flowmetal")
    .description("Runs durable scripts: programs that may wait for months and survive everything.")
    .usage("[options] COMMAND | FILE [args...]")
    .enablePositionalOptions()
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this; with --json, as data");
  for (const option of commonOptions) root.addOption(toOption(option));
  for (const row of rowsFor(argv)) root.addCommand(buildCommand(row, root, action), { isDefault: row.name === "eval" });
  // commander leaves the arguments behind --help to the default command: whether --json is among them is seen here.
  giveHelp(root, null, () => argv.includes("--json"));
  return root;
}

/** The rows commander has to know: where the first word is a command, that alone, since each takes its part of a start. */
function rowsFor([first]: readonly string[]): readonly CommandRow[] {
  const named = commands.filter(({ name }) => name === first);
  return named.length > 0 ? named : commands;
}

function buildCommand(row: CommandRow, root: Commander, action: Action): Commander {
  const command = new Commander(row.name).summary(row.about).description(row.about);
  command.helpOption("-h, --help", "print this; with --json, as data");
  for (const { form, about } of row.args) command.argument(form, about);
  for (const option of row.options) command.addOption(toOption(option));
  if (row.passThrough === true) command.passThroughOptions();
  giveHelp(command, row, () => command.optsWithGlobals().json === true);
  return command.action(() => {
    const options = { ...root.opts(), ...command.opts() } as Options;
    action(
      row,
      command.processedArgs.flat().filter((arg) => arg !== undefined),
      options,
    );
  });
}

function toOption({ flags, about, parse: kind }: OptionRow): Option {
  const option = new Option(flags, about);
  if (kind === "count") option.argParser(parseCount);
  if (kind === "integer") option.argParser(parseInteger);
  if (kind === "each") option.argParser((text: string, before: readonly string[] = []) => [...before, text]);
  return option;
}

function parseCount(text: string): number {
  const number = Number(text.replaceAll("_", ""));
  if (!/^[\d_]+$/.test(text) || !Number.isSafeInteger(number)) throw new InvalidArgumentError("Give a whole number.");
  return number;
}

function parseInteger(text: string): number {
  return text.startsWith("-") ? -parseCount(text.slice(1)) : parseCount(text);
}

/** Help with examples and exit codes; as data under --json. */
function giveHelp(command: Commander, row: CommandRow | null, asData: () => boolean): void {
  command.helpInformation = (context) => {
    if (asData()) return describe(row ?? undefined);
    const standard = Commander.prototype.helpInformation.call(command, context);
    return row === null ? standard : `${standard}${furtherHelp(row)}`;
  };
}

function furtherHelp(row: CommandRow): string {
  const width = Math.max(...row.examples.map(([command]) => command.length));
  const examples = row.examples.map(([command, what]) => `  ${command.padEnd(width)}  ${what}\n`).join("");
  const exits = row.exits.map((code) => `  ${String(code).padStart(3)}  ${EXIT_MEANINGS[code]}\n`).join("");
  const more = row.more === undefined ? "" : `\n${row.more}\n`;
  return `${more}\nExamples:\n${examples}\nExit codes:\n${exits}`;
}

function configure(root: Commander, write: (text: string) => void): void {
  for (const command of [root, ...root.commands]) {
    command.exitOverride();
    command.configureOutput({ writeOut: write, writeErr: () => {} });
  }
}

/** The command a command line names, for a pointer to its help. */
function commandIn(argv: readonly string[]): string | null {
  return argv.find((arg) => commands.some(({ name }) => name === arg)) ?? null;
}
