// Which old snapshots are kept (E-19): the latest, one every 64 turns for the last 1,024, then ever fewer, in powers of two.

/** [below this age in turns, kept if the turn is a multiple of this], oldest last. */
const LADDER: readonly (readonly [age: number, spacing: number])[] = Array.from({ length: 24 }, (_, i) => [
  1024 * 2 ** i,
  64 * 2 ** i,
]);
const OLDEST = 64 * 2 ** 24;

/** Whether the snapshot of a turn stays when there is one of turn `latest`. */
export function keepsSnapshot(turn: number, latest: number): boolean {
  const age = latest - turn;
  if (age <= 0) return true;
  return turn % (LADDER.find(([below]) => age <= below)?.[1] ?? OLDEST) === 0;
}

/** The same as an SQL expression over two expressions. */
export function keepsSnapshotSql(turn: string, latest: string): string {
  const cases = LADDER.map(([below, spacing]) => `WHEN ${latest} - ${turn} <= ${below} THEN ${spacing}`).join(" ");
  return `(${turn} >= ${latest} OR ${turn} % (CASE ${cases} ELSE ${OLDEST} END) = 0)`;
}
