// The store and the connectors of a process that serves, as its evaluation process sees them: each call is a message and its answer.
import type { Connector, OutgoingEffect, PerformContext, Performed } from "../connector/connector.ts";
import type { CommitResult, Store, WatchCallback } from "../store/store.ts";
import { type Down, receivedAnswer, receivedError, type SentError, type StoreMethod, type Up } from "./messages.ts";

/** So that the compiler says which is missing. */
const METHODS: Readonly<Record<StoreMethod, true>> = {
  readMeta: true,
  readTime: true,
  registerInterpreter: true,
  renewLease: true,
  retireInterpreter: true,
  disownPrograms: true,
  createProgram: true,
  claimProgram: true,
  claimPrograms: true,
  releasePrograms: true,
  readToRun: true,
  readWork: true,
  releaseProgram: true,
  listClaimable: true,
  readProgram: true,
  resolveProgramId: true,
  listPrograms: true,
  commitTurns: true,
  readJournal: true,
  readSnapshot: true,
  trimJournal: true,
  listSnapshots: true,
  readChunks: true,
  collectPrograms: true,
  collectTexts: true,
  readRows: true,
  moveProgram: true,
  importProgram: true,
  deliver: true,
  putCommand: true,
  readInbox: true,
  claimEffects: true,
  settleEffect: true,
  postponeEffect: true,
  readEffect: true,
  listEffects: true,
  readOutput: true,
  markShown: true,
  writeTexts: true,
  readUnit: true,
  readUnits: true,
  readImage: true,
  hasImage: true,
  readBlob: true,
  readFigures: true,
  listInterpreters: true,
  readSeal: true,
  writeSeal: true,
  readBodies: true,
  replaceBodies: true,
  watch: true,
};

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One end of the way to the process that serves. */
export class Remote {
  readonly store: Store;
  private readonly asked = new Map<number, Asked>();
  private readonly performing = new Map<number, (performed: Performed) => void>();
  private readonly watchers = new Set<WatchCallback>();
  private asks = 0;

  constructor(
    url: string,
    private readonly send: (message: Up) => void,
  ) {
    const call = (method: StoreMethod) => (params: unknown) => this.call(method, params);
    const methods = Object.keys(METHODS).map((name) => [name, call(name as StoreMethod)]);
    const watch: Store["watch"] = (callback) => this.watch(callback);
    const commitTurns: Store["commitTurns"] = async (batch) => {
      const result = (await this.call("commitTurns", batch)) as CommitResult;
      const refused = result.refused.map((one) => ({ ...one, error: receivedError(one.error as SentError) }));
      return { ...result, refused };
    };
    // It is closed where it was opened.
    const close = (): Promise<void> => Promise.resolve();
    this.store = { ...(Object.fromEntries(methods) as Omit<Store, "url" | "close">), url, close, watch, commitTurns };
  }

  /** A connector that is in the process that serves. */
  connector(kind: string): Connector {
    return {
      kind,
      accepts: () => true,
      perform: (effect, context) => this.perform(effect, context),
      close: () => Promise.resolve(),
    };
  }

  /** Takes a message that is for this end. */
  receive(message: Down): void {
    switch (message.kind) {
      case "answer":
        this.taken(message.id)?.resolve(receivedAnswer(message.value, message.unreadable));
        break;
      case "failure":
        this.taken(message.id)?.reject(receivedError(message.error));
        break;
      case "performed":
        this.performing.get(message.id)?.(message.performed);
        break;
      case "changed":
        for (const callback of this.watchers) callback(message.programs);
        break;
      case "begin":
      case "drain":
        throw new Error(`bug: ${message.kind} is no answer`);
    }
  }

  private taken(id: number): Asked | undefined {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    return asked;
  }

  private call(method: StoreMethod, params: unknown): Promise<unknown> {
    const id = ++this.asks;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.send({ kind: "call", id, method, params });
    });
  }

  private async watch(callback: WatchCallback): Promise<() => Promise<void>> {
    this.watchers.add(callback);
    await this.call("watch", null);
    return async () => void this.watchers.delete(callback);
  }

  private perform(effect: OutgoingEffect, { signal }: PerformContext): Promise<Performed> {
    const id = ++this.asks;
    const { key, kind, topic, payload, delivery, attempt, trace } = effect;
    const sent = { key, kind, topic, payload, delivery, attempt, ...(trace === undefined ? {} : { trace }) };
    return new Promise((resolve) => {
      const abort = (): void => this.send({ kind: "abort", id });
      this.performing.set(id, (performed) => {
        this.performing.delete(id);
        signal.removeEventListener("abort", abort);
        resolve(performed);
      });
      signal.addEventListener("abort", abort);
      this.send({ kind: "perform", id, effect: sent });
    });
  }
}
