// Finds the files of modules: `a.b-c` is the file a/b-c.fm in the first folder of the search path that has it.
//
// The names are input (E-27): only small letters, digits, `_` and `-`, in parts separated by dots, so a name leads nowhere but down;
// and what a symbolic link makes of the path must still be inside the folder it was found in.
import { join, sep } from "node:path";
import { canonicalJson } from "../base/canonical-json.ts";
import { FlowmetalError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { closest } from "../base/suggest.ts";

/** A folder that modules are looked for in. */
export interface Root {
  /** What messages call it: as the user wrote it; "" for the current folder. */
  readonly label: string;
  /** Absolute. */
  readonly folder: string;
}

/** The file of a module. */
export interface ModuleFile {
  /** What spans and traces call it. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Finds the files of modules. */
export interface ModulePath {
  /** The file of a module. Throws `module/missing`, `module/bad-name`, `module/outside` or `module/unreadable`. */
  find(name: string): ModuleFile;
}

/** The folders of a search path as the `start` entry holds them: `[[label, folder]...]`. */
export function pathText(roots: readonly Root[]): string {
  return canonicalJson(roots.map(({ label, folder }) => [label, folder]));
}

/** The folders in the `start` entry of a program. */
export function rootsOf(text: string | undefined): Root[] {
  const pairs = text === undefined ? [] : (JSON.parse(text) as [string, string][]);
  return pairs.map(([label, folder]) => ({ label, folder }));
}

const NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** Folders below a root that are searched for names to suggest, and files looked at. */
const DEPTH_MAX = 5;
const FILES_MAX = 2_000;

/** Namespaces of Clojure that have a counterpart here. */
const COUNTERPARTS: ReadonlyMap<string, string> = new Map([
  ["clojure.string", "flow.string"],
  ["clojure.set", "flow.set"],
  ["clojure.walk", "flow.walk"],
  ["clojure.edn", "flow.edn"],
  ["clojure.math", "flow.math"],
  ["clojure.test", "flow.test"],
  ["clojure.data.json", "flow.json"],
  ["cheshire.core", "flow.json"],
  ["clj-http.client", "flow.http.request"],
]);

export class SearchPath implements ModulePath {
  constructor(
    private readonly files: Files,
    private readonly roots: readonly Root[],
    /** The namespaces of the base image, for suggestions. */
    private readonly shipped: () => Iterable<string>,
  ) {}

  find(name: string): ModuleFile {
    const inFiles = !/^flow(\.|$)/.test(name);
    if (inFiles && NAME.test(name)) {
      const path = `${name.replaceAll(".", "/")}.fm`;
      for (const root of this.roots) {
        const bytes = this.files.read(join(root.folder, path));
        if (bytes === null) continue;
        this.checkInside(root, path);
        return { file: join(root.label, path), bytes };
      }
    } else if (inFiles) throw badName(name);
    throw this.missing(name, inFiles);
  }

  private checkInside(root: Root, path: string): void {
    const [real, folder] = [this.files.real(join(root.folder, path)), this.files.real(root.folder)];
    if (real !== null && folder !== null && real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return;
    throw new FlowmetalError("module/outside", `${join(root.label, path)} leads out of the folder it is in`, {
      hint: "name the folder it leads to with --path DIR, or copy the file",
    });
  }

  private missing(name: string, inFiles: boolean): FlowmetalError {
    const path = `${name.replaceAll(".", "/")}.fm`;
    const places = inFiles ? this.roots.map((root) => this.lookedAt(root, path)) : [];
    const where = places.length === 0 ? "" : `: looked for ${places.join(", ")}`;
    return new FlowmetalError("module/missing", `there is no module ${name}${where}`, {
      hint: this.wayOut(name, path),
    });
  }

  private lookedAt(root: Root, path: string): string {
    const isThere = this.files.list(root.folder) !== null;
    return `${join(root.label, path)}${isThere ? "" : " (there is no such folder)"}`;
  }

  private wayOut(name: string, path: string): string {
    const under = path.replaceAll("-", "_");
    const root =
      path === under ? undefined : this.roots.find(({ folder }) => this.files.read(join(folder, under)) !== null);
    if (root !== undefined) {
      return `${join(root.label, under)} is there, but a hyphen in a name is one in its file: rename it to ${join(root.label, path)}`;
    }
    const shipped = [...this.shipped()];
    const counterpart = COUNTERPARTS.get(name);
    if (counterpart !== undefined && shipped.includes(counterpart)) return `here it is ${counterpart}`;
    const near = closest(name, [...shipped, ...this.roots.flatMap((one) => this.namesIn(one))]);
    if (near !== null) return `did you mean ${near}?`;
    if (/^flow(\.|$)/.test(name))
      return `the language's own are: ${shipped.filter((one) => one !== "flow.core").join(", ")}`;
    return 'put the file there, or name its folder with --path DIR or under "path" in flowmetal.json';
  }

  /** The names of the modules in a folder. */
  private namesIn(root: Root): string[] {
    const names: string[] = [];
    const open: (readonly [prefix: string, depth: number])[] = [["", 0]];
    for (let next = open.shift(); next !== undefined && names.length < FILES_MAX; next = open.shift()) {
      const [prefix, depth] = next;
      for (const entry of this.files.list(join(root.folder, prefix.slice(0, -1).replaceAll(".", "/"))) ?? []) {
        if (entry.startsWith(".") || entry === "node_modules/") continue;
        if (entry.endsWith("/") && depth < DEPTH_MAX) open.push([`${prefix}${entry.slice(0, -1)}.`, depth + 1]);
        else if (entry.endsWith(".fm")) names.push(prefix + entry.slice(0, -3));
      }
    }
    return names.filter((name) => NAME.test(name));
  }
}

function badName(name: string): FlowmetalError {
  return new FlowmetalError("module/bad-name", `${name} cannot be the name of a module in a file`, {
    hint: "use small letters, digits, - and _, in parts separated by dots: a file name means the same on every machine then",
  });
}
