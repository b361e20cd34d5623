// The SQLite store holds the contract.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { describeStore } from "./store-contract.ts";

describeStore({
  name: "SQLite",
  open: async (host) => {
    const folder = mkdtempSync(join(tmpdir(), "flowmetal-store-"));
    const store = await openSqliteStore({ path: join(folder, "store.db"), host, synchronous: "NORMAL" });
    const remove = async (): Promise<void> => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    };
    return { store, remove };
  },
});
