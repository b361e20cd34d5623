// Histories of any length, as the engine would have left them: of a program that makes one call after another (programs/history.fm).
//
// A real run of some turns shows how its texts go on: they differ in their numbers, each of which grows evenly with the turn, and in the keys
// of the calls. What is built is compared with turns of that run that were not used for it. One thing is not as the engine would have
// left it: the state hash in the turns between the snapshots kept, which is that of another turn (nobody reads it but a replay from
// before).
import { effectKey } from "../../../src/base/ids.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { decodeSnapshot, stateHash } from "../../../src/snapshot/snapshot.ts";
import { keepsSnapshot } from "../../../src/store/thinning.ts";
import type { SqlDriver } from "../../../src/store/sqlite/driver.ts";
import type { TurnCommit } from "../../../src/store/rows.ts";
import { copyRows } from "./stores.ts";

/** The task that makes the calls. */
const TASK = 2;
export const TOPIC = "bench/hold";
/** Rows written in one statement. */
const TOGETHER = 5_000;

/** A text as a function of the turn: pieces that stay, numbers that grow evenly. */
class Pattern {
  private constructor(
    private readonly pieces: readonly string[],
    private readonly numbers: readonly { readonly at: number; readonly each: number }[],
  ) {}

  /** From the texts of two turns. */
  static of(first: readonly [turn: number, text: string], second: readonly [turn: number, text: string]): Pattern {
    const [one, two] = [first[1].split(/(\d+)/), second[1].split(/(\d+)/)];
    const same = one.length === two.length && one.every((piece, i) => i % 2 === 1 || piece === two[i]);
    if (!same) throw new Error("the texts of two turns differ in more than their numbers");
    const pieces: string[] = [""];
    const numbers: { at: number; each: number }[] = [];
    one.forEach((piece, i) => {
      if (piece === two[i]) {
        pieces[pieces.length - 1] += piece;
        return;
      }
      const each = (Number(two[i]) - Number(piece)) / (second[0] - first[0]);
      numbers.push({ at: Number(piece) - each * first[0], each });
      pieces.push("");
    });
    return new Pattern(pieces, numbers);
  }

  at(turn: number): string {
    return this.pieces.map((piece, i) => (i === 0 ? "" : this.number(i - 1, turn)) + piece).join("");
  }

  private number(index: number, turn: number): string {
    const { at, each } = this.numbers[index];
    return String(at + each * turn);
  }
}

/** The texts of one turn, without what is its program's and its keys'. */
interface Texts {
  readonly answer: string;
  readonly turn: string;
  readonly snapshot: string;
}

const ID = "<id>";
const ASKED = "<asked>";
const ANSWERED = "<answered>";
const HASH = "<hash>";

export class HistoryPattern {
  private readonly answer: Pattern;
  private readonly turn: Pattern;
  private readonly snapshot: Pattern;
  private readonly hash: string;
  private readonly turns: number;

  /** From the commits of a real run, one turn each; `machine` has its code. */
  constructor(
    private readonly real: string,
    commits: readonly TurnCommit[],
    private readonly machine: Machine,
  ) {
    this.turns = commits.length;
    const [first, second, third] = [commits.length - 20, commits.length - 10, commits.length];
    const one = this.textsOf(commits[first - 1], first);
    const two = this.textsOf(commits[second - 1], second);
    this.answer = Pattern.of([first, one.answer], [second, two.answer]);
    this.turn = Pattern.of([first, one.turn], [second, two.turn]);
    this.snapshot = Pattern.of([first, one.snapshot], [second, two.snapshot]);
    this.hash = commits[first - 1].snapshot!.hash;
    for (const turn of [first - 7, third]) this.check(turn, commits[turn - 1]);
  }

  private textsOf({ entries, snapshot }: TurnCommit, turn: number): Texts {
    const keys = (text: string): string =>
      text
        .replaceAll(this.key(this.real, turn - 1), ASKED)
        .replaceAll(this.key(this.real, turn - 2), ANSWERED)
        .replaceAll(this.real, ID)
        .replaceAll(snapshot!.hash, HASH);
    if (entries.length !== 2 || snapshot === undefined)
      throw new Error("a turn has not an answer, a turn and a snapshot");
    return { answer: keys(entries[0].body), turn: keys(entries[1].body), snapshot: keys(snapshot.body) };
  }

  /** The key of call `n`. */
  private key(program: string, n: number): string {
    return effectKey(program, 0, TASK, n);
  }

  private check(turn: number, { entries, snapshot }: TurnCommit): void {
    const state = this.stateOf(this.real, turn);
    const built = [this.answerOf(this.real, turn), this.turnOf(this.real, turn, state.hash), state.body, state.hash];
    const real = [entries[0].body, entries[1].body, snapshot!.body, snapshot!.hash];
    built.forEach((text, i) => {
      if (text !== real[i]) throw new Error(`turn ${turn} was built as ${text}\nnot as ${real[i]}`);
    });
  }

  answerOf(program: string, turn: number): string {
    return this.answer.at(turn).replace(ANSWERED, this.key(program, turn - 2));
  }

  turnOf(program: string, turn: number, hash = this.hash): string {
    return this.turn
      .at(turn)
      .replace(ASKED, this.key(program, turn - 1))
      .replace(HASH, hash);
  }

  /** The snapshot after a turn. */
  stateOf(program: string, turn: number): { readonly body: string; readonly hash: string } {
    const body = this.snapshot
      .at(turn)
      .replaceAll(ASKED, this.key(program, turn - 1))
      .replaceAll(ID, program);
    return { body, hash: stateHash(decodeSnapshot(body, this.machine)) };
  }

  /** Makes a program with `turns` turns, two entries each, which the owner of the real one owns. */
  async build(driver: SqlDriver, program: string, turns: number): Promise<void> {
    await this.copyRow(driver, program, turns);
    for (const position of [0, 1]) await copyRows(driver, "journal", { program: this.real, position }, { program });
    const states = new Map<number, { body: string; hash: string }>();
    for (let turn = 2; turn <= turns; turn++)
      if (keepsSnapshot(turn, turns)) states.set(turn, this.stateOf(program, turn));
    await this.insertEntries(driver, program, turns, states);
    const kept = [...states].map(([turn, { hash, body }]) => [2 * turn, turn, hash, body]);
    await driver.run(
      `INSERT INTO snapshots (program, position, turn, hash, pinned, body)
        SELECT ?1, j.value ->> 0, j.value ->> 1, j.value ->> 2, 0, j.value ->> 3 FROM json_each(?2) AS j`,
      [program, JSON.stringify(kept)],
    );
  }

  private async copyRow(driver: SqlDriver, program: string, turns: number): Promise<void> {
    const key = this.key(program, turns - 1);
    const [{ waiting }] = await driver.all("SELECT waiting FROM programs WHERE id = ?", [this.real]);
    await copyRows(
      driver,
      "programs",
      { id: this.real },
      {
        id: program,
        position: 2 * turns,
        snapshot: 2 * turns,
        turn: turns,
        waiting: (waiting as string).replaceAll(this.key(this.real, this.turns - 1), key),
        calls: JSON.stringify([{ key, topic: TOPIC, position: 2 * turns - 1 }]),
      },
    );
  }

  private async insertEntries(
    driver: SqlDriver,
    program: string,
    turns: number,
    states: ReadonlyMap<number, { readonly hash: string }>,
  ): Promise<void> {
    let rows: (string | number)[][] = [];
    const write = async (): Promise<void> => {
      await driver.run(
        `INSERT INTO journal (program, position, kind, body, time)
          SELECT ?1, j.value ->> 0, j.value ->> 1, j.value ->> 2, ?3 FROM json_each(?2) AS j`,
        [program, JSON.stringify(rows), Date.now()],
      );
      rows = [];
    };
    for (let turn = 2; turn <= turns; turn++) {
      rows.push([2 * turn - 2, "answer", this.answerOf(program, turn)]);
      rows.push([2 * turn - 1, "turn", this.turnOf(program, turn, states.get(turn)?.hash)]);
      if (rows.length >= TOGETHER) await write();
    }
    if (rows.length > 0) await write();
  }
}
