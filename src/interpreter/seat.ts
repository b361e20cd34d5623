// A program's place in a fleet: its run, and what the fleet decides for it.
import type { Clock } from "../base/clock.ts";
import type { ProgramRow } from "../store/rows.ts";
import type { ProgramToRun } from "../store/store.ts";
import type { Gate } from "./gate.ts";
import type { Interpreter, Keeper, Running } from "./interpreter.ts";

export interface SeatContext {
  readonly gate: Gate;
  /** It is evaluated alone until its first commit: the gate is closed behind it each time. */
  readonly suspect: boolean;
  readonly clock: Pick<Clock, "monotonic">;
  /** `ms`: until it wakes by itself; `wasWoken`: it was at rest before, and is likely to be woken again. */
  readonly keeps: (ms: number | null, wasWoken: boolean) => boolean;
}

export class Seat implements Keeper {
  run!: Running;
  /** Elapsed time since which it rests in memory; null: it does not. */
  restsSince: number | null = null;
  /** It was kept because it wakes by itself before long. */
  wakesSoon = false;
  /** Settles with its first commit, or its end. */
  readonly provenOrOver: Promise<void>;
  /** Settles with the end of its run. */
  over: Promise<void> = Promise.resolve();
  private prove: () => void = () => undefined;
  private unproven: boolean;
  /** It has closed the gate behind it. */
  private alone = false;

  constructor(
    readonly row: ProgramRow,
    private readonly toRun: ProgramToRun | undefined,
    private readonly context: SeatContext,
  ) {
    this.unproven = context.suspect;
    this.provenOrOver = new Promise((resolve) => {
      this.prove = resolve;
    });
  }

  begin(interpreter: Interpreter): void {
    const hooks = { keeper: this, onOutput: () => undefined, onWaiting: () => undefined };
    this.run = interpreter.resume(this.row, hooks, this.toRun);
    const over = (): void => this.prove();
    this.over = this.run.ended.then(over, over);
  }

  enter(): Promise<void> | null {
    const { gate } = this.context;
    this.alone = this.unproven;
    return this.alone ? gate.close() : gate.enter();
  }

  leave(): void {
    if (this.alone) this.context.gate.open();
    else this.context.gate.leave();
  }

  get isYielding(): boolean {
    return !this.alone && this.context.gate.isClosing;
  }

  committed(): void {
    this.unproven = false;
    this.prove();
  }

  keeps(ms: number | null): boolean {
    const keeps = this.context.keeps(ms, this.row.turn > 0);
    this.wakesSoon = keeps && ms !== null && ms < 1_000;
    return keeps;
  }

  rests(isResting: boolean): void {
    this.restsSince = isResting ? this.context.clock.monotonic() : null;
  }
}
