// What a program waits for, as its row says it to people: one Wait for each task that awaits something.
import type { Wait } from "../journal/status.ts";
import type { Machine } from "../machine/machine.ts";
import { BOTTOM } from "../machine/builtin.ts";
import { type Frame, isMarkerFrame, type TaskRef } from "../machine/state.ts";
import { isLibrary } from "../source/source.ts";

/** What an open effect is, for the summary. */
export interface OpenEffect {
  readonly kind: string;
  /** A topic, a method and URL, ... */
  readonly what: string;
}

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
  const waits: Wait[] = [];
  for (const task of machine.state.tasks.values()) {
    const wait = waitOf(machine, task, open, now);
    if (wait === null) continue;
    const same = before.find((old) => isSame(old, wait));
    waits.push(same === undefined ? wait : { ...wait, since: same.since });
  }
  return waits;
}

function isSame(a: Wait, b: Wait): boolean {
  return a.task === b.task && a.kind === b.kind && a.key === b.key && a.until === b.until && a.at === b.at;
}

function waitOf(machine: Machine, task: TaskRef, open: ReadonlyMap<string, OpenEffect>, since: number): Wait | null {
  if (task.control.kind !== "await") return null;
  const { event } = task.control;
  const at = placeOf(task);
  const place = at === null ? {} : { at };
  const timer = machine.state.timers.find((one) => one.event === event);
  if (timer !== undefined) return { task: task.id, kind: "sleep", what: "", since, until: timer.due, ...place };
  if (event.key !== null) {
    const effect = open.get(event.key) ?? { kind: "effect", what: "" };
    return { task: task.id, ...effect, key: event.key, since, ...place };
  }
  const child = [...machine.state.tasks.values()].find((other) => other.event === event);
  if (child !== undefined) return { task: task.id, kind: "task", what: String(child.id), since, ...place };
  return { task: task.id, kind: "event", what: String(event.id), since, ...place };
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
