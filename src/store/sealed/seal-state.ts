// The seal of a store as one process knows it: read when the store is opened, and again once it is older than a second.
import type { Clock } from "../../base/clock.ts";
import { plainStore } from "../errors.ts";
import type { StoreHost } from "../host.ts";
import type { Store } from "../store.ts";
import type { KeyRing } from "./keys.ts";
import { newSeal, openSeal, type Seal, type SealParams } from "./seal.ts";
import type { Sealer } from "./sealer.ts";

/** Nobody seals by a seal that was read longer ago; who rotates keys waits for longer than that. */
export const SEAL_AGE_MS = 1_000;

export class SealState {
  readonly #inner: Store;
  readonly #params: SealParams;
  readonly #clock: Clock;
  #text: string;
  #seal: Seal;
  #read: number;

  private constructor(inner: Store, params: SealParams, clock: Clock, text: string) {
    this.#inner = inner;
    this.#params = params;
    this.#clock = clock;
    this.#text = text;
    this.#seal = openSeal(params, text);
    this.#read = clock.monotonic();
  }

  /** Opens the seal of a store, or seals an empty one. Throws `store/not-sealed` for one with plain bodies. */
  static async open(inner: Store, { clock, random }: StoreHost, keys: KeyRing, readOnly = false): Promise<SealState> {
    const { clusterId } = await inner.readMeta();
    const params: SealParams = { store: clusterId, shown: inner.url, random, keys };
    let text = await inner.readSeal();
    if (text === null) {
      if (readOnly || keys.length === 0) throw plainStore(inner.url);
      await inner.writeSeal({ was: null, now: newSeal(params) });
      text = await inner.readSeal();
      if (text === null) throw plainStore(inner.url);
    }
    return new SealState(inner, params, clock, text);
  }

  get seal(): Seal {
    return this.#seal;
  }

  get params(): SealParams {
    return this.#params;
  }

  get text(): string {
    return this.#text;
  }

  /** What seals and opens; null: the seal has to be read again first. */
  now(): Sealer | null {
    return this.#clock.monotonic() - this.#read < SEAL_AGE_MS ? this.#seal.sealer : null;
  }

  /** The same, with the seal read again. Throws `store/sealed` if it is now sealed with a key that this process does not have. */
  async renewed(): Promise<Sealer> {
    const read = this.#clock.monotonic();
    const text = await this.#inner.readSeal();
    if (text === null) throw plainStore(this.#inner.url);
    if (text !== this.#text) this.#seal = openSeal(this.#params, text);
    this.#text = text;
    this.#read = read;
    return this.#seal.sealer;
  }
}
