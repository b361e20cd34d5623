// Opens a client: a store, an interpreter when one is needed, the connectors of a single process.
import { systemClock } from "../base/clock.ts";
import { systemFiles } from "../base/files.ts";
import { systemRandom } from "../base/random.ts";
import { Connectors } from "../connector/connector.ts";
import { ForeignConnector } from "../connector/foreign.ts";
import type { Fleet } from "../interpreter/fleet.ts";
import { Interpreter, type InterpreterOptions } from "../interpreter/interpreter.ts";
import { type Image, imageOfText } from "../module/image.ts";
import { shippedImage } from "../module/shipped-image.ts";
import { FlowmetalError } from "../base/errors.ts";
import { noRetries } from "../store/host.ts";
import { openStore } from "../store/open.ts";
import type { Store } from "../store/store.ts";
import type { OpenClient } from "./client.ts";
import { type FleetWish, StoreClient } from "./store-client.ts";

/** Opens a client on the store at `url`. */
export const openClient: OpenClient = async (url, { create }) => {
  const retries = noRetries();
  const store = await openStore({
    url,
    host: { clock: systemClock, random: systemRandom, retries },
    folder: process.cwd(),
    create,
    driver: process.env["FLOWMETAL_SQLITE_DRIVER"],
  });
  const files = systemFiles;
  return new StoreClient({ store, image: shippedImage, findImage, startInterpreter, files, retries, makeFleet });
};

/** This engine's own image, or another from the store (S-10). */
export async function findImage(hash: string, store: Store): Promise<Image> {
  const own = await shippedImage();
  if (own.hash === hash) return own;
  const text = await store.readImage({ hash });
  if (text === null) {
    throw new FlowmetalError("image/missing", `the base image ${hash} is not in the store`, {
      hint: "the program was made by another version of Flowmetal, and the store was changed from outside",
    });
  }
  return imageOfText(text);
}

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

/** A fleet of this process. In-process functions are its own; what leaves the process is done if that is wished. */
async function makeFleet(store: Store, { connectors, ...wish }: FleetWish): Promise<Fleet> {
  const { Fleet } = await import("../interpreter/fleet.ts");
  const { openTracing } = await import("../interpreter/spans.ts");
  const tracing = await openTracing();
  const foreign = new ForeignConnector();
  const outside = connectors ? [await httpConnector()] : [];
  return new Fleet({
    ...wish,
    store,
    image: await shippedImage(),
    findImage,
    connectors: new Connectors([foreign, ...outside]),
    capabilities: [...foreign.topics().map((topic) => `foreign:${topic}`), ...outside.map(({ kind }) => kind)],
    clock: systemClock,
    random: systemRandom,
    files: systemFiles,
    ...(tracing === undefined ? {} : { tracing }),
    ...compaction(process.env["FLOWMETAL_COMPACT_AFTER"]),
  });
}

async function httpConnector() {
  const { HttpRequestConnector } = await import("../connector/http-request.ts");
  return new HttpRequestConnector();
}
