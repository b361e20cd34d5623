// The evaluation process (E-15, decision 19): a whole fleet, over a store and connectors that another process has.
//
// It holds nothing that would be lost with it. Before every piece of work that does not give way, it notes whose it is, so that the
// process that serves knows, when this one is gone, which program was being evaluated.
import type { Clock } from "../base/clock.ts";
import type { Files } from "../base/files.ts";
import type { Random } from "../base/random.ts";
import { Connectors } from "../connector/connector.ts";
import { ForeignConnector } from "../connector/foreign.ts";
import type { Image } from "../module/image.ts";
import { Fleet } from "./fleet.ts";
import type { Attend, ImageFinder } from "./loading.ts";
import { type Down, type EvaluationOrder, type Note, sentEvent, type Up } from "./messages.ts";
import { Remote } from "./remote.ts";
import type { Tracing } from "./tracing.ts";

/** A note that says the same as the one before is written so often at most. */
const NOTE_EVERY_MS = 100;
/** While nothing is evaluated, the event loop says so often that it turns. */
const BEAT_MS = 500;

/** What an evaluation process stands on. */
export interface EvaluationSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly image: Image;
  readonly findImage: ImageFinder;
  readonly send: (message: Up) => void;
  /** Calls back with each message; none is lost before. */
  readonly receive: (callback: (message: Down) => void) => void;
  /** Is there for the other process at once, whatever becomes of this one. */
  readonly note: (note: Note) => void;
  /** Bytes in use on the heap. */
  readonly heapUsed: () => number;
  /** Where an SDK is registered in this process. */
  readonly tracing?: Tracing | undefined;
}

/** Says that it is there, serves as it is ordered, and says that everything was let go of. */
export function evaluate(surroundings: EvaluationSurroundings): void {
  let remote: Remote | null = null;
  let fleet: Fleet | null = null;
  surroundings.receive((message) => {
    if (message.kind === "begin") {
      remote = new Remote(message.order.url, surroundings.send);
      fleet = fleetOver(remote, message.order, surroundings);
      void fleet.serve().then(() => surroundings.send({ kind: "ended" }));
    } else if (message.kind === "drain") fleet?.drain();
    else remote?.receive(message);
  });
  surroundings.send({ kind: "ready" });
}

function fleetOver(remote: Remote, order: EvaluationOrder, surroundings: EvaluationSurroundings): Fleet {
  const { clock, random, files, image, findImage, send, heapUsed, tracing } = surroundings;
  const { queues, concurrency, kinds, memory: most, compactAfter } = order;
  const foreign = new ForeignConnector();
  return new Fleet({
    store: remote.store,
    image,
    findImage,
    connectors: new Connectors([foreign, ...kinds.map((kind) => remote.connector(kind))]),
    capabilities: [...foreign.topics().map((topic) => `foreign:${topic}`), ...kinds],
    clock,
    random,
    files,
    queues,
    concurrency,
    memory: { most, heapUsed },
    attend: noteBook(surroundings),
    tell: (event) => send({ kind: "tell", event: sentEvent(event) }),
    ...(compactAfter === undefined ? {} : { compactAfter }),
    ...(tracing === undefined ? {} : { tracing }),
  });
}

/** Notes programs and what is done with them, and that the event loop turns. */
function noteBook({ clock, note }: Pick<EvaluationSurroundings, "clock" | "note">): Attend {
  let last: Note = { program: null, work: "program" };
  let noted = Number.NEGATIVE_INFINITY;
  const beat = (): void => {
    // Where the event loop turns, no such work is under way.
    last = { ...last, work: "program" };
    note(last);
    clock.after(BEAT_MS, beat);
  };
  beat();
  return (program, work) => {
    const now = clock.monotonic();
    if (program === last.program && work === last.work && now - noted < NOTE_EVERY_MS) return;
    last = { program, work };
    noted = now;
    note(last);
  };
}
