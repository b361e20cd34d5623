// Ids, hashes and chance: fixed forms, fixed values.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/base/canonical-json.ts";
import { sha256, sha256Bytes } from "../../src/base/hash.ts";
import { bytesOfId, effectKey, idOfBytes, isId, isIdPrefix, nameId, newId, uuidOfId } from "../../src/base/ids.ts";
import { randomBelow, seededRandom, systemRandom } from "../../src/base/random.ts";
import { FakeClock } from "../support/clock.ts";

test("sixteen bytes and 26 characters are each other's form, and sort alike", () => {
  const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(sixteen, sixteen, (a, b) => {
      const [x, y] = [idOfBytes(a), idOfBytes(b)];
      expect(isId(x)).toBe(true);
      expect([...bytesOfId(x)]).toEqual([...a]);
      expect(x < y ? -1 : Number(x > y)).toBe(Buffer.compare(a, b));
    }),
  );
  expect(idOfBytes(new Uint8Array(16).fill(255))).toBe(`7${"z".repeat(25)}`);
  expect(idOfBytes(Uint8Array.of(...new Array<number>(15).fill(0), 33))).toBe(`${"0".repeat(24)}11`);
});

test("a new id is a UUID of version 7 that begins with the time", () => {
  const clock = new FakeClock(0x0123456789ab);
  const uuid = uuidOfId(newId(clock, seededRandom("a")));
  expect(uuid).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(newId(clock, seededRandom("a"))).not.toBe(newId(clock, seededRandom("b")));
});

test("the id of a name is the UUID of version 5 that others compute", () => {
  // RFC 4122's namespace for DNS names.
  const dns = idOfBytes(Buffer.from("6ba7b8109dad11d180b400c04fd430c8", "hex"));
  expect(uuidOfId(nameId(dns, "python.org"))).toBe("886313e1-3b8a-5372-9b90-0c9aee199e5d");
});

test("an effect's key is the first half of the hash of what names it (E-3)", () => {
  const program = newId(new FakeClock(), seededRandom("p"));
  const hash = sha256(canonicalJson([program, 3, 1, 7]));
  expect(Buffer.from(bytesOfId(effectKey(program, 3, 1, 7))).toString("hex")).toBe(hash.slice(0, 32));
});

test("what is an id, and what one may begin with", () => {
  const id = "01h455vb4pex5vsknk084sn02q";
  expect([id, id.slice(1), `8${id.slice(1)}`, id.toUpperCase(), id.replace("h", "l"), `${id}0`].map(isId)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(["0", "01h4", id, "", "9", "01H", `${id}0`, "0%"].map(isIdPrefix)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("SHA-256 of strings in UTF-8 and of bytes", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256("é")).toBe(sha256(Buffer.from("é", "utf8")));
  expect(Buffer.from(sha256Bytes("abc")).toString("hex")).toBe(sha256("abc"));
});

describe("chance", () => {
  test("with a seed it is the same, in pieces of any size that do not overlap", () => {
    const [a, b] = [seededRandom("s"), seededRandom("s")];
    expect([...a.bytes(70)]).toEqual([...b.bytes(70)]);
    expect([...a.bytes(8)]).not.toEqual([...a.bytes(8)]);
    expect([...seededRandom("t").bytes(8)]).not.toEqual([...seededRandom("s").bytes(8)]);
    expect(systemRandom.bytes(33)).toHaveLength(33);
  });

  test("numbers below a bound, all of them", () => {
    const random = seededRandom("n");
    const drawn = Array.from({ length: 300 }, () => randomBelow(random, 7));
    expect([...new Set(drawn)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    // What lies in the incomplete last stretch of the 32-bit range is drawn again.
    const script = [Uint8Array.of(255, 255, 255, 255), Uint8Array.of(0, 0, 0, 5)];
    const counted = { bytes: () => script.shift() as Uint8Array };
    expect(randomBelow(counted, 10)).toBe(5);
  });
});
