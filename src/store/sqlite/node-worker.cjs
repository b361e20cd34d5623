// The thread in which `node:sqlite` works (node-driver.ts): one database, calls in order, each answered under its number.
//
// Its own file, read by the thread and copied beside the bundle by the build. What comes in: {id, call, ...}; what goes out:
// {id, answer} or {id, failure: {errcode, message}}. The first call is `open`.
"use strict";
const { parentPort } = require("node:worker_threads");

let database = null;
const statements = [];

const calls = {
  open({ path, readOnly }) {
    const { DatabaseSync } = require("node:sqlite");
    // No waiting inside SQLite: the driver's own is fairer (E-17).
    database = new DatabaseSync(path, { readOnly, timeout: 0, enableForeignKeyConstraints: false });
  },
  prepare({ sql }) {
    return statements.push(database.prepare(sql)) - 1;
  },
  exec({ sql }) {
    database.exec(sql);
  },
  run({ statement, params }) {
    return Number(statements[statement].run(...params.map(bound)).changes);
  },
  all({ statement, params }) {
    return statements[statement].all(...params.map(bound));
  },
  close() {
    database.close();
  },
};

/** Whole numbers are bound as integers, as the other driver does; `node:sqlite` binds a number as a float. */
function bound(value) {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

parentPort.on("message", (message) => {
  try {
    parentPort.postMessage({ id: message.id, answer: calls[message.call](message) });
  } catch (error) {
    parentPort.postMessage({ id: message.id, failure: { errcode: error.errcode, message: error.message } });
  }
});
