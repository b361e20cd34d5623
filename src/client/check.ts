// Checks a script without running it: what the reader and the compiler refuse, all of it, and what is probably not meant.
//
// Of the script and of the modules it requires only that is evaluated which later forms must know to be compiled (S-2): ns and
// its like, macros, functions, constants. That happens on a machine of its own over the base image, which is thrown away: it has
// no effects, no output, and limited ticks. What a definition computes is not evaluated; it only declares its name.
import type { Files } from "../base/files.ts";
import { wrongArity } from "../code/arities.ts";
import { type Call, type CheckedForm, checkForm } from "../compiler/check.ts";
import { compileForm, type Warning } from "../compiler/compile.ts";
import { Raise } from "../data/meter.ts";
import { Closure, type Value } from "../data/value.ts";
import { Vector } from "../data/vector.ts";
import { placeNamed, SwitchedHost } from "../interpreter/host.ts";
import type { Host } from "../machine/host.ts";
import { errorOf } from "../machine/problems.ts";
import { traceOf } from "../machine/trace.ts";
import type { Linker, Unit } from "../machine/unit.ts";
import { closureOfSource, readingOf, refusing as raising } from "../module/compiling.ts";
import { currentNamespace, namespacesOf } from "../module/environment.ts";
import { type Image, modulesOf } from "../module/image.ts";
import { ProgramLibrary } from "../module/library.ts";
import { moduleSources } from "../module/module-source.ts";
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

/** Problems with the same key are the same problem. */
export function problemKey({ diagnostic: { code, message, span } }: Problem): string {
  return `${span?.source.name} ${span?.from} ${code} ${message}`;
}

export interface CheckOptions {
  readonly image: Image;
  /** How files are read. */
  readonly files: Files;
}

/** Ticks that what is evaluated of a script and its modules may take. */
const TICKS_MAX = 50_000_000;

/** What a form changes that says which names mean what. */
const TABLES = ["*ns*", "*namespaces*", "*loads*", "*found*"].map((name) => `flow.core/${name}`);

/** Warnings about what fails whenever it is evaluated. */
const CERTAIN: ReadonlySet<string> = new Set(["compile/arity"]);

const refusing: Host = {
  observe(kind) {
    throw new Raise(errorOf("macro/perform", `a check evaluates nothing that performs ${kind}`));
  },
};

/** Checks scripts, one after the other; they know nothing of each other. */
export class Checker {
  private readonly machine: CheckMachine;

  constructor(private readonly options: CheckOptions) {
    this.machine = new CheckMachine(new ProgramLibrary(options.image), new SwitchedHost(refusing), TICKS_MAX);
  }

  /**
   * All problems of a script, in the order of its text; then those of the modules it requires that keep it from being loaded.
   * `path`: the folders that modules are looked for in, in this order.
   */
  check(script: Script, path: readonly PathEntry[]): Problem[] {
    this.machine.reset();
    return new ScriptCheck(new Source(script.name, script.text), this.machine, path, this.options).run();
  }
}

class ScriptCheck implements Host {
  private readonly library: ProgramLibrary;
  private readonly sources: Map<string, Source>;
  private readonly modules: SearchPath;
  private readonly scope: CheckScope;
  private readonly problems = new Map<string, Problem>();
  private readonly calls: { readonly call: Call; readonly source: Source }[] = [];
  private nothing: Closure | null = null;
  /** Why what is evaluated will fail has been told. */
  private told = false;

  constructor(
    private readonly source: Source,
    private readonly machine: CheckMachine,
    path: readonly PathEntry[],
    { image, files }: CheckOptions,
  ) {
    this.library = machine.library;
    this.sources = new Map([[source.hash, source]]);
    machine.switched.current = this;
    this.modules = new SearchPath(files, path, () => modulesOf(image));
    this.scope = new CheckScope({ machine, library: this.library, sources: this.sources });
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
    return [...this.problems.values()].sort((a, b) => (from(a) === from(b) ? 0 : from(a) - from(b)));
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
    const problem = checked.problems.length === 0 ? this.problemOf(checked) : null;
    if (problem === null && checked.problems.length === 0) return;
    const failed = this.doPieces(form, spans, problem !== null);
    if (problem !== null && failed === 0) this.refuse(problem);
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
    const before = TABLES.map((name) => machine.variable(name)).map((table) => ({ table, value: table.value }));
    machine.callNext(closure, []);
    machine.run(Number.MAX_SAFE_INTEGER);
    const { main } = machine.state;
    if (main.control.kind === "done") return null;
    if (main.control.kind !== "fault") throw new Error("bug: what a check evaluates waits for something");
    // A fault stands where it was raised: what finally would put right, loads that are under way, is as it was.
    for (const { table, value } of before) machine.define(table, value, table.meta);
    return faultOf(main.id, main.control.error, traceOf(main.stack, main.segment), this.findSource);
  }

  /** Evaluates what may be evaluated; null, or why it failed: nothing more, if that has been told. */
  private problemOf(checked: CheckedForm): Diagnostic[] | null {
    this.told = false;
    const fault = checked.evaluated === null ? null : this.evaluate(this.closure(checked));
    if (fault === null) return null;
    return this.told ? [] : [this.diagnosticOf(fault)];
  }

  /**
   * What a form says of other namespaces cannot be done: piece by piece, so that the rest holds, and (`telling`) each piece is told of
   * that fails; answers how many do.
   */
  private doPieces(form: Value, spans: Spans, telling: boolean): number {
    let failed = 0;
    for (const piece of this.scope.piecesOf(form)) {
      const checked = checkForm(piece.form, this.scope.environment(this.source, spans));
      const problem = checked.problems.length > 0 ? checked.problems : this.problemOf(checked);
      if (problem === null) continue;
      failed++;
      this.scope.distrust(piece);
      if (telling) this.refuse(problem);
    }
    return failed;
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
    if (kind === "modules") return this.findModules(args);
    return refusing.observe(kind, args, machine);
  }

  private findModules([name, at]: readonly Value[]): Value {
    const { machine, library, sources } = this;
    const known = new Set(namespacesOf(machine));
    const found = raising(
      () => this.telling(() => moduleSources(this.modules, name as string, (one) => known.has(one))),
      placeNamed(at),
    );
    const target = { machine, library, sources, compiled: () => {} };
    return Vector.from(
      found.map(({ name: module, source }) => {
        sources.set(source.hash, source);
        return Vector.from([module, closureOfSource(target, source), source.name]);
      }),
    );
  }

  /** Does it; what is wrong with the text of a module is told here, where its text is at hand. */
  private telling<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof SourceError) {
        this.refuse(error.diagnostics);
        this.told = true;
      }
      throw error;
    }
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
      this.scope.distrustNames(currentNamespace(this.machine));
      return null;
    }
  }

  // ---- problems

  private refuse(found: readonly Diagnostic[]): void {
    for (const diagnostic of found) this.note({ severity: "error", diagnostic });
  }

  /** A module that is loaded again, after something failed, has the same problems again. */
  private note(problem: Problem): void {
    this.problems.set(problemKey(problem), problem);
  }

  private warn(source: Source, { code, message, place }: Warning): void {
    const span = place === 0 ? null : { source, from: place[0], to: place[1] };
    const severity = CERTAIN.has(code) ? "error" : "warning";
    this.note({ severity, diagnostic: { code, message, span, hint: null, notes: [] } });
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
