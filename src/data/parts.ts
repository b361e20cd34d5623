// What a compound value consists of. Walks over values take it apart with this, so that they can be iterative.
import { elements, isSequential } from "./sequential.ts";
import {
  type Closure,
  type ErrorValue,
  type Keyword,
  Kind,
  type MapValue,
  type Obj,
  type Tagged,
  type Value,
} from "./value.ts";

/** What a walk must know of a set; `PSet` fulfils it. */
export interface SetValue extends Obj {
  readonly count: number;
  has(key: Value): boolean;
  toArray(): Value[];
}

/** What a walk must know of a record beside its entries; `RecordValue` fulfils it. */
export interface RecordType extends MapValue {
  readonly type: Keyword;
  readonly fields: number;
}

/** Has it parts that equality looks into? */
export function isCompound(v: Obj): boolean {
  switch (v.kind) {
    case Kind.PMap:
    case Kind.Record:
    case Kind.PSet:
    case Kind.Tagged:
    case Kind.ErrorValue:
    case Kind.Closure:
      return true;
    default:
      return isSequential(v);
  }
}

/** The parts of a compound value in order, of a map or record key, value, key, value...; null where a walk meets an unrealised lazy cell. */
export function partsOf(v: Obj): readonly Value[] | null {
  switch (v.kind) {
    case Kind.PMap:
    case Kind.Record: {
      const parts: Value[] = [];
      (v as MapValue).forEach((key, value) => void parts.push(key, value));
      return parts;
    }
    case Kind.PSet:
      return (v as SetValue).toArray();
    case Kind.Tagged:
      return [(v as Tagged).tag, (v as Tagged).value];
    case Kind.ErrorValue:
      return [(v as ErrorValue).type, (v as ErrorValue).data, (v as ErrorValue).cause];
    case Kind.Closure:
      return (v as Closure).captures;
    default:
      return elements(v);
  }
}
