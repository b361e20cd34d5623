#!/usr/bin/env node
// A shop to try order-saga.fm against: a warehouse, a bank and a carrier that does not go to Atlantis. Flags: example-server.mjs.
//
//   node docs/examples/order-saga-server.mjs
//
//   POST   /reservations   {"order", "item"}            201 {"id", "cents"}, or 409 where the item is not sold
//   DELETE /reservations/ID                             200 {"id"}
//   POST   /charges        {"order", "cents"}           201 {"id", "cents"}
//   DELETE /charges/ID                                  200 {"id"}
//   POST   /shipments      {"order", "city"}            201 {"id"}, or 422 for Atlantis
//   DELETE /shipments/ID                                200 {"id"}
//   POST   /confirmations  {"order", "shipment"}        201 {"id"}
//   GET    /open                                        what is reserved, charged or shipped, and was not undone
import { flagsWith, serve } from "./example-server.mjs";

const VERBS = {
  reservations: ["reserved", "released"],
  charges: ["charged", "refunded"],
  shipments: ["booked", "called off"],
  confirmations: ["confirmed"],
};
const NOT_SOLD = "unicorn";
const NOT_REACHED = "Atlantis";

/** What was done and can be undone: "kind/id" to what it is about. */
const open = new Map();
let count = 0;

function price(item) {
  return 500 + 125 * [...item].length;
}

/** What one of a kind is about, in words, or the answer that refuses it. */
function checked(kind, { order, item, city, cents }) {
  if (kind === "reservations" && item === NOT_SOLD) return { status: 409, json: { error: `there is no ${item} left` } };
  if (kind === "shipments" && city === NOT_REACHED) return { status: 422, json: { error: `no way to ${city}` } };
  return { about: `${item ?? (cents === undefined ? "shipment" : `${cents} cents`)} of order ${order}` };
}

function make(kind, body) {
  const { about, ...refusal } = checked(kind, body);
  if (about === undefined) return refusal;
  const id = `${kind[0]}${++count}`;
  if (VERBS[kind][1] !== undefined) open.set(`${kind}/${id}`, about);
  const cents = kind === "reservations" ? price(body.item) : body.cents;
  return { status: 201, json: { id, cents }, did: `${VERBS[kind][0]} ${about}` };
}

function undo(kind, id) {
  const about = open.get(`${kind}/${id}`);
  if (about === undefined) return null;
  open.delete(`${kind}/${id}`);
  return { status: 200, json: { id }, did: `${VERBS[kind][1]} ${about}` };
}

serve(flagsWith({}), ({ method, url, body }) => {
  const [, kind, id] = url.pathname.split("/");
  if (method === "GET" && kind === "open") return { status: 200, json: [...open.values()] };
  if (!Object.hasOwn(VERBS, kind)) return null;
  if (method === "POST" && id === undefined) return make(kind, body);
  if (method === "DELETE" && id !== undefined) return undo(kind, id);
  return null;
});
