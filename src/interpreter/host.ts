// What answers a machine's observations (S-17): the live host looks and records, the replaying host reads the record back.
//
// A recorded observation is {op, value}, value in tagged JSON. One that raised is recorded as op "!" + name with the error value.
import { FlowmetalError } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { Raise } from "../data/meter.ts";
import { encodeTagged, fromTagged } from "../data/tagged.ts";
import { Bytes, type Value } from "../data/value.ts";
import type { Observation } from "../journal/entry.ts";
import type { Host } from "../machine/host.ts";
import type { Machine } from "../machine/machine.ts";
import type { Linker } from "../machine/unit.ts";
import { type Compiling, compileNext } from "../module/compiling.ts";
import { linkHooks } from "../module/image.ts";
import type { ProgramLibrary } from "../module/library.ts";
import type { UnitText } from "../module/unit-text.ts";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Source } from "../source/source.ts";
import { errorOf } from "../machine/problems.ts";

/** Bytes one request for entropy may ask for. */
const ENTROPY_MAX = 65_536;

/** What the live host looks at. */
export interface World {
  /** The store's clock as this process knows it (E-13), epoch ms. */
  now(): number;
  readonly random: Random;
}

/** What a live host has answered, for the commit of the turn. */
export interface Taken {
  readonly observations: readonly Observation[];
  readonly units: readonly UnitText[];
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
  private warnings: Diagnostic[] = [];

  constructor(
    private readonly world: World,
    private readonly library: ProgramLibrary,
    /** The program's sources by content hash. */
    readonly sources: ReadonlyMap<string, Source>,
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

  /** The observations, new units and warnings since the last call. */
  take(): Taken {
    const { observations, units, warnings } = this;
    this.observations = [];
    this.units = [];
    this.warnings = [];
    return { observations, units, warnings };
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
        return this.compile(args, machine);
      default:
        throw new Error(`bug: the machine asked for the observation ${kind}`);
    }
  }

  private entropy(count: Value): Value {
    if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > ENTROPY_MAX) {
      throw new Raise(errorOf("type", `entropy takes a count of bytes from 0 to ${ENTROPY_MAX}`, { count }));
    }
    return new Bytes(this.world.random.bytes(count));
  }

  private compile([hash, offset]: readonly Value[], machine: Machine): Value {
    const source = typeof hash === "string" ? this.sources.get(hash) : undefined;
    if (source === undefined || typeof offset !== "number") {
      throw new Raise(errorOf("compile", "there is no source with this hash", { hash }));
    }
    const compiled: Compiling["compiled"] = (units, warnings) => {
      this.units.push(...units);
      this.warnings.push(...warnings);
    };
    return compileNext({ machine, library: this.library, compiled }, source, offset);
  }
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
