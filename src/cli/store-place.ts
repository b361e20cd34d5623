// Which store a command means: flag, else environment, else the nearest flowmetal.json, else the user's state directory.
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Surroundings } from "./context.ts";
import { FlowmetalError } from "../base/errors.ts";
import { asciiLower } from "../base/text.ts";
import { parseUrl } from "../store/postgres/url.ts";
import { withoutPassword } from "../store/url.ts";
import { nearestConfig } from "./config.ts";

export interface StorePlace {
  /** `memory:`, `sqlite:` with an absolute path, or `postgres://...` with the password that was given. */
  readonly url: string;
  /**
   * What to add to a command so that it means the same store, but for a password: that comes from PGPASSWORD then. Empty where the
   * surroundings say it.
   */
  readonly flag: string;
}

/** Finds the store. `flag` is what --store said. */
export function findStore(flag: string | undefined, { env, cwd }: Pick<Surroundings, "env" | "cwd">): StorePlace {
  if (flag !== undefined) {
    const url = toUrl(flag, cwd, "--store");
    const shown = url.startsWith("postgres:") ? parseUrl(url).shown : flag;
    return { url, flag: ` --store ${quoteForShell(shown)}` };
  }
  const fromEnv = env.FLOWMETAL_STORE;
  if (fromEnv !== undefined && fromEnv !== "") return { url: toUrl(fromEnv, cwd, "FLOWMETAL_STORE"), flag: "" };
  return { url: fromConfig(cwd) ?? `sqlite:${join(stateFolder(env), "store.db")}`, flag: "" };
}

/** Makes the folder of the default store, which nobody made before, for the user alone. */
export function makeStateFolder(url: string, { env }: Pick<Surroundings, "env">): void {
  const folder = stateFolder(env);
  if (url !== `sqlite:${join(folder, "store.db")}`) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new FlowmetalError(
      "store/unreachable",
      `the folder of the store cannot be made: ${folder} (${codeOf(error)})`,
      {
        hint: "Make it, or name another place with --store PATH.",
      },
    );
  }
}

function stateFolder(env: Surroundings["env"]): string {
  const base = env.XDG_STATE_HOME;
  const usable = base !== undefined && isAbsolute(base);
  return join(usable ? base : join(env.HOME ?? homedir(), ".local", "state"), "flowmetal");
}

/** A URL of ours from what a person wrote; paths count from `folder`. */
function toUrl(written: string, folder: string, origin: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):/.exec(asciiLower(written))?.[1];
  if (scheme === undefined) return fromPath(written, folder, origin);
  const rest = written.slice(scheme.length + 1);
  if (scheme === "memory" && rest === "") return "memory:";
  if (scheme === "postgres" || scheme === "postgresql") {
    const url = `postgres:${rest}`;
    parseUrl(url);
    return url;
  }
  if (scheme === "sqlite") return fromPath(rest.replace(/^\/\/(?=\/)/, ""), folder, origin);
  throw new FlowmetalError(
    "store/bad-url",
    `${origin} names a store this engine does not know: ${JSON.stringify(withoutPassword(written))}`,
    {
      hint: "Give sqlite:PATH, postgres://USER@HOST/DATABASE, memory:, or a plain path.",
    },
  );
}

function fromPath(path: string, folder: string, origin: string): string {
  if (path === "" || path.includes("\0")) {
    throw new FlowmetalError("store/bad-url", `${origin} names no path`, {
      hint: "Give sqlite:PATH, postgres://USER@HOST/DATABASE, memory:, or a plain path.",
    });
  }
  return `sqlite:${resolve(folder, path)}`;
}

/** The store of the nearest flowmetal.json from `cwd` upwards, or null. */
function fromConfig(cwd: string): string | null {
  const config = nearestConfig(cwd);
  return config === null || config.store === null ? null : toUrl(config.store, dirname(config.file), config.file);
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? "unknown reason";

/** A word as a shell reads it back. */
export function quoteForShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
