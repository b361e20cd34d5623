// The repository as the tidy test sees it: its files, the imports between them, the places where something stands.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../../", import.meta.url));

const notOurs = new Set(["node_modules", "dist", ".git", "coverage"]);

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !notOurs.has(entry.name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : [path];
    })
    .sort();
}

/** Paths of all files of ours below a folder, relative to the root, sorted. */
export function files(folder: string, extension = ""): string[] {
  return walk(folder).filter((path) => path.endsWith(extension));
}

const texts = new Map<string, string>();

/** The text of a file. */
export function text(path: string): string {
  let found = texts.get(path);
  if (found === undefined) {
    found = readFileSync(join(root, path), "utf8");
    texts.set(path, found);
  }
  return found;
}

/** `path:line` of an offset. */
export function place(path: string, offset: number): string {
  return `${path}:${text(path).slice(0, offset).split("\n").length}`;
}

/** Where a pattern (made global here) matches in a file. */
export function matches(path: string, pattern: RegExp): { at: string; found: string }[] {
  const flags = pattern.flags.includes("g") ? pattern.flags : `${pattern.flags}g`;
  return [...text(path).matchAll(new RegExp(pattern.source, flags))].map((match) => ({
    at: place(path, match.index),
    found: match[0],
  }));
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The file of ours it means, or null: a package, a module of Node. */
  readonly file: string | null;
  readonly at: string;
}

/** All imports of a TypeScript file: static, type-only, dynamic, re-exports. */
export function imports(path: string): Import[] {
  return ts.preProcessFile(text(path), true, true).importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    file: fileName.startsWith(".") ? posix.join(dirname(path), fileName) : null,
    at: place(path, pos),
  }));
}

/** Calls `visit` with every node of a TypeScript file. */
export function visitNodes(path: string, visit: (node: ts.Node) => void): void {
  const stack: ts.Node[] = [ts.createSourceFile(path, text(path), ts.ScriptTarget.ES2023, false)];
  while (stack.length > 0) {
    const node = stack.pop() as ts.Node;
    visit(node);
    node.forEachChild((child) => void stack.push(child));
  }
}

/** The strongly connected components of more than one node, and nodes with an edge to themselves (Tarjan, iterative). */
export function cycles(edges: ReadonlyMap<string, Iterable<string>>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const found: string[][] = [];
  for (const start of edges.keys()) {
    if (index.has(start)) continue;
    const work: { node: string; todo: Iterator<string> }[] = [];
    const enter = (node: string) => {
      index.set(node, index.size);
      low.set(node, index.size - 1);
      onStack.add(node);
      stack.push(node);
      work.push({ node, todo: (edges.get(node) ?? [])[Symbol.iterator]() });
    };
    enter(start);
    while (work.length > 0) {
      const { node, todo } = work[work.length - 1] as (typeof work)[number];
      const next = todo.next();
      if (!next.done) {
        if (!index.has(next.value)) enter(next.value);
        else if (onStack.has(next.value)) lower(low, node, index.get(next.value) as number);
        continue;
      }
      work.pop();
      const above = work[work.length - 1];
      if (above !== undefined) lower(low, above.node, low.get(node) as number);
      if (low.get(node) === index.get(node)) {
        const component = stack.splice(stack.lastIndexOf(node));
        for (const member of component) onStack.delete(member);
        if (component.length > 1 || [...(edges.get(node) ?? [])].includes(node)) found.push(component.sort());
      }
    }
  }
  return found;
}

function lower(low: Map<string, number>, node: string, to: number): void {
  low.set(node, Math.min(low.get(node) as number, to));
}
