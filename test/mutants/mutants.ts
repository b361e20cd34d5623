// Bugs planted to see the property over random programs catch them: what would be wrong, and the text that makes it so.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: some are texts of the generator, which writes templates

export interface Mutant {
  readonly what: string;
  /** Path below the root. */
  readonly file: string;
  /** Text that must occur in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    what: "a frame loses its third slot",
    file: "src/machine/registers.ts",
    find: "count > 2 ? pick(slots, live[2]) : null,",
    replace: "null,",
  },
  {
    what: "generated code swaps two slots of a frame",
    file: "src/machine/generate.ts",
    find: "const held = [0, 1, 2, 3, 4, 5]",
    replace: "const held = [1, 0, 2, 3, 4, 5]",
  },
  {
    what: "a cell is stale after a restore: its first value was kept",
    file: "src/snapshot/encode-state.ts",
    find: 'this.values.value(writer, value);\n    const plain = type === "atom";',
    replace: `const cache = globalThis as unknown as { rows?: Map<string, Value> };
    cache.rows ??= new Map();
    const key = type + this.state.vars.size + ":" + id;
    if (!cache.rows.has(key)) cache.rows.set(key, value);
    this.values.value(writer, cache.rows.get(key) as Value);
    const plain = type === "atom";`,
  },
  {
    what: "an effect is made twice",
    file: "src/machine/machine.ts",
    find: "this.outbox.push({ key, kind, topic, payload, contract });",
    replace: "for (const _ of [1, 2]) this.outbox.push({ key, kind, topic, payload, contract });",
  },
  {
    what: "after a restore, effects are counted from the beginning and their keys made again",
    file: "src/snapshot/decode-state.ts",
    find: "task.effects = isCounter(effects) ? effects :",
    replace: "task.effects = isCounter(effects) ? 0 :",
  },
  {
    what: "exit skips finally",
    file: "src/machine/unwind.ts",
    find: 'if (marker.type === "finally") return',
    replace: 'if (marker.type === "finally" && completion.get(0) !== "exit") return',
  },
  {
    what: "a marker is not popped at the normal end of its body",
    file: "src/machine/direct.ts",
    find: "popMarker(m);\n        pc = end[1];",
    replace: "m.stack = m.marker!.next;\n        pc = end[1];",
  },
  {
    what: "generated code does not count the ticks of loops",
    file: "src/machine/generate.ts",
    find: "return m.cutHead();}meter.fuel--;",
    replace: "return m.cutHead();}",
  },
  {
    what: "a continuation can be resumed once: its frames are emptied on the way",
    file: "src/machine/direct.ts",
    find: "takeSlots(frame, block, slots);\n",
    replace: "takeSlots(frame, block, slots);\n  if (block.live.length > 0) (frame as { a: Value }).a = null;\n",
  },
  {
    what: "a snapshot drops a timer",
    file: "src/snapshot/encode-state.ts",
    find: "state.timers.map(({ due, event }) =>",
    replace: "state.timers.slice(1).map(({ due, event }) =>",
  },
  {
    what: "a replay takes observations in another order",
    file: "src/interpreter/host.ts",
    find: "this.record[this.next++]",
    replace: "this.record[this.next++ ^ 1]",
  },
  {
    what: "tasks run in another order after a restore",
    file: "src/snapshot/decode-state.ts",
    find: "return [...found];",
    replace: "return [...found].reverse();",
  },
  {
    what: "a lazy sequence is worked out each time it is looked at",
    file: "src/machine/machine.ts",
    find: "cell.thunk = null;\n",
    replace: "",
  },
  {
    what: "a fuel cut forgets the value on its way to a frame",
    file: "src/machine/generate.ts",
    find: "return m.cutResume(v);meter.fuel--;",
    replace: "return m.cutResume(null);meter.fuel--;",
  },
  {
    what: "a handler does not handle what its continuation performs",
    file: "src/machine/machine.ts",
    find: 'captureTo(this, segment, "with-prompt")',
    replace: 'captureTo(this, segment, "without-prompt")',
  },
  {
    what: "the compiler forgets slots that only one branch reads",
    file: "src/compiler/liveness.ts",
    find: "bits[i] |= after[i];",
    replace: "bits[i] = after[i];",
  },
  {
    what: "a cancel interrupts clean-ups",
    file: "src/machine/tasks.ts",
    find: 'if (kind === "fault" || !isSheltered(task)) proceed',
    replace: "proceed",
  },
  {
    what: "a limit interrupts clean-ups",
    file: "src/machine/tasks.ts",
    find: "for (const frame of shelter < 0 ? frames : frames.slice(0, shelter)) {",
    replace: "for (const frame of frames) {",
  },
  {
    what: "a scope is left before its tasks are over",
    file: "src/machine/tasks.ts",
    find: "cancelTasks(m, scope);\n  return waitLeaving(m, scope, completion);",
    replace: "cancelTasks(m, scope);\n  return null;",
  },
  {
    what: "the end of a scope does not wait for its tasks",
    file: "src/machine/tasks.ts",
    find: "if (!m.scopes.has(scope)) settle(",
    replace: "settle(",
  },
  {
    what: "after a restore, a task belongs to no scope",
    file: "src/snapshot/decode-state.ts",
    find: "task.scope = this.scope(scope,",
    replace: "task.own = this.scope(scope,",
  },
  {
    what: "after a restore, a task is not cancelled",
    file: "src/snapshot/decode-state.ts",
    find: "task.cancelled = cancelled === 1;",
    replace: "task.cancelled = false;",
  },
  // Leaf functions: src/machine/leaf.ts, phrases.ts, and their calls in generate.ts.
  {
    what: "the return of a leaf function takes no tick",
    file: "src/machine/generate.ts",
    find: 'meter.fuel--;${result >= 0 ? `s${result}=r;` : ""}pc=',
    replace: '${result >= 0 ? `s${result}=r;` : ""}pc=',
  },
  {
    what: "a leaf function that does not answer keeps the tick it took",
    file: "src/machine/generate.ts",
    find: "}meter.fuel=n;SIGNAL.error=null;}",
    replace: "}SIGNAL.error=null;}",
  },
  {
    what: "a cut behind a leaf function loses its place: there is no frame",
    file: "src/machine/generate.ts",
    find: "if(meter.fuel<=0){${this.pushFrame(next)}return m.cutResume(r);}",
    replace: "if(meter.fuel<=0){return m.cutResume(r);}",
  },
  {
    what: "a cut behind a leaf function loses what it answered",
    file: "src/machine/generate.ts",
    find: "return m.cutResume(r);",
    replace: "return m.cutResume(v);",
  },
  {
    what: "a leaf function takes its arguments from the last to the first",
    file: "src/machine/leaf.ts",
    find: '["self", ...names].join',
    replace: '["self", ...names.slice().reverse()].join',
  },
  {
    what: "an error inside a leaf function has no frame of it in its trace",
    file: "src/machine/generate.ts",
    find: "this.add(LEAF_DECLINED);",
    replace: `this.add(\`}else if((r=SIGNAL.error)!==null){SIGNAL.error=null;\${this.pushFrame(next)}\`);
    this.add('return m.raise(r,{kind:"throw",error:r});');
    this.add(LEAF_DECLINED);`,
  },
  {
    what: "a leaf function does not see bindings",
    file: "src/machine/leaf.ts",
    find: "if(t.dynamic||t.value===UNBOUND)return SIGNAL;",
    replace: "if(t.value===UNBOUND)return SIGNAL;",
  },
  {
    what: "a leaf function makes a ref, and another in frames when it does not answer",
    file: "src/machine/leaf.ts",
    find: "if (primitive.once) return false;",
    replace: "",
  },
  {
    what: "a leaf function takes the short way of a primitive, whatever the operands",
    file: "src/machine/leaf.ts",
    find: "`if(${inline.when})${target}=${inline.value};else{${call}}`",
    replace: "`${target}=${inline.value};`",
  },
  {
    what: "generated code takes a function's first capture for every one",
    file: "src/machine/phrases.ts",
    find: ".captures[${index}]",
    replace: ".captures[0]",
  },
  // Vectors built in place (S-13).
  {
    what: "a capture does not drop the owner token: what the frames hold changes in place",
    file: "src/machine/unwind.ts",
    find: "  meter.owner = {};\n",
    replace: "",
  },
  {
    what: "a conj takes the token of whoever is building: a finished vector changes in place",
    file: "src/primitive/collection.ts",
    find: "if (coll instanceof Vector) return coll.push(x, owner);",
    replace: "if (coll instanceof Vector) return coll.push(x, owner ?? meter.owner);",
  },
  {
    what: "two builders have one token: the second changes the map of the first",
    file: "src/primitive/collection.ts",
    find: "addEntries(map, x.entries(), owner ?? {})",
    replace: "addEntries(map, x.entries(), owner ?? meter.owner)",
  },
];
