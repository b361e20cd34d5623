// XAES-256-GCM does what its specification says, and refuses what was changed.
import { expect, test } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { Xaes } from "../../src/base/xaes.ts";

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString());

// The two vectors of the specification: https://c2sp.org/XAES-256-GCM
test.each([
  [1, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"],
  [3, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"],
])("the vector of the specification with key %i", (byte, bound, expected) => {
  const xaes = new Xaes(Buffer.alloc(32, byte));
  const nonce = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWX");
  const sealed = xaes.seal(nonce, Buffer.from("XAES-256-GCM"), Buffer.from(bound));
  expect(sealed.subarray(24).toString("hex")).toBe(expected);
  expect(text(xaes.open(sealed, Buffer.from(bound)))).toBe("XAES-256-GCM");
});

test("texts of every length come back, under keys on both sides of the doubling", () => {
  const random = seededRandom("xaes");
  for (let i = 0; i < 300; i++) {
    const xaes = new Xaes(random.bytes(32));
    const [plain, bound] = [random.bytes(i), random.bytes(i % 7)];
    const sealed = xaes.seal(random.bytes(24), plain, bound);
    expect(sealed.length).toBe(24 + i + 16);
    expect(Buffer.from(xaes.open(sealed, bound)!).equals(plain)).toBe(true);
  }
});

test("every bit that is changed, cut off or bound to something else is noticed", () => {
  const random = seededRandom("bits");
  const xaes = new Xaes(random.bytes(32));
  const bound = Buffer.from("here");
  const sealed = xaes.seal(random.bytes(24), Buffer.from("secret"), bound);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] ^= 1 << (bit & 7);
    expect(xaes.open(changed, bound)).toBeNull();
  }
  for (let length = 0; length < sealed.length; length++)
    expect(xaes.open(sealed.subarray(0, length), bound)).toBeNull();
  expect(xaes.open(sealed, Buffer.from("there"))).toBeNull();
  expect(new Xaes(random.bytes(32)).open(sealed, bound)).toBeNull();
});
