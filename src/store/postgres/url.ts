// The URL of a PostgreSQL store: what is ours in its query and what pg sees; and as it may be shown, without passwords.

import { FlowmetalError } from "../../base/errors.ts";
import { withoutPassword } from "../url.ts";

/** A URL taken apart. `connect` and `listen` hold passwords: they go to pg and nowhere else. */
export interface PostgresUrl {
  readonly connect: string;
  /** A direct connection for LISTEN where `connect` leads to a pooler; null: the same. */
  readonly listen: string | null;
  /** The schema that holds the tables. */
  readonly schema: string;
  /** Connections at most. */
  readonly pool: number;
  /** For people and logs: no password, no certificates. */
  readonly shown: string;
}

/** The schema of a store whose URL names none. */
export const SCHEMA_NAME = "flowmetal";
const POOL = 4;
const POOL_MAX = 100;
const OURS = ["listen_url", "schema", "pool"];
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;
/** What may stand in the query of pg and be shown. */
const HARMLESS = ["sslmode", "application_name"];

/** Takes a URL apart; throws `store/bad-url`. */
export function parseUrl(text: string): PostgresUrl {
  const url = parsed(text);
  const ours = Object.fromEntries(OURS.map((name) => [name, url.searchParams.get(name)]));
  for (const name of OURS) url.searchParams.delete(name);
  const schema = ours.schema ?? SCHEMA_NAME;
  if (!NAME.test(schema)) throw wrong(text, `its schema must be lower-case letters, digits and _, at most 63`);
  const pool = ours.pool === null ? POOL : Number(ours.pool);
  if (!Number.isInteger(pool) || pool < 1 || pool > POOL_MAX) throw wrong(text, `its pool must be 1 to ${POOL_MAX}`);
  const listen = ours.listen_url === null ? null : parsed(ours.listen_url).href;
  return { connect: url.href, listen, schema, pool, shown: shownUrl(url, schema) };
}

function parsed(text: string): URL {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) throw wrong(text, "it must begin with postgres://");
  try {
    return new URL(text);
  } catch {
    throw wrong(text, "characters such as @ / : # in a password are written %40 %2f %3a %23");
  }
}

function wrong(text: string, why: string): FlowmetalError {
  return new FlowmetalError("store/bad-url", `the URL of the store cannot be read: ${withoutPassword(text)}`, {
    hint: `Write postgres://USER@HOST:PORT/DATABASE; ${why}.`,
  });
}

function shownUrl(url: URL, schema: string): string {
  const query = HARMLESS.flatMap((name) => {
    const value = url.searchParams.get(name);
    return value === null ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  if (schema !== SCHEMA_NAME) query.push(`schema=${schema}`);
  const user = url.username === "" ? "" : `${url.username}@`;
  return `postgres://${user}${url.host}${url.pathname}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}
