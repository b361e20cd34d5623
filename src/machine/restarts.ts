// The restarts that a program offers where one of its tasks stands (prelude/78-conditions.fm), read from its frames.
import { PMap } from "../data/map.ts";
import { type Cell, Keyword, type Value, Var } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { markerOf, type TaskRef } from "./state.ts";
import { markerFrames } from "./markers.ts";

/** The var whose bindings hold what is offered, as a vector of maps. */
const RESTARTS = "flow.core/*restarts*";
const NAME = Keyword.of("name");

/** A restart as the program made it: a map of :name (a keyword), :doc, :params and :function. */
export interface OfferedRestart {
  /** Without the colon. */
  readonly name: string;
  readonly map: PMap;
}

/** What is offered where the task stands, innermost first. */
export function offeredRestarts(task: TaskRef): readonly OfferedRestart[] {
  const offered = innermostBinding(task);
  if (!(offered instanceof Vector)) return [];
  return offered.toArray().flatMap((map) => {
    const name = map instanceof PMap ? map.get(NAME) : null;
    return map instanceof PMap && name instanceof Keyword ? [{ name: name.text, map }] : [];
  });
}

function innermostBinding(task: TaskRef): Value {
  for (const frame of markerFrames(task)) {
    const marker = markerOf(frame);
    if (marker.type !== "binding") continue;
    const [vars, cells] = marker.data as readonly [Vector, Vector];
    const index = vars.toArray().findIndex((variable) => variable instanceof Var && variable.name === RESTARTS);
    if (index >= 0) return (cells.get(index) as Cell).value;
  }
  return null;
}
