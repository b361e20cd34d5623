// Bodies of entries to text and back, by one table of fields: the order of the keys is the order here (E-9).

import { canonicalJson, type Json, quote } from "../base/canonical-json.ts";
import { FlowmetalError } from "../base/errors.ts";
import type { Bodies, EntryKind, Made, NewEntry, Observation } from "./entry.ts";
import { type JsonText, splitElements, splitMembers } from "./record.ts";

/** How a field is written: `plain` data of ours, a `text` put in place, or one of the two lists of a turn. */
type Kind = "plain" | "text" | "observations" | "made";
/** A `?` marks a field that may be left out. */
type Form = Kind | `${Kind}?`;
type Fields<Body> = {
  readonly [K in keyof Required<Body>]: undefined extends Body[K] ? `${Kind}?` : Kind;
};

// The type demands every field of every body; the order of the keys is the order in the text.
const FIELDS: { readonly [K in EntryKind]: Fields<Bodies[K]> } = {
  start: {
    source: "plain",
    name: "plain",
    args: "text",
    image: "plain",
    versions: "plain",
    limits: "text?",
    path: "text?",
    modules: "text?",
    forked: "plain?",
  },
  answer: { key: "plain", outcome: "plain", body: "text" },
  timer: { ref: "plain", due: "plain", now: "plain" },
  message: { key: "plain", name: "plain", from: "plain", body: "text" },
  command: {
    id: "plain",
    command: "plain",
    baseTurn: "plain",
    author: "plain",
    reason: "plain",
    at: "plain?",
    body: "text",
  },
  stop: { limit: "plain", at: "plain", message: "plain" },
  rewound: { to: "plain", command: "plain", again: "plain?" },
  upgraded: { image: "plain", command: "plain" },
  turn: {
    turn: "plain",
    versions: "plain",
    status: "plain",
    ticks: "plain",
    observations: "observations",
    made: "made",
    hash: "plain?",
    cut: "plain?",
  },
  refused: { command: "plain", why: "plain", baseTurn: "plain", turn: "plain" },
  stray: { key: "plain", outcome: "plain", body: "text" },
  fault: { task: "plain", at: "plain?", error: "text" },
  done: { result: "text" },
  cancelled: { command: "plain", reason: "plain" },
  moved: { to: "plain", open: "plain?" },
  base: { hash: "plain", position: "plain" },
};

const MADE_FIELDS: Fields<Made> = { key: "plain", kind: "plain", topic: "plain", delivery: "plain?", payload: "text?" };

/** The text of a body. Absent optional fields are left out. */
export function encodeBody<K extends EntryKind>(kind: K, body: Bodies[K]): JsonText {
  return encodeRecord(COLUMNS[kind], body);
}

/** A body from its text. Throws `journal/malformed` for what is none; fields this engine does not know are ignored. */
export function decodeBody<K extends EntryKind>(kind: K, text: JsonText): Bodies[K] {
  if (!Object.hasOwn(COLUMNS, kind)) throw malformed(`is of a kind that this engine does not know: ${quote(kind)}`);
  return decodeRecord(COLUMNS[kind], text) as unknown as Bodies[K];
}

/** An entry to be committed. */
export function newEntry<K extends EntryKind>(kind: K, body: Bodies[K]): NewEntry {
  return { kind, body: encodeBody(kind, body) };
}

/** A field, ready for use. `opening`: its key with the colon. */
interface Column {
  readonly name: string;
  readonly opening: string;
  readonly kind: Kind;
  readonly optional: boolean;
}

function columnsOf(fields: Readonly<Record<string, Form>>): readonly Column[] {
  return Object.entries(fields).map(([name, form]) => ({
    name,
    opening: `${quote(name)}:`,
    kind: form.replace("?", "") as Kind,
    optional: form.endsWith("?"),
  }));
}

const COLUMNS = Object.fromEntries(Object.entries(FIELDS).map(([kind, fields]) => [kind, columnsOf(fields)])) as {
  readonly [K in EntryKind]: readonly Column[];
};
const MADE_COLUMNS = columnsOf(MADE_FIELDS);

function encodeRecord(columns: readonly Column[], record: object): JsonText {
  let text = "";
  for (const { name, opening, kind } of columns) {
    const value: unknown = (record as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) text += `${text === "" ? "{" : ","}${opening}${encodeField(kind, value)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

function encodeField(kind: Kind, value: unknown): JsonText {
  if (kind === "plain") return canonicalJson(value as Json);
  if (kind === "text") return value as JsonText;
  if (kind === "made")
    return `[${(value as readonly Made[]).map((made) => encodeRecord(MADE_COLUMNS, made)).join(",")}]`;
  const observations = value as readonly Observation[];
  return `[${observations.map(({ op, value }) => `[${quote(op)},${value}]`).join(",")}]`;
}

function decodeRecord(columns: readonly Column[], text: JsonText): Record<string, unknown> {
  const members = splitMembers(text);
  const record: Record<string, unknown> = {};
  for (const { name, kind, optional } of columns) {
    const member = members.get(name);
    if (member !== undefined) record[name] = decodeField(kind, member);
    else if (!optional) throw malformed(`lacks "${name}"`);
  }
  return record;
}

function decodeField(kind: Kind, text: JsonText): unknown {
  if (kind === "text") return text;
  if (kind === "made") return splitElements(text).map((element) => decodeRecord(MADE_COLUMNS, element));
  if (kind === "observations") return splitElements(text).map(decodeObservation);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed("holds what is not JSON", cause);
  }
}

function decodeObservation(text: JsonText): Observation {
  const [op, value, more] = splitElements(text);
  if (value === undefined || more !== undefined) throw malformed("holds an observation that is no pair");
  return { op: decodeField("plain", op) as string, value };
}

function malformed(what: string, cause?: unknown): FlowmetalError {
  return new FlowmetalError("journal/malformed", `a journal body ${what}`, { cause });
}
