// Opens the store a command means, and closes it whatever happens.
import type { Client } from "../client/client.ts";
import type { Context } from "./context.ts";
import { FlowmetalError } from "../base/errors.ts";
import { findKeys } from "./keys.ts";
import { findStore, makeStateFolder, type StorePlace } from "./store-place.ts";

/** Runs `use` with a client on the store; `create`: makes the store if it is missing. */
export async function withStore<T>(
  context: Context,
  { create }: { readonly create: boolean },
  use: (client: Client, place: StorePlace) => Promise<T>,
): Promise<T> {
  const place = findStore(context.options.store, context);
  if (place.url === "memory:" && !create) {
    throw new FlowmetalError("cli/usage", "a store in memory ends with its process: there is nothing to find in it", {
      hint: "Name the store of the program with --store PATH.",
    });
  }
  if (create) makeStateFolder(place.url, context);
  const keys = findKeys(context);
  const client = await context.openClient(place.url, { create, keys });
  try {
    return await use(client, place);
  } finally {
    await client.close();
  }
}

/** Runs `use` with the program the first argument means, on an existing store. */
export function withProgram<T>(
  context: Context,
  use: (client: Client, id: string, place: StorePlace) => Promise<T>,
): Promise<T> {
  return withStore(context, { create: false }, async (client, place) =>
    use(client, await client.resolve(context.args[0] as string), place),
  );
}
