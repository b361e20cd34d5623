// The memory store holds the contract.
import { openMemoryStore } from "../../src/store/memory/memory-store.ts";
import { describeStore } from "./store-contract.ts";

describeStore({
  name: "memory",
  open: async (host) => {
    const store = openMemoryStore(host);
    return { store, remove: () => store.close() };
  },
});
