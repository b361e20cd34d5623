// The script files that arguments mean: files as they are named, and those inside folders.
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/** Folders that hold what others wrote. */
const PASSED_OVER: ReadonlySet<string> = new Set(["node_modules", ".git"]);

/**
 * The files in the order they were named; a folder stands for all `.fm` files beneath it, by name, without hidden folders and
 * `node_modules`. A name of nothing stays, for the reader to refuse.
 */
export function scriptFiles(names: readonly string[], cwd: string): string[] {
  const files = names.flatMap((name) => (isFolder(resolve(cwd, name)) ? filesIn(name, cwd) : [name]));
  return [...new Set(files)];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function filesIn(folder: string, cwd: string): string[] {
  const entries = readdirSync(resolve(cwd, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory())
        return PASSED_OVER.has(entry.name) || entry.name.startsWith(".") ? [] : filesIn(path, cwd);
      return entry.isFile() && entry.name.endsWith(".fm") ? [path] : [];
    });
}
