// What validation is built of: small checks that answer what they have checked, or say where the fault lies.

/** What is wrong with code, and where: `blocks[3].end[1]`. */
export class Malformed {
  constructor(
    readonly path: string,
    readonly message: string,
  ) {}
}

/** A part of the input in a message: never a long or deep one. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return typeof value === "object" && value !== null ? "something composite" : String(value);
}

/** Says that the code is malformed, and where. */
export function fail(path: string, message: string): never {
  throw new Malformed(path, message);
}

/** A list. */
export function asList(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, "is not a list");
}

/** A list of so many elements. */
export function sized(value: unknown, count: number, path: string): readonly unknown[] {
  const list = asList(value, path);
  checkCount(list, count, path);
  return list;
}

/** Checks the length of a list. */
export function checkCount(value: unknown, count: number, path: string): void {
  const length = asList(value, path).length;
  if (length !== count) fail(path, `has ${length} elements instead of ${count}`);
}

/** Checks a list of so many whole numbers. */
export function checkNumbers(value: unknown, count: number, path: string): void {
  for (const number of sized(value, count, path)) asCount(number, path, Number.MAX_SAFE_INTEGER);
}

/** A whole number from 0 up to, without, a bound. */
export function asIndex(value: unknown, below: number, path: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < below) return value;
  return fail(path, `is ${shown(value)}, not a whole number below ${below}`);
}

/** A whole number from 0 up to a maximum. */
export function asCount(value: unknown, path: string, max: number): number {
  return asIndex(value, max + 1, path);
}

/** A text. */
export function asString(value: unknown, path: string): string {
  return typeof value === "string" ? value : fail(path, "is not a text");
}

/** Checks a text or null. */
export function asNameOrNull(value: unknown, path: string): void {
  if (value !== null) asString(value, path);
}

/** Checks a text against a pattern. */
export function matching(value: unknown, pattern: RegExp, path: string): void {
  if (!pattern.test(asString(value, path))) fail(path, `is malformed: ${shown(value)}`);
}

/** An object that is no list. */
export function asRecord(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "is not an object");
  return value as Readonly<Record<string, unknown>>;
}

/** Checks that an object has these keys and no others. */
export function exactKeys(record: Readonly<Record<string, unknown>>, keys: readonly string[], path: string): void {
  for (const key of keys) if (!Object.hasOwn(record, key)) fail(path, `lacks ${key}`);
  for (const key of Object.keys(record)) if (!keys.includes(key)) fail(path, `has the unknown key ${shown(key)}`);
}
