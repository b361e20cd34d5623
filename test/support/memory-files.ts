// Files in memory, for what reads modules.
import type { Files } from "../../src/base/files.ts";

/** Files by absolute path; `links` lead from a path to another one. The texts may change while they are read. */
export function memoryFiles(
  texts: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
): Files {
  const entries = (folder: string): string[] => {
    const paths = Object.keys(texts).filter((path) => path.startsWith(`${folder}/`));
    const inside = paths.map((path) => path.slice(folder.length + 1));
    return [...new Set(inside.map((path) => (path.includes("/") ? `${path.split("/")[0]}/` : path)))].sort();
  };
  return {
    read: (path) => (texts[path] === undefined ? null : Buffer.from(texts[path])),
    list: (folder) => (entries(folder).length === 0 ? null : entries(folder)),
    real: (path) => links[path] ?? path,
  };
}
