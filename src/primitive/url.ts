// URLs by RFC 3986: percent-encoding, taking apart, and references resolved against a base.
import { asciiLower, asciiUpper, isWellFormed } from "../base/text.ts";
import { PMap } from "../data/map.ts";
import { Keyword, type Value } from "../data/value.ts";
import { chargeText, needRoomForText } from "./charge.ts";
import { needString } from "./check.ts";
import { primitive } from "./define.ts";
import { describe } from "./describe.ts";
import type { Primitive } from "./primitive.ts";
import { refuse } from "./raise.ts";

/** Percent-encodes all but the characters RFC 3986 calls unreserved. */
function urlEncode(value: Value): Value {
  const text = needString("url-encode", 1, value);
  needRoomForText("url-encode", text.length * 3);
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${asciiUpper(c.charCodeAt(0).toString(16))}`);
}

function urlDecode(value: Value): Value {
  const text = needString("url-decode", 1, value);
  chargeText(text.length);
  try {
    const decoded = decodeURIComponent(text.replaceAll("+", "%20"));
    if (isWellFormed(decoded)) return decoded;
  } catch {
    // Falls through to the one message for both.
  }
  return refuse("range", "url-decode", "this is no percent-encoded text");
}

/** The components of a reference (RFC 3986 appendix B); undefined: not there. */
interface Parts {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

const REFERENCE = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/;

function partsOf(text: string): Parts {
  const [, scheme, authority, path, query, fragment] = REFERENCE.exec(text) as unknown as (string | undefined)[];
  return { scheme, authority, path: path as string, query, fragment };
}

/** What may not stand in a URL, or does not begin an escape. */
const STRAY = /[^\x21-\x7e]|["<>\\^`{|}]|%(?![0-9A-Fa-f]{2})/u;
const AUTHORITY = /^(?:([^@]*)@)?(\[[0-9A-Fa-f:.]+\]|\[v[0-9A-Fa-f]+\.[^\]]+\]|[^:[\]@]*)(?::(\d*))?$/;

function needReference(fn: string, position: number, value: Value): string {
  const text = needString(fn, position, value);
  chargeText(text.length);
  const stray = STRAY.exec(text);
  if (stray === null) return text;
  const column = Array.from(text.slice(0, stray.index)).length + 1;
  return refuse(
    "url/syntax",
    fn,
    `${describe(stray[0])} at column ${column} cannot stand in a URL as it is: percent-encode it`,
    {
      column,
    },
  );
}

/** The parts of a URL as a map, without those that are not there. */
function urlParts(value: Value): Value {
  const text = needReference("flow.url/parse", 1, value);
  const { scheme, authority, path, query, fragment } = partsOf(text);
  const found = authority === undefined ? [] : AUTHORITY.exec(authority);
  const port = found?.[3] === undefined || found[3] === "" ? undefined : Number(found[3]);
  if (found === null || (port !== undefined && port > 65535)) {
    return refuse("url/syntax", "flow.url/parse", `${describe(authority as string)} is no host with a port`);
  }
  const parts: [string, Value | undefined][] = [
    ["scheme", scheme === undefined ? undefined : asciiLower(scheme)],
    ["user", found[1]],
    ["host", found[2] === undefined ? undefined : asciiLower(found[2])],
    ["port", port],
    ["path", path],
    ["query", query],
    ["fragment", fragment],
  ];
  return PMap.from(
    parts.flatMap(([name, part]): [Value, Value][] => (part === undefined ? [] : [[Keyword.of(name), part]])),
  );
}

/** RFC 3986 section 5.2.4. */
function withoutDots(path: string): string {
  const out: string[] = [];
  const segments = path.split("/");
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1;
    if (segment === "..") {
      if (out.length > 1) out.pop();
      if (last) out.push("");
    } else if (segment !== "." || last) out.push(segment === "." ? "" : segment);
  });
  return out.join("/");
}

/** RFC 3986 section 5.2.3. */
function merged(base: Parts, path: string): string {
  if (base.authority !== undefined && base.path === "") return `/${path}`;
  return base.path.slice(0, base.path.lastIndexOf("/") + 1) + path;
}

/** RFC 3986 section 5.2.2. */
function transformed(base: Parts, r: Parts): Parts {
  if (r.scheme !== undefined) return { ...r, path: withoutDots(r.path) };
  const { scheme } = base;
  if (r.authority !== undefined) return { ...r, scheme, path: withoutDots(r.path) };
  const { authority } = base;
  if (r.path === "") return { ...base, query: r.query ?? base.query, fragment: r.fragment };
  const path = withoutDots(r.path.startsWith("/") ? r.path : merged(base, r.path));
  return { scheme, authority, path, query: r.query, fragment: r.fragment };
}

/** RFC 3986 section 5.3. */
function composed({ scheme, authority, path, query, fragment }: Parts): string {
  const part = (before: string, text: string | undefined, behind = "") =>
    text === undefined ? "" : before + text + behind;
  return part("", scheme, ":") + part("//", authority) + path + part("?", query) + part("#", fragment);
}

function resolve(base: Value, reference: Value): Value {
  const from = partsOf(needReference("flow.url/resolve", 1, base));
  if (from.scheme === undefined) {
    return refuse("url/syntax", "flow.url/resolve", `the base ${describe(base)} has no scheme, such as https:`);
  }
  return composed(transformed(from, partsOf(needReference("flow.url/resolve", 2, reference))));
}

export const url: readonly Primitive[] = [
  primitive("url-encode", 1, 1, urlEncode),
  primitive("url-decode", 1, 1, urlDecode),
  primitive("url-parts", 1, 1, urlParts),
  primitive("url-resolve", 2, 2, resolve),
];
