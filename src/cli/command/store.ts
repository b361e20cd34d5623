// flowmetal store: what is done to a store as a whole: backup, restore, check, migrate, adopt, its keys (E-16, E-20, E-25).
import { FlowmetalError } from "../../base/errors.ts";
import type { Damage } from "../../client/client.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit.ts";
import { findKeys } from "../keys.ts";
import { findStore } from "../store-place.ts";
import { withStore } from "../with-store.ts";

const ACTIONS: Readonly<Record<string, (context: Context, url: string) => Promise<number>>> = {
  backup,
  restore,
  check,
  migrate,
  adopt,
  key,
  rotate,
};

const WITH_FILE = ["backup", "restore", "key"];

export async function run(context: Context): Promise<number> {
  const [name, file] = context.args as [string, string?];
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : null;
  if (action === null || (file !== undefined) !== WITH_FILE.includes(name)) {
    const message = action === null ? `${JSON.stringify(name)} is nothing to do with a store` : misused(name);
    throw new FlowmetalError("cli/usage", message, {
      hint: "It is backup FILE, restore FILE, check, migrate, adopt, key FILE or rotate.",
    });
  }
  return action(context, findStore(context.options.store, context).url);
}

function misused(name: string): string {
  return WITH_FILE.includes(name) ? `store ${name} needs the name of a file` : `store ${name} takes no file`;
}

async function backup({ args, options, out, cwd }: Context, url: string): Promise<number> {
  const { backupStore } = await import("../../client/upkeep.ts");
  const { resolve } = await import("node:path");
  const file = args[1] as string;
  const report = await backupStore(url, resolve(cwd, file));
  if (options.json === true) await out.json({ file, ...report });
  else
    await out.lines([`${file}: ${report.programs} programs, ${report.bytes} bytes; to be adopted before it is used`]);
  return EXIT.done;
}

async function restore({ args, options, out, cwd }: Context, url: string): Promise<number> {
  const { restoreStore } = await import("../../client/upkeep.ts");
  const { resolve } = await import("node:path");
  const report = await restoreStore(url, resolve(cwd, args[1] as string));
  if (options.json === true) await out.json({ ...report });
  else await out.lines([`restored ${report.programs} programs; to be adopted before they go on`]);
  return EXIT.done;
}

async function check(context: Context, url: string): Promise<number> {
  const { options, out } = context;
  const { databaseProblems } = await import("../../client/upkeep.ts");
  const none = { program: null, position: null };
  const found: Damage[] = (await databaseProblems(url)).map((problem) => ({ ...none, problem }));
  await withStore(context, { create: false }, async (client) => {
    for await (const damage of client.check()) found.push(damage);
  });
  if (options.json === true) await out.json({ damages: found });
  else await out.lines(found.length === 0 ? ["no damage"] : found.map(line));
  return found.length === 0 ? EXIT.done : EXIT.faulted;
}

function line({ program, position, problem }: Damage): string {
  const place = [program, position].filter((one) => one !== null).join(":");
  return place === "" ? problem : `${place}: ${problem}`;
}

async function migrate({ options, out }: Context, url: string): Promise<number> {
  const { dryRun = false, json } = options;
  const { migrateStore } = await import("../../client/upkeep.ts");
  const { schema, pending } = await migrateStore(url, { dryRun });
  if (json === true) await out.json({ dryRun, schema, pending });
  else if (pending.length === 0) await out.lines([`schema ${schema}: up to date`]);
  else
    await out.lines(
      pending.map(({ number, name }) => `${dryRun ? "would migrate" : "migrated"} to schema ${number}: ${name}`),
    );
  return EXIT.done;
}

async function key({ args, options, out, cwd }: Context): Promise<number> {
  const { addKey } = await import("../key-file.ts");
  const { resolve } = await import("node:path");
  const file = args[1] as string;
  const { id, keys } = addKey(resolve(cwd, file));
  if (options.json === true) await out.json({ file, key: id, keys });
  else await out.lines([`${file}: key ${id}${keys === 1 ? "" : `, before ${keys - 1} that were there`}`]);
  return EXIT.done;
}

/** How often a rotation says how far it is. */
const TEXTS_PER_LINE = 10_000;

async function rotate(context: Context, url: string): Promise<number> {
  const { options, out, err } = context;
  const { rotateStore } = await import("../../client/upkeep.ts");
  let told = 0;
  const report = await rotateStore(url, findKeys(context), (texts) => {
    if (options.json === true || texts < told + TEXTS_PER_LINE) return;
    told = texts;
    err.line(`${texts} texts so far`);
  });
  if (options.json === true) await out.json({ ...report });
  else {
    await out.lines([
      `${report.texts} texts sealed anew with key ${report.key}`,
      ...report.retired.map((id) => `key ${id} is not needed any more, but for older backups and exports`),
    ]);
  }
  return EXIT.done;
}

async function adopt({ options, out }: Context, url: string): Promise<number> {
  const { dryRun = false, json } = options;
  const { adoptStore } = await import("../../client/upkeep.ts");
  const { again, unknown, programs, incarnation } = await adoptStore(url, { dryRun });
  const brief = [...again, ...unknown].map(({ program, key, kind, topic, delivery }) => ({
    program,
    key,
    kind,
    topic,
    delivery,
  }));
  if (json === true) await out.json({ dryRun, incarnation, programs, effects: brief });
  else {
    const what = (delivery: string) =>
      delivery === "at-least-once" ? "may be sent twice" : "unknown: it is not sent again, and its program is told";
    await out.lines([
      ...brief.map(
        ({ program, kind, topic, key, delivery }) =>
          `${program} ${topic === "" ? kind : topic} ${key}: ${what(delivery)}`,
      ),
      `${dryRun ? "would let" : "let"} ${programs} programs go on, as incarnation ${incarnation}`,
    ]);
  }
  return EXIT.done;
}
