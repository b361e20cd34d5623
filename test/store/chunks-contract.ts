// What every store promises of chunks: they come with the snapshot that needs them, and go with the last one that did (E-19).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProgramRow, TurnCommit } from "../../src/store/rows.ts";
import { keepsSnapshot } from "../../src/store/thinning.ts";
import { type Bench, turnOf } from "./support.ts";

/** Names of chunks as a snapshot uses them: each is a chunk of this body. */
const chunk = (hash: string) => ({ hash, body: `{"${hash}":["+","${hash}"]}` });
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `c${i}`);
const ALL = names(12);

/** A program's snapshots as an interpreter sends them: only chunks that the one before has not, and which it has no more. */
class Sender {
  private before: { readonly position: number; readonly uses: readonly string[] } = { position: 0, uses: [] };
  /** The chunks of every snapshot sent, by position. */
  readonly uses = new Map<number, readonly string[]>();

  extras(position: number, uses: readonly string[]): Pick<TurnCommit, "snapshot" | "chunks" | "dropped"> {
    const { before } = this;
    this.before = { position, uses };
    this.uses.set(position, uses);
    return {
      snapshot: { hash: `h${position}`, body: JSON.stringify(uses) },
      chunks: uses.filter((hash) => !before.uses.includes(hash)).map(chunk),
      dropped: before.uses.filter((hash) => !uses.includes(hash)).map((hash) => ({ hash, until: before.position })),
    };
  }

  /** Turns of a program in one batch, each with a snapshot that uses these. */
  turns(row: ProgramRow, each: readonly (readonly string[])[]): TurnCommit[] {
    return each.map((uses, i) => {
      const at = { id: row.id, term: row.term, turn: row.turn + i, position: row.position + i };
      return turnOf(at, this.extras(at.position + 1, uses));
    });
  }
}

async function there(bench: Bench, id: string): Promise<string[]> {
  const chunks = await bench.store.readChunks({ program: id, hashes: ALL });
  expect(chunks).toEqual(chunks.map(({ hash }) => chunk(hash)));
  return chunks.map(({ hash }) => hash).sort();
}

/** Every kept snapshot has its chunks; and those there are are used by one, or were between two that do. */
async function expectExact(bench: Bench, id: string, { uses }: Sender): Promise<void> {
  const kept = await bench.store.listSnapshots({ program: id });
  const wanted = new Set(kept.flatMap((position) => uses.get(position)!));
  const found = await there(bench, id);
  expect(found).toEqual(expect.arrayContaining([...wanted]));
  for (const hash of found.filter((one) => !wanted.has(one))) {
    const users = [...uses].filter(([, all]) => all.includes(hash)).map(([position]) => position);
    expect(kept.some((position) => Math.min(...users) < position && position < Math.max(...users))).toBe(true);
  }
}

export function describeChunks(get: () => Bench): void {
  describe("chunks", () => {
    it("come with a snapshot, stay as long as one that is kept uses them, and belong to one program", async () => {
      const bench = get();
      const sender = new Sender();
      let row = await bench.owned();
      const other = await bench.owned();
      const step = async (...uses: string[]) => {
        row = await bench.step(row, sender.extras(row.position + 1, uses));
        return there(bench, row.id);
      };
      expect(await step("c0", "c1")).toEqual(["c0", "c1"]);
      expect(await step("c1", "c2")).toEqual(["c1", "c2"]);
      expect(await step("c0", "c2")).toEqual(["c0", "c2"]);
      expect(await there(bench, other.id)).toEqual([]);
      // The snapshot of turn 64 is kept.
      while (row.turn < 63) await step("c3");
      await step("c4", "c5");
      expect(await step("c5", "c6")).toEqual(["c4", "c5", "c6"]);
      expect(await step("c4")).toEqual(["c4", "c5"]);
      expect(await step()).toEqual(["c4", "c5"]);
      expect((await bench.store.listSnapshots({ program: row.id }))[0]).toBe(65);
      expect((await bench.commit([{ ...turnOf(row), chunks: [chunk("c7")] }])).refused).toHaveLength(1);
    });

    it("of turns in one batch are those of the snapshots that it keeps", async () => {
      const bench = get();
      const sender = new Sender();
      const row = await bench.owned();
      await bench.commit(
        sender.turns(row, [
          ["c0", "c1"],
          ["c1", "c2"],
          ["c0", "c2"],
          ["c2", "c3"],
        ]),
      );
      expect(await there(bench, row.id)).toEqual(["c2", "c3"]);
      await bench.commit(sender.turns(await bench.row(row.id), [["c4"], ["c2"]]));
      expect(await there(bench, row.id)).toEqual(["c2"]);
    });

    it("of a turn that is lost change nothing", async () => {
      const bench = get();
      const sender = new Sender();
      let row = await bench.owned();
      row = await bench.step(row, sender.extras(2, ["c0"]));
      const lost = turnOf(row, new Sender().extras(3, ["c1"]));
      const stale = { ...lost, term: row.term + 1, dropped: [{ hash: "c0", until: 2 }] };
      expect((await bench.commit([stale])).lost).toEqual([row.id]);
      expect(await there(bench, row.id)).toEqual(["c0"]);
    });

    it("are there for every kept snapshot, and no others, whatever turns there are", async () => {
      const bench = get();
      const uses = fc.subarray(ALL, { maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(uses, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
          async (batches) => {
            const sender = new Sender();
            let row = await bench.owned();
            // So that old snapshots are there to be kept and thinned: one of turn 64, one of turn 1,088.
            await bench.commit(sender.turns(row, [["c0"]]));
            for (const last of [63, 1_086]) {
              const { id } = row;
              row = await bench.row(id);
              const skipped = Array.from({ length: last - row.turn }, (_, i) => {
                return turnOf({ id, term: row.term, turn: row.turn + i, position: row.position + i });
              });
              await bench.commit(skipped);
              row = await bench.row(id);
              await bench.commit(sender.turns(row, [["c1", "c2"], ["c2"]]));
            }
            for (const batch of batches) {
              await bench.commit(sender.turns(await bench.row(row.id), batch));
              await expectExact(bench, row.id, sender);
            }
          },
        ),
        { numRuns: 12 },
      );
      expect(keepsSnapshot(64, 1_089)).toBe(false);
    });
  });
}
