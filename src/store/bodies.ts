// The texts of a store as its rows hold them, table by table: for who seals them anew, and for who looks for what they name.

/** The tables that hold bodies, the columns of these, and what makes a row's place (src/store/sealed): unique in table and program. */
export const BODY_TABLES = {
  journal: { order: ["program", "position"], program: "program", key: "position || ' ' || kind", columns: ["body"] },
  snapshots: { order: ["program", "position"], program: "program", key: "position", columns: ["body"] },
  chunks: { order: ["program", "hash"], program: "program", key: "hash", columns: ["body"] },
  inbox: { order: ["program", "key"], program: "program", key: "key || ' ' || kind", columns: ["body"] },
  effects: { order: ["key"], program: "program", key: "key", columns: ["payload", "contract", "body"] },
  output: { order: ["program", "serial"], program: "program", key: "branch || '/' || number", columns: ["text"] },
  programs: { order: ["id"], program: "id", key: "''", columns: ["waiting", "result", "error"], names: "image" },
  code: { order: ["hash"], program: "''", key: "hash", columns: ["code", "debug"] },
  images: { order: ["hash"], program: "''", key: "hash", columns: ["body"] },
  blobs: { order: ["hash"], program: "''", key: "hash", columns: ["body"] },
} as const satisfies Readonly<Record<string, BodyTable>>;

interface BodyTable {
  /** A unique key, by which pages are cut. */
  readonly order: readonly string[];
  /** SQL that gives the program, empty where the row is nobody's own, and the place in it. */
  readonly program: string;
  readonly key: string;
  readonly columns: readonly string[];
  /** A column beside them that names a text and is never sealed. */
  readonly names?: string;
}

export type BodyTableName = keyof typeof BODY_TABLES;
export const BODY_TABLE_NAMES = Object.keys(BODY_TABLES) as readonly BodyTableName[];

/** The texts of one row. */
export interface BodyRow {
  /** Its key in the table. */
  readonly at: readonly (string | number)[];
  readonly program: string;
  readonly key: string;
  /** By column. */
  readonly texts: Readonly<Record<string, string | null>>;
  /** What it names without being sealed; null: nothing. */
  readonly names: string | null;
}

/** A page of a table, in order. `after`: the `at` of the last row of the page before. */
export interface BodyPage {
  readonly table: BodyTableName;
  readonly after: BodyRow["at"] | null;
  readonly limit: number;
}

/** Other texts for a row, if it still has those it had. */
export interface BodyChange {
  readonly at: BodyRow["at"];
  readonly program: string;
  readonly was: BodyRow["texts"];
  readonly now: BodyRow["texts"];
}

/** The tables whose bodies can name a content-addressed text. */
const NAMING: readonly BodyTableName[] = ["journal", "snapshots", "chunks", "inbox", "programs"];

/** The rows of all tables whose texts can name another, page by page. */
export async function* namingRows(
  read: (page: BodyPage) => Promise<readonly BodyRow[]>,
  limit: number,
): AsyncIterable<BodyRow & { readonly table: BodyTableName }> {
  for (const table of NAMING) for await (const row of rowsOf(read, table, limit)) yield { ...row, table };
}

/** The rows of one table, page by page. */
export async function* rowsOf(
  read: (page: BodyPage) => Promise<readonly BodyRow[]>,
  table: BodyTableName,
  limit: number,
): AsyncIterable<BodyRow> {
  for (let after: BodyRow["at"] | null = null; ; ) {
    const rows: readonly BodyRow[] = await read({ table, after, limit });
    yield* rows;
    if (rows.length < limit) return;
    after = rows[rows.length - 1].at;
  }
}

/** The SQL that both databases have in common for these texts: `table` says how a table is called there. */
export function bodySql(name: BodyTableName, table: string, parameter: (n: number) => string) {
  const { order, program, key, columns, names = "NULL" }: BodyTable = BODY_TABLES[name];
  const list = order.join(", ");
  const place = order.map((_, i) => parameter(i + 1)).join(", ");
  const now = columns.map((column, i) => `${column} = ${parameter(order.length + columns.length + 1 + i)}`).join(", ");
  return {
    read: `SELECT ${list}, ${program} AS of_program, CAST(${key} AS text) AS of_key, ${names} AS of_names, ${columns.map((column) => `${column} AS of_${column}`).join(", ")}
FROM ${table} WHERE (${list}) > (${place}) ORDER BY ${list} LIMIT ${parameter(order.length + 1)}`,
    first: `SELECT ${list}, ${program} AS of_program, CAST(${key} AS text) AS of_key, ${names} AS of_names, ${columns.map((column) => `${column} AS of_${column}`).join(", ")}
FROM ${table} ORDER BY ${list} LIMIT ${parameter(1)}`,
    replace: `UPDATE ${table} SET ${now} WHERE (${list}) = (${place})
  AND ${columns.map((column, i) => `${column} IS NOT DISTINCT FROM ${parameter(order.length + 1 + i)}`).join(" AND ")}`,
    order,
    columns,
  };
}

/** A row of `bodySql().read`. */
export function bodyRow(
  row: Readonly<Record<string, unknown>>,
  { order, columns }: { readonly order: readonly string[]; readonly columns: readonly string[] },
): BodyRow {
  return {
    at: order.map((column) => row[column] as string | number),
    program: row["of_program"] as string,
    key: row["of_key"] as string,
    names: row["of_names"] as string | null,
    texts: Object.fromEntries(columns.map((column) => [column, row[`of_${column}`] as string | null])),
  };
}

/** The parameters of `bodySql().replace`. */
export function replaceParameters(
  { at, was, now }: BodyChange,
  columns: readonly string[],
): (string | number | null)[] {
  return [...at, ...columns.map((column) => was[column]), ...columns.map((column) => now[column])];
}
