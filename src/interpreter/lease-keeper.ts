// Keeps the leases of an evaluation process while that is busy: a primitive may take seconds, and others must not take its programs over.
//
// The evaluation process takes and renews its lease itself, by way of this process, which sees it do so; and renews it for it when it
// does not. What leaves this process leaves only under a lease that is good (E-13).
import type { Clock } from "../base/clock.ts";
import type { CommitResult, Store } from "../store/store.ts";
import { HEARTBEAT_MS, LEASE_MS, SURE_MS } from "./interpreter.ts";
import type { StoreMethod } from "./messages.ts";

export class LeaseKeeper {
  /** The interpreter it keeps; null: none has registered, or it has retired. */
  interpreter: string | null = null;
  private renewedAt = 0;
  private cancel: () => void = () => undefined;
  private stopped = false;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {
    this.beat();
  }

  /** Takes note of a call that was answered. `asked`: elapsed time before it was made. */
  note(method: StoreMethod, params: unknown, value: unknown, asked: number): void {
    if (method === "registerInterpreter") {
      this.interpreter = (params as { readonly id: string }).id;
      this.renewedAt = asked;
    } else if (method === "retireInterpreter") this.interpreter = null;
    else if (method === "renewLease") this.renewed(value === true, asked);
    else if (method === "commitTurns") this.renewed(!(value as CommitResult).leaseLost, asked);
  }

  /** Whether something may be sent under the lease. */
  async isGood(): Promise<boolean> {
    if (this.interpreter === null) return false;
    if (this.clock.monotonic() - this.renewedAt >= SURE_MS) await this.renew();
    return this.interpreter !== null;
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  private renewed(isThere: boolean, asked: number): void {
    if (!isThere) this.interpreter = null;
    else this.renewedAt = Math.max(this.renewedAt, asked);
  }

  private beat(): void {
    if (this.stopped) return;
    this.cancel = this.clock.after(HEARTBEAT_MS / 2, () => {
      // It has not done so itself, where it would have been due.
      const isDue = this.interpreter !== null && this.clock.monotonic() - this.renewedAt >= 2 * HEARTBEAT_MS;
      // A store that is away for a moment may be back the next time; if not, the lease tells.
      void (isDue ? this.renew().catch(() => undefined) : Promise.resolve()).then(() => this.beat());
    });
  }

  private async renew(): Promise<void> {
    const { interpreter } = this;
    if (interpreter === null) return;
    const asked = this.clock.monotonic();
    const isThere = await this.store.renewLease({ interpreter, lease: LEASE_MS });
    if (this.interpreter === interpreter) this.renewed(isThere, asked);
  }
}
