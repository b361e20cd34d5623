// The pending timers of a program, ordered by (due, event): the list that is state, and where each event stands in it.
import type { EventRef } from "../data/value.ts";
import type { Timer } from "./state.ts";

export class Timers {
  /** When each timer is due; follows from the list. */
  private readonly dues = new Map<EventRef, number>();

  constructor(private readonly list: Timer[]) {
    for (const { due, event } of list) this.dues.set(event, due);
  }

  add(event: EventRef, due: number): void {
    this.list.splice(this.find(due, event), 0, { due, event });
    this.dues.set(event, due);
  }

  /** Removes the timer of an event, if it has one. */
  remove(event: EventRef): void {
    const due = this.dues.get(event);
    if (due === undefined) return;
    this.dues.delete(event);
    this.list.splice(this.find(due, event), 1);
  }

  /** When the event is due (epoch ms), or null if it is no pending timer. */
  due(event: EventRef): number | null {
    return this.dues.get(event) ?? null;
  }

  /** The first place whose timer does not come before. */
  private find(due: number, event: EventRef): number {
    let [from, to] = [0, this.list.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const timer = this.list[middle];
      if (timer.due < due || (timer.due === due && timer.event.id < event.id)) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
