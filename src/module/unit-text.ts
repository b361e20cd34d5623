// A unit as text, as the store and the base image keep it (src/code/code.ts).

export interface UnitText {
  /** Unit hash (S-1). */
  readonly hash: string;
  readonly code: string;
  readonly debug: string;
}
