// Opening a store by its URL: `sqlite:PATH`, a plain path, `postgres://...`, or `memory:`.

import { resolve } from "node:path";
import { unknownDriver, unknownUrl } from "./errors.ts";
import type { StoreHost } from "./host.ts";
import { isDriverName, SQLITE_DRIVERS } from "./sqlite/driver.ts";
import type { KeyRing } from "./sealed/keys.ts";
import type { Store } from "./store.ts";

export interface OpenStoreParams {
  readonly url: string;
  readonly host: StoreHost;
  /** What relative paths are relative to. */
  readonly folder: string;
  /** Make it if it is missing; default true. */
  readonly create?: boolean;
  readonly readOnly?: boolean;
  /** Of a file; a PostgreSQL server has its own setting. */
  readonly synchronous?: "FULL" | "NORMAL";
  /** `sqlite3` or `node:sqlite`, as a person wrote it; none or empty: the one that fits this Node. */
  readonly driver?: string | undefined;
  /** Keys that the store is sealed with (docs/decisions/0021); default: none. A store in memory is not at rest, and not sealed. */
  readonly keys?: KeyRing | undefined;
}

const SCHEME = /^([a-z][a-z0-9+.-]+):/;

/**
 * Opens a store. The code for a kind of store is loaded only when one is opened. Refuses a sealed one without its keys as
 * `store/sealed`, and one with plain bodies with keys as `store/not-sealed`.
 */
export async function openStore(params: OpenStoreParams): Promise<Store> {
  const { keys = [], ...bare } = params;
  const inner = await openBare(bare);
  if (params.url === "memory:") return inner;
  try {
    return await withSeal(inner, params, keys);
  } catch (error) {
    await inner.close().catch(() => undefined);
    throw error;
  }
}

async function withSeal(inner: Store, { host, readOnly = false }: OpenStoreParams, keys: KeyRing): Promise<Store> {
  if (keys.length === 0 && (await inner.readSeal()) === null) return inner;
  const { SealState } = await import("./sealed/seal-state.ts");
  const { sealedStore } = await import("./sealed/sealed-store.ts");
  return sealedStore(inner, await SealState.open(inner, host, keys, readOnly));
}

async function openBare(params: Omit<OpenStoreParams, "keys">): Promise<Store> {
  const { url, host, folder, synchronous, driver = "", ...options } = params;
  if (driver !== "" && !isDriverName(driver)) throw unknownDriver(driver, SQLITE_DRIVERS);
  if (url === "memory:") return (await import("./memory/memory-store.ts")).openMemoryStore(host);
  const scheme = SCHEME.exec(url)?.[1] ?? null;
  if (scheme === "postgres" || scheme === "postgresql") {
    return (await import("./postgres/postgres-store.ts")).openPostgresStore({ url, host, ...options });
  }
  if (scheme !== null && scheme !== "sqlite") throw unknownUrl(url);
  const path = scheme === null ? url : url.slice("sqlite:".length);
  if (path === "" || path.includes("\0")) throw unknownUrl(url);
  const { openSqliteStore } = await import("./sqlite/sqlite-store.ts");
  const forFile = { ...(synchronous ? { synchronous } : {}), ...(driver === "" ? {} : { driver }) };
  return openSqliteStore({ path: resolve(folder, path), host, ...options, ...forFile });
}
