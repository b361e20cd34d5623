// What a program waits for, as its row says it to people: one Wait for each task that awaits something.
import type { Wait } from "../journal/status.ts";
import type { EventRef } from "../data/value.ts";
import type { Machine } from "../machine/machine.ts";
import { BOTTOM } from "../machine/builtin.ts";
import { emptyEvent } from "../machine/scopes.ts";
import { type Frame, isMarkerFrame, type TaskRef } from "../machine/state.ts";
import { isLibrary } from "../source/source.ts";

/** What an open effect is, for the summary. */
export interface OpenEffect {
  readonly kind: string;
  /** A topic, a method and URL, ... */
  readonly what: string;
}

/** The summary tells of so many tasks at most: it is written with every turn. */
const WAITS_MAX = 200;

/**
 * The waits of a machine at rest. `open` tells of the effects by key; `before` are the waits of the last turn, whose times
 * stay when the task still waits for the same.
 */
export function waitsOf(
  machine: Machine,
  open: ReadonlyMap<string, OpenEffect>,
  before: readonly Wait[],
  now: number,
): Wait[] {
  const known = new Map(before.map((wait) => [wait.task, wait]));
  const waits: Wait[] = [];
  for (const task of machine.state.tasks.values()) {
    if (waits.length === WAITS_MAX) break;
    const wait = waitOf(machine, task, open, now);
    if (wait === null) continue;
    const old = known.get(task.id);
    waits.push(old !== undefined && isSame(old, wait) ? { ...wait, since: old.since } : wait);
  }
  return waits;
}

function isSame(a: Wait, b: Wait): boolean {
  return a.kind === b.kind && a.key === b.key && a.until === b.until && a.at === b.at;
}

function waitOf(machine: Machine, task: TaskRef, open: ReadonlyMap<string, OpenEffect>, since: number): Wait | null {
  const { control } = task;
  if (control.kind !== "await" && control.kind !== "select") return null;
  const at = placeOf(task);
  const place = at === null ? {} : { at };
  if (control.kind === "await") {
    return { task: task.id, ...awaited(machine, task, control.event, open), since, ...place };
  }
  const each = [...new Set(control.events)].map((event) => awaited(machine, task, event, open));
  const dues = each.flatMap(({ until }) => until ?? []);
  return {
    task: task.id,
    kind: "first",
    what: `of ${listed(each.map(({ kind, what }) => (what === "" ? kind : `${kind} ${what}`)))}`,
    since,
    ...(dues.length === 0 ? {} : { until: Math.min(...dues) }),
    ...place,
  };
}

/** What an event is that a task waits for. */
function awaited(
  machine: Machine,
  task: TaskRef,
  event: EventRef,
  open: ReadonlyMap<string, OpenEffect>,
): Pick<Wait, "kind" | "what" | "key" | "until"> {
  const until = machine.timers.due(event);
  if (until !== null) return { kind: "sleep", what: "", until };
  if (event.key !== null) return { ...(open.get(event.key) ?? { kind: "effect", what: "" }), key: event.key };
  const other = machine.state.tasks.get(event.id + 1);
  if (other?.event === event) return { kind: "task", what: String(other.id) };
  const scope = machine.scopes.ownedBy(task).find((cell) => emptyEvent(cell) === event);
  if (scope !== undefined) return { kind: "task", what: listed(machine.scopes.of(scope).map(({ id }) => String(id))) };
  return { kind: "event", what: String(event.id) };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The innermost place of a task that is in the user's own text, else the innermost there is. */
function placeOf(task: TaskRef): string | null {
  let found: string | null = null;
  let frame: Frame = task.stack;
  let segment = task.segment;
  for (;;) {
    for (; frame !== BOTTOM; frame = frame.next) {
      if (frame.unit.builtin || isMarkerFrame(frame)) continue;
      const place = frame.unit.debug.blocks[frame.unit.origin(frame.block)];
      if (place === 0) continue;
      const { file } = frame.unit.debug;
      const text = `${file}:${place[2]}:${place[3]}`;
      found ??= text;
      if (!isLibrary(file)) return text;
    }
    if (segment === null) return found;
    frame = segment.stack;
    segment = segment.next;
  }
}
