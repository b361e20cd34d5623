// flowmetal inspect: a program as it stands in the store: status, waits, tasks, frames, locals. Nothing is run.
import type { FrameView, Inspection, TaskView } from "../../client/client.ts";
import type { Context } from "../context.ts";
import { faultData, placeData, placeText, renderFault } from "../faults.ts";
import { printedData } from "../json.ts";
import { describeWait } from "../progress.ts";
import { harmless } from "../streams.ts";
import { withProgram } from "../with-store.ts";
import { age, moment } from "../words.ts";

const FRAMES = 40;
const WIDTH = 200;

export async function run(context: Context): Promise<number> {
  const { frames, width, json, at } = context.options;
  return withProgram(context, async (client, id) => {
    const past = at === undefined ? {} : { at };
    const inspection = await client.inspect(id, { frames: frames ?? FRAMES, valueLength: width ?? WIDTH, ...past });
    if (json === true) await context.out.json(asData(inspection));
    else await context.out.lines(asText(context, inspection));
    return 0;
  });
}

function asData(inspection: Inspection): Record<string, unknown> {
  const { result, faults, tasks } = inspection;
  return {
    ...inspection,
    result: result === null ? null : printedData(result),
    faults: faults.map(faultData),
    tasks: tasks.map((task) => ({ ...task, frames: task.frames.map(frameData) })),
  };
}

function frameData({ kind, function: name, place, locals }: FrameView): Record<string, unknown> {
  return {
    kind,
    function: name,
    place: place === null ? null : placeData(place),
    locals: locals.map(({ name, value }) => ({ name, value: printedData(value) })),
  };
}

function asText(context: Context, inspection: Inspection): string[] {
  const { program, position, turn, stateHash, result, faults, tasks } = inspection;
  const { out, clock } = context;
  const now = clock.now();
  const head = [
    out.style(
      "bold",
      `${program.id}  ${harmless(program.name)}  ${program.status}${program.running ? ", running" : ""}`,
    ),
    `  started   ${moment(program.created)} (${age(now - program.created)} ago)`,
    `  changed   ${moment(program.updated)} (${age(now - program.updated)} ago)`,
    `  ${turn === null ? `as it was behind ${position} entries` : `stands at entry ${position}, turn ${turn}`}${stateHash === null ? "" : `, state ${stateHash}`}`,
    ...program.waits.map(
      (wait) => `  waits for ${describeWait(wait, now)}${wait.at === undefined ? "" : ` at ${wait.at}`}`,
    ),
    ...(result === null ? [] : [`  result    ${harmless(result.text)}`]),
  ];
  const errors = faults.flatMap((fault) => ["", ...renderFault(fault, out).trimEnd().split("\n")]);
  return [...head, ...errors, ...tasks.flatMap((task) => ["", ...taskLines(context, task, now)])];
}

function taskLines(context: Context, task: TaskView, now: number): string[] {
  const wait = task.wait === null ? "" : ` for ${describeWait(task.wait, now)}`;
  const hidden = task.depth - task.frames.length;
  return [
    context.out.style("bold", `task ${task.ref}: ${task.state}${wait}`),
    ...task.frames.flatMap(frameLines),
    ...(hidden > 0 ? [`  ... ${hidden} more frames (--frames ${task.depth} shows all)`] : []),
  ];
}

function frameLines({ kind, function: name, topLevel, place, locals }: FrameView): string[] {
  const nameless = topLevel ? "top-level form" : "anonymous function";
  const title = kind === "call" ? (name ?? nameless) : name === null ? kind : `${kind} in ${name}`;
  const width = Math.max(0, ...locals.map((local) => local.name.length));
  return [
    `  ${harmless(title)}${place === null ? "" : `  ${harmless(placeText(place))}`}`,
    ...locals.map((local) => `      ${harmless(local.name).padEnd(width)}  ${harmless(local.value.text)}`),
  ];
}
