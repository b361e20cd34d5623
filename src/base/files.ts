// Files of the host, read at once: where modules are found. Passed in like the clock, so that tests bring their own.
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { FlowmetalError } from "./errors.ts";

/** Files as the engine knows them. Paths are absolute. */
export interface Files {
  /** The content; null if there is no file there. Throws `module/unreadable` for one that is there and cannot be read. */
  read(path: string): Uint8Array | null;
  /** What is in a folder, in the order of the names, folders with a `/` behind them; null if there is no such folder. */
  list(folder: string): readonly string[] | null;
  /** The path with all symbolic links followed; null if it leads nowhere. */
  real(path: string): string | null;
}

/** What the host says of a path that leads nowhere. */
const ABSENT: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR"]);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The host's files. */
export const systemFiles: Files = {
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      if (ABSENT.has(codeOf(error))) return null;
      throw new FlowmetalError("module/unreadable", `${path} cannot be read (${codeOf(error) ?? "unknown reason"})`, {
        hint: "look at its permissions, and at what it is",
      });
    }
  },
  list(folder) {
    try {
      const entries = readdirSync(folder, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
    } catch {
      // A folder that cannot be looked into has nothing to suggest.
      return null;
    }
  },
  real(path) {
    try {
      return realpathSync(path);
    } catch {
      return null;
    }
  },
};
