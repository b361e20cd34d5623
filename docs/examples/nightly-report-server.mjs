#!/usr/bin/env node
// A shop's orders, page after page, to try nightly-report.fm against. Flags: example-server.mjs, and those below.
//
//   node docs/examples/nightly-report-server.mjs [--orders N] [--page-size N]
//
//   GET  /orders?day=2026-11-23     {"orders": [{"id", "country", "cancelled", "lines": [{"item", "count", "cents"}]}],
//                                    "next": "/orders?day=2026-11-23&cursor=..." or null}
//   POST /reports {"day", "text"}   201 {"id"}
//
// The orders of a day follow from the seed. A cursor is a word that only the server understands.
import { createHash } from "node:crypto";
import { chance, flagsWith, serve } from "./example-server.mjs";

const COUNTRIES = ["Switzerland", "Austria", "Italy", "France", "Norway"];
const ITEMS = ["tea", "cup", "pot", "kettle", "tray", "strainer"];

const flags = flagsWith({
  orders: { type: "string", default: "25" },
  "page-size": { type: "string", default: "4" },
});

function pick(list, ...what) {
  return list[Math.floor(chance(flags, ...what) ** 2 * list.length)];
}

function order(day, n) {
  const lines = Array.from({ length: 1 + Math.floor(chance(flags, day, n, "lines") * 3) }, (_, i) => {
    const item = pick(ITEMS, day, n, i, "item");
    return { item, count: 1 + Math.floor(chance(flags, day, n, i, "count") * 4), cents: 350 + 225 * item.length };
  });
  return {
    id: `${day}-${String(n + 1).padStart(3, "0")}`,
    country: pick(COUNTRIES, day, n, "country"),
    cancelled: chance(flags, day, n, "cancelled") < 0.1,
    lines,
  };
}

function cursorOf(day, from) {
  return createHash("sha256").update(`${day} ${from}`).digest("hex").slice(0, 12);
}

function page(day, cursor) {
  const starts = [];
  for (let from = 0; from === 0 || from < Number(flags.orders); from += Number(flags["page-size"])) starts.push(from);
  const from = cursor === null ? 0 : starts.find((start) => cursorOf(day, start) === cursor);
  if (from === undefined) return { status: 400, json: { error: "no such cursor" } };
  const to = Math.min(from + Number(flags["page-size"]), Number(flags.orders));
  const orders = Array.from({ length: to - from }, (_, i) => order(day, from + i));
  const next = to < Number(flags.orders) ? `/orders?day=${day}&cursor=${cursorOf(day, to)}` : null;
  return { status: 200, json: { orders, next } };
}

serve(flags, ({ method, url, body }) => {
  const route = `${method} ${url.pathname}`;
  const day = url.searchParams.get("day");
  if (route === "GET /orders" && /^\d{4}-\d\d-\d\d$/.test(day)) return page(day, url.searchParams.get("cursor"));
  if (route !== "POST /reports") return null;
  const id = createHash("sha256").update(body.text).digest("hex").slice(0, 8);
  return { status: 201, json: { id }, did: `filed report of ${body.day}: ${id}` };
});
