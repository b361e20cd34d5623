// What answers a machine's observations (S-17): the live host looks and records, the replaying host reads the record back.
//
// A recorded observation is {op, value}, value in tagged JSON. One that raised is recorded as op "!" + name with the error value.
import { FlowmetalError, type Place } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { Raise } from "../data/meter.ts";
import { encodeTagged, fromTagged } from "../data/tagged.ts";
import { Vector } from "../data/vector.ts";
import { Bytes, Closure, type Value } from "../data/value.ts";
import type { Observation } from "../journal/entry.ts";
import type { Host } from "../machine/host.ts";
import type { Machine } from "../machine/machine.ts";
import type { Linker, Unit } from "../machine/unit.ts";
import type { Expanding } from "../compiler/expand.ts";
import {
  closureOfSource,
  type Compiling,
  compileNext,
  compileValue,
  expandValue,
  refusing,
} from "../module/compiling.ts";
import { namespacesOf } from "../module/environment.ts";
import { linkHooks } from "../module/image.ts";
import type { ProgramLibrary } from "../module/library.ts";
import { moduleSources } from "../module/module-source.ts";
import type { ModulePath } from "../module/search-path.ts";
import { textOf } from "../module/sources.ts";
import type { UnitText } from "../module/unit-text.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import { Source } from "../source/source.ts";
import type { TextRow } from "../store/rows.ts";
import { errorOf } from "../machine/problems.ts";
import { sha256 } from "../base/hash.ts";
import { describe } from "../primitive/describe.ts";

/** Bytes one request for entropy may ask for. */
const ENTROPY_MAX = 65_536;

const DAY_MS = 86_400_000;

/** What the live host looks at. */
export interface World {
  /** The store's clock as this process knows it (E-13), epoch ms. */
  now(): number;
  readonly random: Random;
  /** Where the program finds its modules; none: it can have those of the base image only. */
  readonly modules?: ModulePath;
}

/** What a live host has answered, for the commit of the turn. */
export interface Taken {
  readonly observations: readonly Observation[];
  readonly units: readonly UnitText[];
  /** Texts of sources: blobs of the store, found by the units compiled from them. */
  readonly texts: readonly TextRow[];
  /**
   * What the compiler found strange. They are no part of the answer and so not recorded (S-2): a form is compiled live once,
   * and whoever runs the program then is told after the commit. A replay compiles nothing.
   */
  readonly warnings: readonly Diagnostic[];
}

/** Answers from the world; what it answered since the last `take` is to be committed with the turn. */
export class LiveHost implements Host {
  private observations: Observation[] = [];
  private units: UnitText[] = [];
  private texts: TextRow[] = [];
  private warnings: Diagnostic[] = [];
  /** When each source was last sent to the store. Again after a day, so that it is not taken for one that nobody needs (E-19). */
  private readonly told = new Map<string, number>();

  constructor(
    private readonly world: World,
    private readonly library: ProgramLibrary,
    /** The program's sources by content hash; those it comes to are added. */
    readonly sources: Map<string, Source>,
  ) {}

  observe(kind: string, args: readonly Value[], machine: Linker): Value {
    try {
      const value = this.look(kind, args, machine as Machine);
      this.observations.push({ op: kind, value: encodeTagged(value) });
      return value;
    } catch (thrown) {
      if (thrown instanceof Raise) this.observations.push({ op: `!${kind}`, value: encodeTagged(thrown.error) });
      throw thrown;
    }
  }

  /** The observations, new units, texts and warnings since the last call. */
  take(): Taken {
    const { observations, units, texts, warnings } = this;
    this.observations = [];
    this.units = [];
    this.texts = [];
    this.warnings = [];
    return { observations, units, texts, warnings };
  }

  /** Whether there is a warning that nobody has taken. */
  get warned(): boolean {
    return this.warnings.length > 0;
  }

  private look(kind: string, args: readonly Value[], machine: Machine): Value {
    switch (kind) {
      case "now":
        return this.world.now();
      case "entropy":
        return this.entropy(args[0]);
      case "compile":
        return compileNext(this.compiling(machine), this.sourceOf(args[0]), args[1] as number);
      case "compile-form":
        return this.compileForm(args[0], machine);
      case "expand":
        return expandValue(this.compiling(machine), args[0], args[1] as Expanding);
      case "modules":
        return this.modules(args, machine);
      case "source":
        return this.keep(sourceOfText(args[0] as string), machine);
      case "text":
        return textOf((args[0] as Closure).unit as Unit, this.sources);
      default:
        throw new Error(`bug: the machine asked for the observation ${kind}`);
    }
  }

  // An error is recorded (S-17), so it holds no value of the program's: a record can hold neither refs nor continuations.

  private entropy(count: Value): Value {
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > ENTROPY_MAX) {
      const problem = `entropy takes a count of bytes from 0 to ${ENTROPY_MAX}, but got ${describe(count)}`;
      throw new Raise(errorOf("type", problem));
    }
    return new Bytes(this.world.random.bytes(count));
  }

  private compiling(machine: Machine): Compiling {
    const compiled: Compiling["compiled"] = (units, warnings) => {
      this.units.push(...units);
      this.warnings.push(...warnings);
    };
    return { machine, library: this.library, sources: this.sources, compiled };
  }

  /** The source that a value of the program stands for: a hash, or the function that `keep` answers. */
  private sourceOf(value: Value): Source {
    const hash = value instanceof Closure ? (value.unit as Unit).debug.hash : value;
    const source = typeof hash === "string" ? this.sources.get(hash) : undefined;
    if (source === undefined) throw new Raise(errorOf("compile", `there is no source with the hash ${describe(hash)}`));
    return source;
  }

  private compileForm(form: Value, machine: Machine): Value {
    const { closure, source } = compileValue(this.compiling(machine), form);
    this.add(source);
    return closure;
  }

  /** A module and what it requires, as far as the program has not come to it: for each [name, source, file name]. */
  private modules([name, at]: readonly Value[], machine: Machine): Value {
    const { modules } = this.world;
    const known = new Set(namespacesOf(machine));
    const found = refusing(() => {
      if (modules !== undefined) return moduleSources(modules, name as string, (one) => known.has(one));
      throw new FlowmetalError("module/missing", `there is no module ${String(name)}`, {
        hint: "this interpreter reads no files: it has the language's own modules only",
      });
    }, placeNamed(at));
    return Vector.from(found.map((one) => Vector.from([one.name, this.keep(one.source, machine), one.source.name])));
  }

  /** Keeps a source for the program, and answers what stands for it in the program's state. */
  private keep(source: Source, machine: Machine): Closure {
    this.add(source);
    return closureOfSource(this.compiling(machine), source);
  }

  private add(source: Source): void {
    const now = this.world.now();
    const told = this.told.get(source.hash);
    if (told !== undefined && now - told < DAY_MS) return;
    this.told.set(source.hash, now);
    this.sources.set(source.hash, source);
    this.texts.push({ hash: source.hash, body: source.text });
  }
}

function sourceOfText(text: string): Source {
  return new Source(`<string ${sha256(text).slice(0, 8)}>`, text);
}

/** A place written `file:line:column`. */
export function placeNamed(at: Value): Place | undefined {
  const match = typeof at === "string" ? /^(.*):(\d+):(\d+)$/.exec(at) : null;
  return match === null ? undefined : { file: match[1], line: Number(match[2]), column: Number(match[3]) };
}

/** Answers from a record, in order. */
export class ReplayHost implements Host {
  private next = 0;

  constructor(private readonly record: readonly Observation[]) {}

  observe(kind: string, _args: readonly Value[], machine: Linker): Value {
    const observation = this.record[this.next++];
    if (observation === undefined) throw diverged(`asks for ${kind}, where the journal has nothing more`);
    const value = fromTagged(JSON.parse(observation.value), linkHooks(machine));
    if (observation.op === kind) return value;
    if (observation.op === `!${kind}`) throw new Raise(value);
    throw diverged(`asks for ${kind}, where the journal has ${observation.op}`);
  }

  /** Observations of the record that nobody has asked for. */
  get left(): number {
    return this.record.length - this.next;
  }
}

/** The replay does not do what the journal says was done. */
export function diverged(what: string): FlowmetalError {
  return new FlowmetalError("replay/diverged", `the replay goes another way than the journal: it ${what}`, {
    hint: "the store was changed from outside, or this is a bug of the engine",
  });
}

/** A host that can be exchanged: a machine is replayed first and then goes on live. */
export class SwitchedHost implements Host {
  constructor(public current: Host) {}

  observe(kind: string, args: readonly Value[], machine: Linker): Value {
    return this.current.observe(kind, args, machine);
  }
}
