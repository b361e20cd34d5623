// The SQLite store holds the contract, with each driver this Node has.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { describeStore } from "./store-contract.ts";
import { DRIVERS } from "./support.ts";

for (const driver of DRIVERS) {
  describeStore({
    name: `SQLite (${driver})`,
    open: async (host) => {
      const folder = mkdtempSync(join(tmpdir(), "flowmetal-store-"));
      const store = await openSqliteStore({ path: join(folder, "store.db"), host, driver, synchronous: "NORMAL" });
      const remove = async (): Promise<void> => {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      };
      return { store, remove };
    },
  });
}
