// What it costs to look at a store with many programs: flowmetal ps, the start of node taken off.
import { execFileSync } from "node:child_process";
import { bundled } from "../bundle.mjs";
import { cpuOf, Driver, here } from "../child.mjs";
import { figure } from "../figures.mjs";

const PROGRAMS = 100_000;
const MOST_MS = 100;
const ROUNDS = 15;

export async function ps({ image, small, databases }) {
  const programs = small ? PROGRAMS / 100 : PROGRAMS;
  const url = databases.sqlite();
  const outside = new Driver(process.execPath, [
    await bundled("engine/outside-driver.ts"),
    image,
    here("programs/waits.fm"),
    url,
  ]);
  try {
    await outside.ask({ way: "make", programs: 1 });
    await atRest(image, url);
    await outside.ask({ way: "copy", programs: programs - 1 });
    await outside.ask({ way: "bytes" });
    const command = (...options) => [here("../../bin/flowmetal"), "ps", "--store", url, ...options];
    const whole = await inTurns(command());
    const faulted = await inTurns(command("--status", "faulted"));
    const lists = [];
    for (let round = 0; round < ROUNDS; round++) lists.push((await outside.ask({ way: "list", limit: 101 })).ms);
    return {
      title: `flowmetal ps with ${programs} programs in the store, SQLite`,
      figures: [
        ...figuresOf("flowmetal ps", whole),
        ...figuresOf("flowmetal ps --status faulted (there is none)", faulted),
        figure({ name: "the newest 100, in a process that is up", unit: "ms", samples: lists }),
      ],
    };
  } finally {
    outside.close();
    databases.drop(url);
  }
}

/** Runs the one program until it waits. */
async function atRest(image, url) {
  const serving = new Driver(process.execPath, ["--expose-gc", await bundled("engine/serving-driver.ts"), image, url]);
  await serving.ask({ way: "serve" });
  await serving.ask({ way: "until", waiting: 1 });
  serving.close();
}

/** Time and CPU of a command, and of a node that does nothing. */
async function inTurns(args) {
  const samples = { wall: [], cpu: [], bareWall: [], bareCpu: [] };
  for (let round = 0; round < ROUNDS; round++) {
    samples.wall.push(wallOf(args));
    samples.bareWall.push(wallOf(["-e", "0"]));
    samples.cpu.push(await cpuOf(process.execPath, args));
    samples.bareCpu.push(await cpuOf(process.execPath, ["-e", "0"]));
  }
  return samples;
}

function wallOf(args) {
  const begun = performance.now();
  execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  return performance.now() - begun;
}

function figuresOf(name, { wall, cpu, bareWall, bareCpu }) {
  const more = (samples, bare) => samples.map((ms, i) => ms - bare[i]);
  return [
    figure({
      name: `${name}: above a bare node`,
      unit: "ms",
      samples: more(wall, bareWall),
      bar: { of: "value", most: MOST_MS },
    }),
    figure({ name: `${name}: whole (control: node -e 0)`, unit: "ms", samples: wall, control: bareWall }),
    figure({ name: `${name}: CPU (control: node -e 0)`, unit: "ms", samples: cpu, control: bareCpu }),
  ];
}
