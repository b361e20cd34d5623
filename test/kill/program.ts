// A script, run by the command line as users do, on a store of its own; can be killed and looked at.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a process wrote to stderr is wanted when it ends in a way it should not. */
export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** A process that runs the program. */
export class Session {
  over = false;
  readonly ended: Promise<Ended>;

  constructor(private readonly child: ChildProcess) {
    let stderr = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.on("close", (code) => {
        this.over = true;
        resolve({ code, stderr });
      });
    });
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** What `inspect --json` says, as far as it is needed here. */
export interface Standing {
  readonly position: number;
  readonly program: {
    readonly status: string;
    readonly waits: readonly { readonly kind: string; readonly key?: string; readonly until?: number }[];
  };
}

export interface JournalEntry {
  readonly position: number;
  readonly kind: string;
  readonly body: {
    readonly made?: readonly { readonly key: string; readonly kind: string }[];
    readonly key?: string;
  };
}

/** One program in one store. */
export class Program {
  constructor(
    private readonly root: string,
    private readonly store: string,
    private readonly args: readonly string[],
    /** The script, below the root. */
    private readonly script = "docs/examples/status-report.fm",
  ) {}

  /** Starts the program, or goes on with it if it was started before. */
  run(): Session {
    const script = join(this.root, this.script);
    const command = existsSync(this.store)
      ? ["resume", "@last", "--store", this.store]
      : ["eval", "--store", this.store, script, ...this.args];
    return new Session(
      spawn(process.execPath, [this.binary, ...command], { stdio: ["ignore", "ignore", "pipe"], env: this.env }),
    );
  }

  /** What a command answers about the program. Fails unless its exit code is 0. */
  ask(command: string, ...flags: readonly string[]): Promise<string> {
    const args = [this.binary, command, "@last", "--store", this.store, ...flags];
    return new Promise((resolve, reject) => {
      execFile(process.execPath, args, { env: this.env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`flowmetal ${command} ended with ${error.code}: ${stdout}${stderr}`));
      });
    });
  }

  async inspect(): Promise<Standing> {
    return JSON.parse(await this.ask("inspect", "--json")) as Standing;
  }

  /** Whether it is in the store, and a task of it sleeps. */
  async sleeps(): Promise<boolean> {
    if (!existsSync(this.store)) return false;
    const standing = await this.inspect().catch(() => null);
    return standing?.program.waits.some(({ kind }) => kind === "sleep") ?? false;
  }

  async journal(): Promise<JournalEntry[]> {
    const lines = (await this.ask("journal", "--json")).trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as JournalEntry);
  }

  private get binary(): string {
    return join(this.root, "bin", "flowmetal");
  }

  private get env(): NodeJS.ProcessEnv {
    const { FLOWMETAL_STORE: _, ...env } = process.env;
    return env;
  }
}
