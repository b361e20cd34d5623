// flowmetal doctor: looks at the installation and at a store, and says what is wrong and what to do about it. Changes nothing.
import { readFileSync } from "node:fs";
import { FlowmetalError } from "../base/errors.ts";
import { ENGINE_VERSION } from "../base/version.ts";
import type { StoreHost } from "../store/host.ts";
import { openStore } from "../store/open.ts";
import { type DriverFacts, driverFacts, type FileFacts, fileFacts, tryToWrite } from "../store/sqlite/facts.ts";
import { type DriverName, isDriverName } from "../store/sqlite/driver.ts";
import { isMarkedRestored } from "../store/sqlite/upkeep.ts";
import type { Store } from "../store/store.ts";
import { bytes, type Check, failed, ok, problem, warning } from "./check.ts";
import { storeChecks } from "./doctor-store.ts";

export interface DoctorParams {
  /** `sqlite:` with an absolute path, or `postgres://...`. */
  readonly url: string;
  readonly host: StoreHost;
  /** The Node that runs, and what is needed, as package.json writes it: `>=20.19`. */
  readonly node: string;
  readonly needed: string;
  /** FLOWMETAL_SQLITE_DRIVER. */
  readonly driver?: string | undefined;
}

/** A writer holds the lock for some milliseconds; one that holds it for longer hangs or was stopped. */
const LOCK_MS = 3_000;
const MB = 2 ** 20;
/** With less room than this the next commits may fail; with less than that somebody should look. */
const FREE_LEAST = 100 * MB;
const FREE_FEW = 1_024 * MB;
/** The -wal file is folded back at 1 MB, and by SQLite itself at 16 MB: far beyond that something keeps it from being. */
const WAL_MUCH = 128 * MB;

/** All checks, in the order in which they depend on each other. */
export async function examine(params: DoctorParams): Promise<readonly Check[]> {
  const checks: Check[] = [nodeCheck(params)];
  const { url, host, driver = "" } = params;
  const isFile = url.startsWith("sqlite:");
  const name = isDriverName(driver) ? driver : undefined;
  if (isFile) {
    const drivers = await driverFacts(host, name);
    checks.push(driverCheck(drivers));
    if (drivers[0].version === null) return checks;
  }
  let store: Store;
  try {
    store = await openStore({ url, host, folder: "/", create: false, readOnly: true, driver });
  } catch (error) {
    return [...checks, failed("store", error)];
  }
  try {
    checks.push(ok("store", `${store.url} can be read.`));
    checks.push(restoredCheck(await isRestored(params)));
    if (isFile) checks.push(...(await fileChecks(url.slice("sqlite:".length), host, name)));
    checks.push(...(await storeChecks(store, host.clock)));
  } catch (error) {
    checks.push(failed("store", error));
  } finally {
    await store.close().catch(() => undefined);
  }
  return checks;
}

/** Which Node this engine needs, as package.json says. */
export function neededNode(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly engines: { readonly node: string } }).engines.node;
}

function nodeCheck({ node, needed }: Pick<DoctorParams, "node" | "needed">): Check {
  const text = `Flowmetal ${ENGINE_VERSION} runs on Node ${node}`;
  if (isAtLeast(node, needed.replace(/^>=/, ""))) return ok("node", `${text}.`);
  return problem("node", `${text}, and needs ${needed}.`, "Install a newer Node.");
}

function isAtLeast(version: string, least: string): boolean {
  const [has, wants] = [version, least].map((text) => text.split(".").map((part) => Number.parseInt(part, 10)));
  const at = wants.findIndex((part, i) => part !== (has[i] ?? 0));
  return at === -1 || (has[at] ?? 0) > wants[at];
}

function driverCheck([used, ...others]: readonly DriverFacts[]): Check {
  if (used.version !== null) return ok("sqlite", `SQLite ${used.version} by ${used.name}.`);
  const other = others.find(({ version }) => version !== null);
  const text = `The driver ${used.name} cannot be loaded: ${used.problem}.`;
  const install = "Install Flowmetal again with install scripts allowed: npm install --allow-scripts=sqlite3.";
  if (other === undefined) return problem("sqlite", text, install);
  return problem(
    "sqlite",
    text,
    `Set FLOWMETAL_SQLITE_DRIVER=${other.name}, which works here (SQLite ${other.version}).`,
  );
}

async function fileChecks(path: string, host: StoreHost, driver: DriverName | undefined): Promise<Check[]> {
  return [await writeCheck(path, host, driver), ...roomChecks(fileFacts(path))];
}

async function isRestored({ url, host, driver = "" }: DoctorParams): Promise<boolean> {
  if (!url.startsWith("sqlite:")) return (await import("../store/postgres/upkeep.ts")).isMarkedRestored({ url, host });
  const name = isDriverName(driver) ? driver : undefined;
  return isMarkedRestored({ path: url.slice("sqlite:".length), host, driver: name });
}

function restoredCheck(isMarked: boolean): Check {
  if (!isMarked) return ok("adopted", "The store is no restored backup.");
  const text = "The store is a restored backup that nobody has adopted: nothing in it goes on.";
  return problem("adopted", text, "If the store it was made of is gone for good: flowmetal store adopt.");
}

async function writeCheck(path: string, host: StoreHost, driver: DriverName | undefined): Promise<Check> {
  try {
    await tryToWrite(path, host, LOCK_MS, driver);
    return ok("writable", "The store can be written.");
  } catch (error) {
    const check = failed("writable", error);
    const isLocked = error instanceof FlowmetalError && error.code === "store/locked";
    if (!isLocked) return check;
    return { ...check, hint: "A process that was stopped in a transaction holds it: let it go on, or end it." };
  }
}

/** Room on the file system, and what lies beside the database. */
export function roomChecks({ size, wal, free }: FileFacts): Check[] {
  const left = `${bytes(free)} are free where the store lies (${bytes(size)})`;
  const more = "Make room, move the store, or delete what is old: flowmetal gc --older-than 30d.";
  const room =
    free < FREE_LEAST
      ? problem("room", `Only ${left}.`, more)
      : free < FREE_FEW
        ? warning("room", `Only ${left}.`, more)
        : ok("room", `${left}.`);
  const folded =
    wal > WAL_MUCH
      ? warning(
          "wal",
          `The -wal file has grown to ${bytes(wal)}: it is not folded back.`,
          "Something reads the store without an end, such as an open sqlite3 shell: close it.",
        )
      : ok("wal", `The -wal file has ${bytes(wal)}.`);
  return [room, folded];
}
