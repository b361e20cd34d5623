// What every store promises about sizes (E-8, E-27): part of the contract. What is too large is refused alone.
import { expect, it } from "vitest";
import { BODY_LENGTH_MAX, INBOX_LENGTH_MAX, INBOX_ROWS_MAX, TURN_LENGTH_MAX } from "../../src/base/limits.ts";
import { newEntry } from "../../src/journal/codec.ts";
import { type Bench, turnOf } from "./support.ts";

const message = (key: string, length: number) =>
  newEntry("message", { key, name: "n", from: null, body: JSON.stringify("x".repeat(length)) }).body;

export function describeLimits(get: () => Bench): void {
  it("refuses a turn that writes too much, by name, and commits those of others beside it", async () => {
    const bench = get();
    const large = await bench.owned();
    const small = await bench.owned();
    const text = "x".repeat(TURN_LENGTH_MAX);
    const turns = [turnOf(large, { output: [{ branch: 0, number: 0, text }] }), turnOf(small)];
    const result = await bench.commit(turns);
    expect(result.committed).toEqual([small.id]);
    expect(result.refused).toMatchObject([{ program: large.id, error: { code: "store/commit-refused" } }]);
    expect(result.refused[0].error.message).toContain(`one turn writes ${TURN_LENGTH_MAX} at most`);
    // It can go on in another way, and be asked to.
    expect(await bench.command(large, "cancel")).toMatchObject({ outcome: "delivered" });
    await bench.step(await bench.row(large.id));
  });

  it("refuses a delivery whose body is too long, by name", async () => {
    const bench = get();
    const { store } = bench;
    const row = await bench.owned();
    const body = `"${"x".repeat(BODY_LENGTH_MAX - 1)}"`;
    expect(body).toHaveLength(BODY_LENGTH_MAX + 1);
    const delivery = { program: row.id, key: "k", kind: "message", body } as const;
    await expect(store.deliver(delivery)).rejects.toMatchObject({ code: "store/bad-value" });
    expect(await store.readInbox({ program: row.id })).toEqual([]);
  });

  it("hands out long deliveries a few at a time, in order", async () => {
    const bench = get();
    const { store } = bench;
    const row = await bench.owned();
    const half = INBOX_LENGTH_MAX / 2;
    for (const [key, length] of [
      ["a", half],
      ["b", half],
      ["c", 1],
    ] as const)
      await store.deliver({ program: row.id, key, kind: "message", body: message(key, length) });
    const first = await store.readInbox({ program: row.id });
    expect(first.map(({ key }) => key)).toEqual(["a", "b"]);
    await bench.command(row, "cancel", "0".repeat(26));
    const urgent = await store.readInbox({ program: row.id });
    expect(urgent.map(({ key }) => key)).toEqual(["0".repeat(26), "a", "b"]);
    const consumed = first.map(({ id }, i) => ({ id, position: row.position + i }));
    const entries = [...first.map(({ body }) => ({ kind: "message" as const, body: body! })), ...turnOf(row).entries];
    await bench.step(row, { entries, consumed });
    expect((await store.readInbox({ program: row.id })).map(({ key }) => key)).toEqual(["0".repeat(26), "c"]);
  });

  it("hands out at most so many deliveries at once", async () => {
    const bench = get();
    const { store } = bench;
    const row = await bench.owned();
    const deliver = (i: number) =>
      store.deliver({ program: row.id, key: `k${i}`, kind: "message", body: message(`k${i}`, 1) });
    for (let i = 0; i < INBOX_ROWS_MAX; i++) await deliver(i);
    expect(await store.readInbox({ program: row.id })).toHaveLength(INBOX_ROWS_MAX);
    await deliver(INBOX_ROWS_MAX);
    expect(await store.readInbox({ program: row.id, limit: 2 * INBOX_ROWS_MAX })).toHaveLength(INBOX_ROWS_MAX);
  });
}
