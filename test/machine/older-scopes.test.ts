// A program that an older engine put to rest inside of a scope goes on: its marker holds a timer and a cell, and no scope of tasks.
import { expect, test } from "vitest";
import { begin } from "../../src/interpreter/delivery.ts";
import { LiveHost } from "../../src/interpreter/host.ts";
import { Machine } from "../../src/machine/machine.ts";
import { ProgramLibrary } from "../../src/module/library.ts";
import { shippedImage } from "../../src/module/shipped-image.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/snapshot/snapshot.ts";
import { encodeTagged } from "../../src/data/tagged.ts";
import { seededRandom } from "../../src/base/random.ts";
import { Source } from "../../src/source/source.ts";

const image = await shippedImage();

/** Runs a program until it waits, writes it down as an older engine would have, and lets its timers ring on another machine. */
function afterwards(text: string): string {
  const source = new Source("old.fm", text);
  const library = new ProgramLibrary(image);
  const world = { now: () => 1000, random: seededRandom("old") };
  const machine = () => new Machine(library, new LiveHost(world, library, new Map([[source.hash, source]])));
  const first = machine();
  begin(first, "01h00000000000000000000000", {
    source: source.hash,
    name: source.name,
    args: '["v"]',
    image: image.hash,
    versions: ["0", "0", "0"],
  });
  first.run(1_000_000);
  const { text: now } = encodeSnapshot(first.state);
  const old = now.replace(/(\["M","scope",\d+,\["v",\["ref",\d+\],\["ref",\d+\]),\["ref",\d+\]/g, "$1");
  expect(old).not.toBe(now);
  const second = machine();
  second.adopt(decodeSnapshot(old, second));
  for (let timer = second.state.timers[0]; timer !== undefined; timer = second.state.timers[0]) {
    second.deliverTimer(timer.due);
    second.run(1_000_000);
  }
  const { control } = second.state.main;
  return control.kind === "done" ? encodeTagged(control.value) : control.kind;
}

/** `with-scope*` is what older code has: it does not wait for tasks at the end of its body. */
const TIME = "(require '[flow.time :as time])";

test("its limit is still kept", () => {
  expect(afterwards(`${TIME} (try (time/with-timeout 10 (time/sleep 50)) (catch :timeout _ :late))`)).toBe(
    '["k","late"]',
  );
  expect(afterwards(`${TIME} (time/with-timeout 100 (time/sleep 50) :in-time)`)).toBe('["k","in-time"]');
});

test("a task that is spawned in it belongs to the scope around it", () => {
  expect(
    afterwards(
      `${TIME} (require '[flow.task :as task]) (def log (atom [])) (with-scope* [(time/timer 100)] (time/sleep 50) (task/spawn (fn [] (time/sleep 90) (swap! log conj :task)))) (swap! log conj :left) (time/sleep 500) @log`,
    ),
  ).toBe('["v",["k","left"],["k","task"]]');
});
