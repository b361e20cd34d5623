// A program with a map of 100,000 entries that changes one key a turn: what a turn writes.
import { bundled } from "../bundle.mjs";
import { chunkSamples, MOST_BYTES } from "../chunks.mjs";
import { figure } from "../figures.mjs";

export async function chunks({ image }) {
  const { bytes, rows, disk, ms } = await chunkSamples({ driver: await bundled("chunks-driver.ts"), image });
  return {
    title: "one of 100,000 entries of a map changes each turn, SQLite",
    figures: [
      figure({ name: "written a turn", unit: "bytes", samples: bytes }),
      figure({
        name: "in the turn that wrote most",
        unit: "bytes",
        samples: [Math.max(...bytes)],
        bar: { of: "value", most: MOST_BYTES },
      }),
      figure({ name: "chunks written or dropped a turn", samples: rows }),
      figure({ name: "a turn", unit: "ms", samples: ms }),
      ...(disk.length === 0
        ? []
        : [figure({ name: "given to the disk a turn, in pages", unit: "bytes", samples: disk })]),
    ],
  };
}
