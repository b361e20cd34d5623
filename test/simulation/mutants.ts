// Bugs planted in the engine and in the memory store to see the simulation catch them: what would be wrong, and the text that makes it so.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: some are texts of templates

import type { Mutant } from "../mutants/mutants.ts";

const COMMIT = "src/store/memory/commit.ts";
const MEMORY = "src/store/memory/memory-store.ts";
const INTERPRETER = "src/interpreter/interpreter.ts";
const FLEET = "src/interpreter/fleet.ts";

/** `seed`: the first to be tried, where the first ones do not meet the bug. */
type Planted = Mutant & { readonly seed?: number };

/** Planted in the first tier: the others take the time of the long one. */
export const FIRST: readonly Planted[] = [
  {
    what: "a program is claimed whether its owner lives or not",
    file: MEMORY,
    find: "!queues.includes(row.queue) || this.#tables.isAlive(row.owner, now)) return false;",
    replace: "!queues.includes(row.queue)) return false;",
  },
  {
    what: "effects leave before their turn is committed",
    file: INTERPRETER,
    find: "    this.checkCommitted(await this.commitWatched(commit, span));",
    replace: `    if (!release) for (const effect of prepared.started.splice(0)) this.effects.start(effect);
    this.checkCommitted(await this.commitWatched(commit, span));`,
  },
  {
    what: "what may be sent once only is sent again by who takes the program over",
    file: "src/interpreter/effects.ts",
    find: 'if (made.contract === "at-most-once") this.hand(outgoing, "unknown", "null");\n      else if',
    replace: "if",
    seed: 30,
  },
];

export const MORE: readonly Planted[] = [
  {
    what: "a commit is not guarded by owner and term",
    file: COMMIT,
    find: "if (!owned || row.term !== change.term || row.turn",
    replace: "if (row.turn",
  },
  {
    what: "a commit is guarded by nothing but its position",
    file: COMMIT,
    find: "if (!owned || row.term !== change.term || row.turn !== change.turn ||",
    replace: "if (",
  },
  {
    what: "a commit consumes all inbox rows, not those that its turn took in",
    file: COMMIT,
    find: "  for (const { id, position } of change.consumed) {",
    replace: `  for (const row of openInbox(program)) Object.assign(row, { position: change.end, body: null });
  for (const { id, position } of change.consumed) {`,
  },
  {
    what: "a program whose owner died is claimed by nobody",
    file: "src/store/memory/tables.ts",
    find: "expires > now",
    replace: "expires > 0",
  },
  {
    what: "an expired sender's effect is sent again, though it may be sent once only",
    file: MEMORY,
    find: 'if (expired(effect) && effect.delivery === "at-most-once") this.#doubt(effect);',
    replace: "{}",
  },
  {
    what: "open calls make no program claimable",
    file: MEMORY,
    find: "row.turn === 0 || row.cut || row.calls.length > 0;",
    replace: "row.turn === 0 || row.cut;",
  },
  {
    what: "a wake time makes no program claimable",
    file: MEMORY,
    find: "runnable || (row.wake !== null && row.wake <= now) || inbox",
    replace: "runnable || inbox",
  },
  {
    what: "a call is not made again by who takes the program over",
    file: "src/interpreter/effects.ts",
    find: "else this.send(outgoing);",
    replace: "",
  },
  {
    what: "gc deletes what programs still name",
    file: MEMORY,
    find: "unnamed[kind].filter((hash) =>",
    replace: "old(kind).filter((hash) =>",
  },
  {
    what: "a rewind forgets the answers that it gives again",
    file: INTERPRETER,
    find: "    this.again = await readAgain(store, this.id, again, { ...input.entry, position });",
    replace: "    this.again = [];",
  },
  {
    what: "a process does not look at the store unless it is told to",
    file: FLEET,
    find: "const ms = next === null ? POLL_MS : Math.max(0, Math.min(POLL_MS, next - time));",
    replace: "const ms = next === null ? 1e9 : Math.max(0, next - time);",
  },
  {
    what: "a program whose commit was lost to an answer from elsewhere stays owned",
    file: FLEET,
    find: "      this.giveBackAll([row]).catch((cause: unknown) => this.fail(cause));\n",
    replace: "",
  },
  {
    what: "an answer from memory is taken beside one from the inbox",
    file: INTERPRETER,
    find: '        if (row.kind === "answer") this.answeredElsewhere(row.key);\n',
    replace: "",
    seed: 30,
  },
  {
    what: "a lost reply is taken for a commit",
    file: "src/interpreter/batcher.ts",
    find: "    } finally {\n      this.sendNext();\n    }",
    replace: `    } catch {
      return { kind: "committed", time: Date.now() };
    } finally {
      this.sendNext();
    }`,
  },
  {
    what: "answers to settled effects are delivered again",
    file: MEMORY,
    find: '    if (effect !== undefined && effect.program === program) {\n      if (effect.state === "settled") return { outcome: "already-settled" };',
    replace:
      "    this.#tables.programs.get(program)?.inbox.delete(key);\n    if (effect !== undefined && effect.program === program) {",
  },
];
