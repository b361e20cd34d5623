// The PostgreSQL store holds the contract.
import { openTestPostgres } from "./postgres-support.ts";
import { describeStore } from "./store-contract.ts";

describeStore({ name: "PostgreSQL", schema: 6, open: (host) => openTestPostgres(host) });
