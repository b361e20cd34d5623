// Who may evaluate: all programs at once, or one suspect alone (E-15).
//
// Evaluation of one program never overlaps with that of another in a thread, but between two slices of fuel others have theirs. To
// evaluate alone is to wait until nobody is between two slices, and to let nobody begin.
export class Gate {
  private inside = 0;
  private closed = false;
  private emptied: (() => void) | null = null;
  private waiting: (() => void)[] = [];

  /** Somebody waits until nobody is inside. */
  get isClosing(): boolean {
    return this.emptied !== null;
  }

  /** Nobody but who closed it may evaluate. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Lets in at once (null), or when it is open again. */
  enter(): Promise<void> | null {
    if (this.closed)
      return new Promise<void>((resolve) => this.waiting.push(resolve)).then(() => this.enter() ?? undefined);
    this.inside++;
    return null;
  }

  leave(): void {
    this.inside--;
    if (this.inside === 0) this.emptied?.();
  }

  /** Lets nobody in any more; settles when nobody is inside. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.inside > 0) {
      await new Promise<void>((resolve) => {
        this.emptied = resolve;
      });
    }
    this.emptied = null;
  }

  open(): void {
    this.closed = false;
    for (const enter of this.waiting.splice(0)) enter();
  }
}
