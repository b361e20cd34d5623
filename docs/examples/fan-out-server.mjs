#!/usr/bin/env node
// Subscribers who want to be told, to try fan-out.fm against: most take a notice, some are gone, some never answer. Flags:
// example-server.mjs, and those below.
//
//   node docs/examples/fan-out-server.mjs [--subscribers N] [--gone 0..1] [--silent 0..1]
//
//   GET  /subscribers               [{"id", "name"}]
//   POST /subscribers/ID/notices    {"text"}    201 {"receipt"}, 410 from one who is gone, and no answer from one who is silent
//
// Who is gone and who is silent follows from the seed.
import { chance, flagsWith, NEVER, serve } from "./example-server.mjs";

const NAMES = ["Ada", "Alan", "Barbara", "Edsger", "Grace", "John", "Niklaus", "Tony"];

const flags = flagsWith({
  subscribers: { type: "string", default: "30" },
  gone: { type: "string", default: "0.1" },
  silent: { type: "string", default: "0.1" },
});

function kind(id) {
  const luck = chance(flags, "kind", id);
  if (luck < Number(flags.gone)) return "gone";
  return luck < Number(flags.gone) + Number(flags.silent) ? "silent" : "there";
}

const subscribers = Array.from({ length: Number(flags.subscribers) }, (_, i) => {
  const id = i + 1;
  return { id, name: NAMES[Math.floor(chance(flags, "name", id) * NAMES.length)] };
});

function tell(id) {
  if (!subscribers.some((subscriber) => subscriber.id === id)) return null;
  if (kind(id) === "gone") return { status: 410, json: { error: "gone away" } };
  if (kind(id) === "silent") return NEVER;
  return { status: 201, json: { receipt: `n${id}` }, did: `told ${id}` };
}

serve(flags, ({ method, url }) => {
  const [, first, id, last] = url.pathname.split("/");
  if (first !== "subscribers") return null;
  if (method === "GET" && id === undefined) return { status: 200, json: subscribers };
  return method === "POST" && last === "notices" ? tell(Number(id)) : null;
});
