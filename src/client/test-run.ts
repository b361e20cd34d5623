// Runs the tests of a file (lib/flow/test.fm): loads it once, and runs each test on a machine of its own that begins with the
// state the file left.
//
// There is no store: nothing waits for a commit. Time is virtual, entropy is seeded by the test's name, and no effect leaves
// the process: one that the test does not answer itself fails.
import type { Clock } from "../base/clock.ts";
import type { Files } from "../base/files.ts";
import { seededRandom } from "../base/random.ts";
import { printShort } from "../data/printer.ts";
import type { PMap } from "../data/map.ts";
import { type ErrorValue, Keyword, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { LiveHost } from "../interpreter/host.ts";
import type { EffectRequest } from "../machine/host.ts";
import { Machine } from "../machine/machine.ts";
import { errorOf } from "../machine/problems.ts";
import { traceOf } from "../machine/trace.ts";
import { describeEffect } from "../interpreter/turn.ts";
import { type Image, modulesOf } from "../module/image.ts";
import { ProgramLibrary } from "../module/library.ts";
import { SearchPath } from "../module/search-path.ts";
import { sourceNamed } from "../module/sources.ts";
import { decodeSnapshot, encodeSnapshot } from "../snapshot/snapshot.ts";
import { Source } from "../source/source.ts";
import type { Fault, PathEntry, Place, Script, Warning } from "./client.ts";
import { faultOf, type FindSource, placesOf, warningOf } from "./faults.ts";

/** What a check of a test found. */
export interface Finding {
  readonly passed: boolean;
  /** What `testing` said around it, and the message of the check. */
  readonly contexts: readonly string[];
  readonly message: string | null;
  /** Forms and values, as they are written. */
  readonly form: string;
  readonly expected: string;
  readonly actual: string;
  readonly place: Place | null;
}

/** How a test went. It passed if every check did, and nothing stopped it. */
export interface TestReport {
  /** Qualified. */
  readonly name: string;
  readonly passed: boolean;
  readonly findings: readonly Finding[];
  /** What stopped it: errors nobody caught, waiting for what never comes, a limit. */
  readonly faults: readonly Fault[];
  /** What it printed. */
  readonly output: string;
  /** Milliseconds of virtual time. */
  readonly elapsed: number;
}

/** How a file went. `faults`: what stopped its loading; then there are no tests. */
export interface FileReport {
  readonly file: string;
  readonly tests: readonly TestReport[];
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
  readonly output: string;
}

export interface TestOptions {
  readonly image: Image;
  /** For letting signals have their turn. */
  readonly clock: Pick<Clock, "giveWay">;
  /** Only tests whose qualified name has this in it. */
  readonly only: string | null;
  /** Ticks each test may run; null: no limit. */
  readonly maxSteps: number | null;
  /** The folders that modules are looked for in, in this order, and how files are read. */
  readonly path: readonly PathEntry[];
  readonly files: Files;
}

/** Where virtual time begins: 2000-01-01T00:00:00Z. */
const EPOCH = 946_684_800_000;
const SLICE_TICKS = 20_000;
/** The id of a program that is never stored. */
const ID = "0".repeat(26);

/** Loads a file and runs its tests. Throws a `SourceError` for a text that does not read. */
export async function runTests(script: Script, options: TestOptions): Promise<FileReport> {
  return new TestFile(new Source(script.name, script.text), options).run();
}

/** A machine on its way, and what it left outside. */
interface Rehearsal {
  readonly machine: Machine;
  readonly host: LiveHost;
  readonly world: { now: number };
  output: string;
  /** Asked by a file that is loaded: which test to run. */
  question: EffectRequest | null;
}

/** A file that is loaded and waits to be told which test to run. */
interface Loaded {
  readonly text: string;
  /** Of the answer it waits for. */
  readonly key: string;
  readonly now: number;
}

class TestFile {
  private readonly library: ProgramLibrary;
  private readonly warnings: Warning[] = [];
  private readonly sources: Map<string, Source>;
  private readonly modules: SearchPath;

  constructor(
    private readonly source: Source,
    private readonly options: TestOptions,
  ) {
    const { image, files, path } = options;
    this.library = new ProgramLibrary(image);
    this.sources = new Map([[source.hash, source]]);
    this.modules = new SearchPath(files, path, () => modulesOf(image));
  }

  async run(): Promise<FileReport> {
    const { image, only } = this.options;
    const loading = this.rehearsal("");
    const { machine, world } = loading;
    machine.begin(ID, image.hash, this.variable(machine, "flow.test/run-file"), [this.source.hash]);
    const faults = await this.play(loading);
    const report = { file: this.source.name, warnings: this.warnings, output: loading.output };
    if (loading.question === null) return { ...report, tests: [], faults };
    const { key, payload } = loading.question;
    const { text } = encodeSnapshot(machine.state);
    const tests: TestReport[] = [];
    for (const [index, name] of (JSON.parse(payload) as string[]).entries()) {
      if (only === null || name.includes(only))
        tests.push(await this.runTest({ text, key, now: world.now }, name, index));
    }
    return { ...report, tests, faults: [] };
  }

  /** Goes on with the program that was loaded as if it had just been told to run this test. */
  private async runTest(loaded: Loaded, name: string, index: number): Promise<TestReport> {
    const rehearsal = this.rehearsal(name);
    const { machine, world } = rehearsal;
    world.now = loaded.now;
    machine.adopt(decodeSnapshot(loaded.text, machine));
    if (this.options.maxSteps !== null) machine.state.ticksMax = machine.state.ticks + this.options.maxSteps;
    machine.deliverAnswer(loaded.key, "fulfilled", index);
    const faults = await this.play(rehearsal);
    const found = machine.findVariable("flow.test/*results*")?.value;
    const findings = found instanceof Vector ? found.toArray().map((one) => this.finding(one as PMap)) : [];
    const passed = faults.length === 0 && findings.every((finding) => finding.passed);
    return { name, passed, findings, faults, output: rehearsal.output, elapsed: world.now - loaded.now };
  }

  private rehearsal(name: string): Rehearsal {
    const world = { now: EPOCH };
    const { library, sources, modules } = this;
    const host = new LiveHost({ now: () => world.now, random: seededRandom(name), modules }, library, sources);
    return { machine: new Machine(this.library, host), host, world, output: "", question: null };
  }

  private variable(machine: Machine, name: string): Value {
    const variable = machine.findVariable(name);
    if (variable === undefined) throw new Error(`bug: the base image has no ${name}`);
    return variable.value;
  }

  /** Runs until the main task is over or nothing can go on; answers why it is not over. */
  private async play(rehearsal: Rehearsal): Promise<Fault[]> {
    const { machine, world, host } = rehearsal;
    for (;;) {
      while (machine.run(SLICE_TICKS) === "cut") await this.options.clock.giveWay();
      rehearsal.output += machine.printed
        .splice(0)
        .map((chunk) => chunk.text)
        .join("");
      this.warnings.push(...host.take().warnings.map(warningOf));
      const asked = machine.outbox.splice(0);
      rehearsal.question = asked.find((effect) => effect.kind === "test") ?? null;
      if (rehearsal.question !== null) return [];
      for (const effect of asked) machine.deliverAnswer(effect.key, "failed", unanswered(effect));
      if (asked.length > 0) continue;
      const status = machine.status();
      if (status === "done") return [];
      if (status === "faulted") return this.faults(machine);
      if (machine.wakeTime === null) return [this.stuck(machine)];
      world.now = Math.max(world.now, machine.wakeTime);
      machine.deliverTimer(world.now);
    }
  }

  private faults(machine: Machine): Fault[] {
    return [...machine.state.tasks.values()].flatMap((task) =>
      task.control.kind === "fault"
        ? [faultOf(task.id, task.control.error, traceOf(task.stack, task.segment), this.findSource)]
        : [],
    );
  }

  /** The fault of a test that waits for what nobody will ever fulfil. */
  private stuck(machine: Machine): Fault {
    const { main } = machine.state;
    const error = errorOf("test/stuck", "the test waits for something that never comes", {});
    return faultOf(main.id, error, traceOf(main.stack, main.segment), this.findSource);
  }

  private finding(found: PMap): Finding {
    const get = (key: string): Value => found.get(Keyword.of(key), null);
    const contexts = get("contexts");
    const message = get("message");
    return {
      passed: get("type") === Keyword.of("pass"),
      contexts: contexts instanceof Vector ? contexts.toArray().map((one) => shown(one)) : [],
      message: message === null ? null : shown(message),
      form: printShort(get("form")),
      expected: printShort(get("expected")),
      actual: printShort(get("actual")),
      place: placesOf(get("trace"), this.findSource)[0] ?? null,
    };
  }

  private readonly findSource: FindSource = (name) => sourceNamed(this.sources, name);
}

function shown(value: Value): string {
  return typeof value === "string" ? value : printShort(value);
}

function unanswered(effect: EffectRequest): ErrorValue {
  const { what, kind } = describeEffect(effect);
  const form = kind === "http" ? "flow.test/with-http" : "flow.test/with-foreign";
  return errorOf("test/unanswered", `the test asks for ${what}, which nobody answers: put ${form} around it`, { kind });
}
