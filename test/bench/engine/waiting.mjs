// Programs that wait for an event: how long until all are at rest, what each takes on the disk, and whether memory grows with them.
import { bundled } from "../bundle.mjs";
import { Driver, here } from "../child.mjs";
import { figure } from "../figures.mjs";

const PROGRAMS = 100_000;
const FIRST = 10_000;
const WOKEN = 1_000;
const MOST_BYTES = 3_072;
/** Memory at 100,000 may be so much more than at 10,000: what a heap does by itself, not what grows with programs. */
const MOST_GROWTH = { factor: 1.2, bytes: 32 * 2 ** 20 };
/** After the last commit, until what was woken is let go of too. */
const SETTLE_MS = 3_000;
const MB = 2 ** 20;

export async function waiting({ image, small, databases }) {
  const scale = small ? 100 : 1;
  const [all, first, woken] = [PROGRAMS / scale, FIRST / scale, WOKEN / scale];
  const url = databases.sqlite();
  const outside = new Driver(process.execPath, [
    await bundled("engine/outside-driver.ts"),
    image,
    here("programs/waits.fm"),
    url,
  ]);
  const serving = new Driver(process.execPath, ["--expose-gc", await bundled("engine/serving-driver.ts"), image, url]);
  try {
    await outside.ask({ way: "make", programs: first });
    const begun = await serving.ask({ way: "serve" });
    const some = await serving.ask({ way: "until", waiting: first });
    await settle();
    const before = await serving.ask({ way: "memory" });
    // The copies are of a program that never ran: those that run now are not in the way.
    const more = await makeMore(outside, all - first);
    const rest = await serving.ask({ way: "until", waiting: all });
    await settle();
    const after = await serving.ask({ way: "memory" });
    const { bytes } = await outside.ask({ way: "bytes" });
    const woke = await outside.ask({ way: "wake", programs: woken });
    const done = await serving.ask({ way: "until", done: woken });
    const ms = some.at - begun.at + (rest.at - more);
    return {
      title: `${all} programs that wait for an event, SQLite at synchronous=FULL`,
      figures: [
        figure({ name: "until all are at rest", unit: "s", samples: [ms / 1000] }),
        figure({ name: "programs a second", samples: [(all / ms) * 1000] }),
        figure({
          name: "on the disk, each",
          unit: "bytes",
          samples: [bytes / all],
          bar: { of: "value", most: MOST_BYTES },
        }),
        memoryFigure("resident memory", before.rss, after.rss, [first, all]),
        memoryFigure("heap", before.heap, after.heap, [first, all]),
        figure({ name: `until ${woken} are woken and done`, unit: "ms", samples: [done.at - woke.from] }),
        figure({ name: "of that, their deliveries", unit: "ms", samples: [woke.to - woke.from] }),
      ],
    };
  } finally {
    outside.close();
    serving.close();
    databases.drop(url);
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

/** Puts so many more programs into the queue, and answers the moment at which the first of them was there. */
async function makeMore(outside, programs) {
  const { from } = await outside.ask({ way: "more", programs });
  return from;
}

function memoryFigure(name, before, after, [few, many]) {
  const most = Math.max(before * MOST_GROWTH.factor, before + MOST_GROWTH.bytes);
  return figure({
    name: `${name} with ${many} at rest (control: with ${few})`,
    unit: "MB",
    samples: [after / MB],
    control: [before / MB],
    bar: { of: "value", most: most / MB },
  });
}
