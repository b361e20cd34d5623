// Checks a script without running it: what the reader and the compiler refuse, all of it, and what is probably not meant.
//
// Of the script and of the modules it requires only that is evaluated which later forms must know to be compiled (S-2): ns and
// its like, macros, functions, constants. That happens on a machine of its own over the base image, which is thrown away: it has
// no effects, no output, and limited ticks. What a definition computes is not evaluated; it only declares its name.
import type { Files } from "../base/files.ts";
import type { Random } from "../base/random.ts";
import { wrongArity } from "../code/arities.ts";
import { type Call, type CheckedForm, checkForm } from "../compiler/check.ts";
import { compileForm, type Warning } from "../compiler/compile.ts";
import { Raise } from "../data/meter.ts";
import { Closure, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { LiveHost } from "../interpreter/host.ts";
import type { Host } from "../machine/host.ts";
import { errorOf } from "../machine/problems.ts";
import { traceOf } from "../machine/trace.ts";
import type { Linker, Unit } from "../machine/unit.ts";
import { readingOf } from "../module/compiling.ts";
import { type Image, modulesOf } from "../module/image.ts";
import { ProgramLibrary } from "../module/library.ts";
import { SearchPath } from "../module/search-path.ts";
import { sourceNamed } from "../module/sources.ts";
import { EachReader, readNext, type ReadOptions } from "../reader/sexp.ts";
import { type Diagnostic, SourceError } from "../source/diagnostic.ts";
import type { SourceSpan } from "../source/span.ts";
import { Source } from "../source/source.ts";
import { Spans } from "../source/spans.ts";
import { CheckMachine } from "./check-machine.ts";
import { CheckScope } from "./check-scope.ts";
import type { Fault, PathEntry, Place, Script } from "./client.ts";
import { faultOf, type FindSource } from "./faults.ts";

/** Something that is wrong, or (a warning) probably not meant. */
export interface Problem {
  readonly severity: "error" | "warning";
  readonly diagnostic: Diagnostic;
}

export interface CheckOptions {
  readonly image: Image;
  /** The folders that modules are looked for in, in this order, and how files are read. */
  readonly path: readonly PathEntry[];
  readonly files: Files;
}

/** Ticks that what is evaluated of a script and its modules may take. */
const TICKS_MAX = 50_000_000;

/** Warnings about what fails whenever it is evaluated. */
const CERTAIN: ReadonlySet<string> = new Set(["compile/arity"]);

const noEntropy: Random = {
  bytes: () => {
    throw new Error("bug: a check asked for entropy");
  },
};

/** All problems of a script, in the order of its text; then those of the modules it requires that keep it from being loaded. */
export function checkScript(script: Script, options: CheckOptions): Problem[] {
  return new Checker(new Source(script.name, script.text), options).run();
}

class Checker implements Host {
  private readonly library: ProgramLibrary;
  private readonly sources: Map<string, Source>;
  private readonly machine: CheckMachine;
  /** Finds modules, as it does for a program. */
  private readonly live: LiveHost;
  private readonly scope: CheckScope;
  private readonly problems: Problem[] = [];
  private readonly calls: { readonly call: Call; readonly source: Source }[] = [];
  private nothing: Closure | null = null;

  constructor(
    private readonly source: Source,
    { image, path, files }: CheckOptions,
  ) {
    this.library = new ProgramLibrary(image);
    this.sources = new Map([[source.hash, source]]);
    this.machine = new CheckMachine(this.library, this, { ticksMax: TICKS_MAX });
    this.machine.begin("check", image.hash, null, []);
    this.machine.state.ready.length = 0;
    const modules = new SearchPath(files, path, () => modulesOf(image));
    this.live = new LiveHost({ now: () => 0, random: noEntropy, modules }, this.library, this.sources);
    this.scope = new CheckScope({ machine: this.machine, library: this.library, sources: this.sources });
  }

  run(): Problem[] {
    const { source } = this;
    const reader = new EachReader(source, this.readOptions());
    for (let next = reader.next(); next !== null; next = reader.next()) {
      if (next.sound) this.topForm(next.form, reader.spans);
      else this.scope.declareLikely(next.form);
    }
    this.refuse(reader.errors);
    this.judgeCalls();
    const from = ({ diagnostic: { span } }: Problem): number =>
      span === null ? -1 : span.source === source ? span.from : Number.POSITIVE_INFINITY;
    return this.problems.sort((a, b) => (from(a) === from(b) ? 0 : from(a) - from(b)));
  }

  /** How names with `::` and records are read where the reader stands: namespaces that could not be loaded are taken on trust. */
  private readOptions(): ReadOptions {
    const { machine, scope } = this;
    const now = (): ReadOptions => readingOf({ machine });
    return {
      get ns() {
        return now().ns;
      },
      alias: (name) => scope.opaqueAlias(name) ?? now().alias?.(name) ?? null,
      tags: now().tags,
    };
  }

  // ---- forms

  private topForm(form: Value, spans: Spans): void {
    const { source } = this;
    const checked = this.check(form, source, spans);
    for (const found of checked.warnings) this.warn(source, found);
    for (const found of checked.remarks) this.warn(source, found);
    const fault = checked.evaluated === null ? null : this.evaluate(this.closure(checked));
    if (fault !== null) this.faulted(form, spans, fault);
  }

  /** Checks a form, notes its problems, and tells the scope what it defines. */
  private check(form: Value, source: Source, spans: Spans): CheckedForm {
    const checked = checkForm(form, this.scope.environment(source, spans));
    this.refuse(checked.problems);
    for (const call of checked.calls) this.calls.push({ call, source });
    this.scope.define(form, checked);
    return checked;
  }

  private closure({ evaluated }: Pick<CheckedForm, "evaluated">): Closure {
    if (evaluated === null) return this.doesNothing();
    this.library.add(evaluated.units);
    return new Closure(this.machine.findUnit(evaluated.hash), []);
  }

  private doesNothing(): Closure {
    if (this.nothing === null) {
      const { hash, units } = compileForm(null, this.scope.environment(new Source("<nothing>", ""), new Spans()));
      this.library.add(units);
      this.nothing = new Closure(this.machine.findUnit(hash), []);
    }
    return this.nothing;
  }

  private evaluate(closure: Closure): Fault | null {
    const { machine } = this;
    machine.callNext(closure, []);
    machine.run(Number.MAX_SAFE_INTEGER);
    const { main } = machine.state;
    if (main.control.kind === "done") return null;
    if (main.control.kind !== "fault") throw new Error("bug: what a check evaluates waits for something");
    return faultOf(main.id, main.control.error, traceOf(main.stack, main.segment), this.findSource);
  }

  /** What a form says of other namespaces could not be done: piece by piece, so that each piece is told of, and the rest holds. */
  private faulted(form: Value, spans: Spans, fault: Fault): void {
    const pieces = this.scope.piecesOf(form);
    const before = this.problems.length;
    for (const piece of pieces) {
      const checked = checkForm(piece.form, this.scope.environment(this.source, spans));
      const own = checked.evaluated === null ? null : this.evaluate(this.closure(checked));
      if (own === null) continue;
      this.scope.distrust(piece);
      this.refuse([this.diagnosticOf(own)]);
    }
    if (this.problems.length === before) this.refuse([this.diagnosticOf(fault)]);
  }

  /** Calls of what was defined behind them. */
  private judgeCalls(): void {
    for (const { call, source } of this.calls) {
      const wrong = wrongArity(this.scope.aritiesOf(call.name), call.count);
      if (wrong === null || source !== this.source) continue;
      this.warn(source, { code: "compile/arity", message: `${call.name} ${wrong}`, place: call.place });
    }
  }

  // ---- what the machine asks

  /** Modules are found as ever; of their forms the machine is given what may be evaluated. Everything else is refused. */
  observe(kind: string, args: readonly Value[], machine: Linker): Value {
    if (kind === "compile") return this.compileNext(args);
    if (kind === "modules") {
      const found = this.live.observe(kind, args, machine);
      this.live.take();
      return found;
    }
    throw new Raise(errorOf("macro/perform", `a check evaluates nothing that performs ${kind}`));
  }

  private compileNext([of, offset]: readonly Value[]): Value {
    const hash = of instanceof Closure ? (of.unit as Unit).debug.hash : of;
    const source = this.sources.get(hash as string) as Source;
    const next = this.readNext(source, offset as number);
    if (next === null) return null;
    return Vector.from([this.closure(this.check(next.form, source, next.spans)), next.end]);
  }

  private readNext(source: Source, offset: number) {
    try {
      return readNext(source, offset, this.readOptions());
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      // A text that was found has been read once, so this is a name or a tag that means nothing there. What follows is not read.
      this.refuse(error.diagnostics);
      return null;
    }
  }

  // ---- problems

  private refuse(found: readonly Diagnostic[]): void {
    for (const diagnostic of found) this.problems.push({ severity: "error", diagnostic });
  }

  private warn(source: Source, { code, message, place }: Warning): void {
    const span = place === 0 ? null : { source, from: place[0], to: place[1] };
    const severity = CERTAIN.has(code) ? "error" : "warning";
    this.problems.push({ severity, diagnostic: { code, message, span, hint: null, notes: [] } });
  }

  private diagnosticOf({ code, type, message, hint, place, notes }: Fault): Diagnostic {
    const placed = notes.map((note) => ({ message: note.message, span: this.spanOf(note.place) }));
    return { code: code ?? type, message, span: this.spanOf(place), hint, notes: placed };
  }

  private spanOf(place: Place | null): SourceSpan | null {
    const source = place === null ? null : this.findSource(place.source);
    return place === null || source === null ? null : { source, from: place.from, to: place.to };
  }

  private readonly findSource: FindSource = (name) => sourceNamed(this.sources, name);
}
