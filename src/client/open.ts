// Opens a client: a store, an interpreter when one is needed, the connectors of a single process.
import { systemClock } from "../base/clock.ts";
import { systemFiles } from "../base/files.ts";
import { systemRandom } from "../base/random.ts";
import { Connectors } from "../connector/connector.ts";
import { ForeignConnector } from "../connector/foreign.ts";
import { Interpreter, type InterpreterOptions } from "../interpreter/interpreter.ts";
import { shippedImage } from "../module/shipped-image.ts";
import { FlowmetalError } from "../base/errors.ts";
import { noRetries } from "../store/host.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import type { OpenClient } from "./client.ts";
import { findImage } from "./find-image.ts";
import { type FleetWish, type Served, StoreClient } from "./store-client.ts";

/** Opens a client on the store at `url`. */
export const openClient: OpenClient = async (url, { create, keys = [] }) => {
  const retries = noRetries();
  const store = await openStore({
    url,
    host: { clock: systemClock, random: systemRandom, retries },
    folder: process.cwd(),
    create,
    driver: process.env["FLOWMETAL_SQLITE_DRIVER"],
    keys,
  });
  return new StoreClient({
    store,
    keys,
    image: shippedImage,
    findImage,
    startInterpreter,
    files: systemFiles,
    makeFleet,
  });
};

async function startInterpreter(store: Store): Promise<Interpreter> {
  const options: InterpreterOptions = {
    store,
    image: await shippedImage(),
    findImage,
    connectors: new Connectors([new ForeignConnector(), await httpConnector()]),
    clock: systemClock,
    random: systemRandom,
    files: systemFiles,
    ...compaction(process.env["FLOWMETAL_COMPACT_AFTER"]),
  };
  const interpreter = new Interpreter(options);
  await interpreter.open();
  return interpreter;
}

/** The fewest entries after which a journal may be compacted: each time costs a whole snapshot. */
const COMPACT_LEAST = 100;

/** From what the environment says: a whole number of entries, or nothing. */
function compaction(text = ""): { readonly compactAfter?: number } {
  if (text === "") return {};
  const compactAfter = Number(text);
  if (/^\d+$/.test(text) && compactAfter >= COMPACT_LEAST) return { compactAfter };
  throw new FlowmetalError("cli/usage", `FLOWMETAL_COMPACT_AFTER is ${JSON.stringify(text)}`, {
    hint: `It is the number of entries after which a journal begins anew, ${COMPACT_LEAST} or more; or it is not set.`,
  });
}

/** The heap of an evaluation process, in MB: room for many programs, and for one that is stopped only when it has grown. */
const HEAP_MB = 1_024;
/** So many times of what one program may take: it is written as text before it is let go of. */
const HEAP_TIMES = 16;
const MB = 2 ** 20;

/** Serves from this process, with programs evaluated in another (decision 19). What leaves the process is done if that is wished. */
async function makeFleet(store: Store, { connectors, memory, tell, ...wish }: FleetWish): Promise<Served> {
  const { Supervisor } = await import("../interpreter/supervisor.ts");
  const { startEvaluation } = await import("./evaluation-process.ts");
  const outside = connectors ? [await httpConnector()] : [];
  const order = {
    ...wish,
    url: store.url,
    kinds: outside.map(({ kind }) => kind),
    memory: memory * MB,
    ...compaction(process.env["FLOWMETAL_COMPACT_AFTER"]),
  };
  const start = startEvaluation(Math.max(HEAP_MB, HEAP_TIMES * memory));
  return new Supervisor({ store, connectors: new Connectors(outside), clock: systemClock, start, order, tell });
}

async function httpConnector() {
  const { HttpRequestConnector } = await import("../connector/http-request.ts");
  return new HttpRequestConnector();
}
