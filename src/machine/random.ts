// The program's own generator of random bytes: seeded once, by an observation (S-17), and then a function of the program's state.
//
// Its state is the vector [seed block] in the var flow.core/*random*: 32 bytes, and the number of the next block of SHA-256 over
// seed, program and branch. So a draw costs no journal, a replay and a snapshot draw the same, and nobody who has seen some
// draws can tell the next. A fork or rewind draws anew: its program or branch is another (E-3), and what two programs
// took for unique stays so.
import { blocksOf, seededBytes } from "../base/random.ts";
import { Bytes, type Value, type Var } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { chargeText } from "../primitive/charge.ts";
import type { Host } from "./host.ts";
import type { ProgramState } from "./state.ts";
import type { Linker } from "./unit.ts";

/** What the generator needs of the machine. */
export interface Drawer extends Linker {
  readonly state: ProgramState;
  readonly host: Host;
  define(variable: Var, value: Value, meta: Value): void;
}

const SEED_BYTES = 32;
const NAME = "flow.core/*random*";

/** The next bytes; the first draw of a program asks the host for a seed. */
export function drawBytes(m: Drawer, count: number): Uint8Array {
  const variable = m.variable(NAME);
  chargeText(count);
  const { seed, block } = stateOf(variable.value) ?? {
    seed: m.host.observe("entropy", [SEED_BYTES], m) as Bytes,
    block: 0,
  };
  const text = `${Buffer.from(seed.data).toString("hex")}:${m.state.id}:${m.state.branch}`;
  const bytes = seededBytes(text, block, count);
  m.define(variable, Vector.from([seed, block + blocksOf(count)]), variable.meta);
  return bytes;
}

/** The generator's state, or null where there is none yet. */
function stateOf(value: Value): { readonly seed: Bytes; readonly block: number } | null {
  if (!(value instanceof Vector) || value.count !== 2) return null;
  const [seed, block] = [value.get(0), value.get(1)];
  return seed instanceof Bytes && typeof block === "number" ? { seed, block } : null;
}
