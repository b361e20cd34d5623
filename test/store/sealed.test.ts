// A sealed store of each kind holds the contract of all stores, and keeps what it promises of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../src/base/random.ts";
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { newKeyText, readKeys } from "../../src/store/sealed/keys.ts";
import { SealState } from "../../src/store/sealed/seal-state.ts";
import { sealedStore } from "../../src/store/sealed/sealed-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { openTestPostgres } from "./postgres-support.ts";
import { describeStore } from "./store-contract.ts";
import { DRIVERS, type TestHost } from "./support.ts";

const keys = readKeys(newKeyText(seededRandom("keys")), "the test");

async function sealed(inner: Store, host: TestHost): Promise<Store> {
  return sealedStore(inner, await SealState.open(inner, host, keys));
}

describeStore({
  name: "sealed memory",
  open: async (host) => {
    const store = openMemoryStore(host);
    return { store: await sealed(store, host), remove: () => store.close() };
  },
});

for (const driver of DRIVERS) {
  describeStore({
    name: `sealed SQLite (${driver})`,
    open: async (host) => {
      const folder = mkdtempSync(join(tmpdir(), "flowmetal-store-"));
      const store = await openSqliteStore({ path: join(folder, "store.db"), host, driver, synchronous: "NORMAL" });
      const remove = async (): Promise<void> => {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      };
      return { store: await sealed(store, host), remove };
    },
  });
}

describeStore({
  name: "sealed PostgreSQL",
  schema: 6,
  open: async (host) => {
    const { store, remove } = await openTestPostgres(host);
    return { store: await sealed(store, host), remove };
  },
});
