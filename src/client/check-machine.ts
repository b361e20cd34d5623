// The machine a checker evaluates on: a global gets its value when somebody looks at it, since most never are.
import { meter } from "../data/meter.ts";
import { Keyword, UNBOUND, type Var } from "../data/value.ts";
import type { SwitchedHost } from "../interpreter/host.ts";
import { Machine } from "../machine/machine.ts";
import type { ProgramLibrary } from "../module/library.ts";

const DYNAMIC = Keyword.of("dynamic");

export class CheckMachine extends Machine {
  /** What gives globals their values, by qualified name. */
  private readonly later = new Map<string, () => void>();

  constructor(
    override readonly library: ProgramLibrary,
    readonly switched: SwitchedHost,
    ticksMax: number,
  ) {
    super(library, switched, { ticksMax });
    this.begin("check", library.image.hash, null, []);
    this.state.ready.length = 0;
  }

  /** Forgets what the last script defined: every var is as it is in the base image. Code that is linked stays linked. */
  reset(): void {
    this.later.clear();
    for (const [name, variable] of this.state.vars) {
      const { value = UNBOUND, meta = null } = this.library.imageVar(name, this) ?? {};
      Object.assign(variable, { value, meta, dynamic: meta?.get(DYNAMIC, null) === true, own: false });
    }
    this.begin("check", this.library.image.hash, null, []);
    this.state.ready.length = 0;
  }

  /** Calls `define` before anybody looks at the global, which nobody has done yet: code that is linked to a var does not ask again. */
  defineLater(qualified: string, define: () => void): void {
    this.later.set(qualified, define);
  }

  override variable(name: string): Var {
    this.giveValue(name);
    return super.variable(name);
  }

  override findVariable(name: string): Var | undefined {
    this.giveValue(name);
    return super.findVariable(name);
  }

  private giveValue(name: string): void {
    const define = this.later.get(name);
    if (define === undefined) return;
    this.later.delete(name);
    // A macro may be the one who looks: what it changes is put back, but this is no doing of its.
    const { undo } = meter;
    meter.undo = null;
    try {
      define();
    } finally {
      meter.undo = undo;
    }
  }
}
