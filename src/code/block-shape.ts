// Validation of blocks: kinds, live lists, operations and their parts against the grammar (E-24).
//
// Every process checks hundreds of units as it starts: so where the checker is, it keeps in numbers, and the path that a
// message needs is made only then.
import { Malformed, shown } from "./checks.ts";
import { Block } from "./code.ts";
import { ENDS, type Field, MARKERS, OPS, PROMPTS, slotOf } from "./grammar.ts";

/** More than a person or a program would write in one function; bounds what validation can cost. */
export const LIMITS = { slots: 20_000, blocks: 200_000, parameters: 1_000 } as const;

/** How many there are of everything that code names by an index. */
export type Sizes = {
  readonly [key in "captures" | "slots" | "self" | "consts" | "globals" | "units" | "blocks"]: number;
};

const PRIMITIVE = /^[\x21-\x3f\x41-\x7e]{1,100}@[1-9]\d{0,3}$/;
const OPERAND = /^[kcg](?:0|[1-9]\d{0,8})$/;

/** Checks the blocks of one unit; throws Malformed. */
export class BlockChecker {
  private block = 0;
  /** `.live`, `.ops`, `.end` ... */
  private part = "";
  private op = -1;
  private field = -1;
  private element = -1;

  constructor(private readonly sizes: Sizes) {}

  check(input: unknown, index: number): void {
    this.block = index;
    this.at("");
    const block = this.sized(input, 5);
    this.at(".kind");
    const kind = this.index(block[0], 6);
    this.at(".result");
    const result = block[2] === -1 ? -1 : this.index(block[2], this.sizes.slots);
    const bare = kind === Block.PLAIN || kind === Block.ENTRY;
    if ((bare || kind === Block.HEAD) && result !== -1) this.fail("is set, but nothing is received here");
    this.at(".live");
    const live = this.list(block[1]);
    if (bare && live.length > 0) this.fail("is not empty, but nothing is restored here");
    if (live.length > 0) this.live(live, result);
    this.at(".ops");
    const ops = this.list(block[3]);
    for (this.op = 0; this.op < ops.length; this.op++) this.fields(ops[this.op], OPS);
    this.at(".end");
    this.fields(block[4], ENDS);
  }

  private at(part: string): void {
    this.part = part;
    this.op = -1;
    this.field = -1;
    this.element = -1;
  }

  private fail(message: string): never {
    const steps = [this.op, this.field, this.element].map((step) => (step < 0 ? "" : `[${step}]`));
    throw new Malformed(`blocks[${this.block}]${this.part}${steps.join("")}`, message);
  }

  private live(live: readonly unknown[], result: number): void {
    const seen = new Set<number>();
    for (const element of live) {
      if (typeof element !== "number" || !Number.isSafeInteger(element)) this.fail("holds something that is no slot");
      const slot = this.index(slotOf(element), this.sizes.slots);
      if (slot === result) this.fail(`holds the result, slot ${slot}`);
      if (seen.has(slot)) this.fail(`holds slot ${slot} twice`);
      seen.add(slot);
    }
  }

  /** An op or end against its row of the table. */
  private fields(input: unknown, table: ReadonlyMap<string, readonly Field[]>): void {
    this.field = -1;
    const part = this.list(input);
    const fields = table.get(part[0] as string);
    if (fields === undefined) return this.fail(`has the unknown operation ${shown(part[0])}`);
    if (part.length !== fields.length + 1) this.fail(`has ${part.length - 1} parts instead of ${fields.length}`);
    for (this.field = 1; this.field < part.length; this.field++) this.value(fields[this.field - 1], part[this.field]);
    this.field = -1;
    if (part[0] === "push") this.marker(part);
    else if (part[0] === "prompt") this.count(2, part[2], PROMPTS.get(part[1] as string)!);
    else if (part[0] === "group") this.group(part);
  }

  private value(field: Field, value: unknown): void {
    const { sizes } = this;
    switch (field) {
      case "x":
      case "head":
        this.operand(value, field === "head");
        break;
      case "option":
        if (value !== -1) this.operand(value, false);
        break;
      case "xs":
        this.each(value, (operand) => this.operand(operand, false));
        break;
      case "dst":
        this.index(value, sizes.slots);
        break;
      case "id":
        if (value !== -1) this.index(value, sizes.slots);
        break;
      case "dsts":
        this.each(value, (slot) => this.index(slot, sizes.slots));
        break;
      case "unit":
        this.index(value, sizes.units);
        break;
      case "units":
        this.each(value, (unit) => this.index(unit, sizes.units));
        break;
      case "global":
        this.index(value, sizes.globals);
        break;
      case "member":
        if (sizes.self < 0) this.fail("names a sibling, but there is no self");
        this.index(value, LIMITS.slots);
        break;
      case "prim":
        if (typeof value !== "string" || !PRIMITIVE.test(value)) this.fail(`is malformed: ${shown(value)}`);
        break;
      case "marker":
        if (!MARKERS.has(value as string)) this.fail(`is unknown: ${shown(value)}`);
        break;
      case "prompt":
        if (!PROMPTS.has(value as string)) this.fail(`is unknown: ${shown(value)}`);
        break;
      case "clause-block":
        if (value !== -1) this.index(value, sizes.blocks);
        break;
      default:
        this.index(value, sizes.blocks);
    }
  }

  private operand(operand: unknown, head: boolean): void {
    if (typeof operand === "number") {
      this.index(operand, this.sizes.slots);
      return;
    }
    if (typeof operand !== "string" || !OPERAND.test(operand)) return this.fail(`is no operand: ${shown(operand)}`);
    const index = Number(operand.slice(1));
    const kind = operand.charAt(0);
    if (kind === "k") this.index(index, this.sizes.consts);
    else if (kind === "c") this.index(index, this.sizes.captures);
    else if (head) this.index(index, this.sizes.globals);
    else this.fail("is a global, which only the head of a call may be");
  }

  private each(value: unknown, check: (item: unknown) => void): void {
    const items = this.list(value);
    for (this.element = 0; this.element < items.length; this.element++) check(items[this.element]);
    this.element = -1;
  }

  private marker(part: readonly unknown[]): void {
    const marker = MARKERS.get(part[1] as string)!;
    this.count(3, part[3], marker.data);
    this.field = 4;
    if ((part[4] !== -1) !== marker.clause) this.fail(marker.clause ? "is missing a clause" : "has a clause");
  }

  private group(part: readonly unknown[]): void {
    const slots = part[1] as readonly number[];
    if (slots.length === 0) this.fail("is an empty group");
    if (slots.length !== (part[2] as readonly unknown[]).length) this.fail("has not as many units as slots");
    if (new Set(slots).size !== slots.length) this.fail("writes a slot twice");
  }

  private count(field: number, value: unknown, count: number): void {
    this.field = field;
    this.sized(value, count);
    this.field = -1;
  }

  private list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : this.fail("is not a list");
  }

  private sized(value: unknown, count: number): readonly unknown[] {
    const list = this.list(value);
    return list.length === count ? list : this.fail(`has ${list.length} elements instead of ${count}`);
  }

  private index(value: unknown, below: number): number {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < below) return value;
    return this.fail(`is ${shown(value)}, not a whole number below ${below}`);
  }
}
