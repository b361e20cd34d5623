// How many arguments a function takes, in words.

/** `1 argument`, `2 or 3 arguments`, `1 or more arguments`, of pairs of the parameters and 1 where a rest parameter follows. */
export function argumentsTaken(
  arities: readonly (readonly [params: number, rest: 0 | 1, ...unknown[]])[],
  what = "argument",
): string {
  const fixed = new Set(arities.filter(([, rest]) => rest === 0).map(([params]) => params));
  const open = arities.filter(([, rest]) => rest === 1).map(([params]) => params);
  let from = open.length > 0 ? Math.min(...open) : null;
  // What is taken one by one just below belongs to "or more".
  while (from !== null && fixed.delete(from - 1)) from--;
  if (from !== null) for (const params of [...fixed]) if (params >= from) fixed.delete(params);
  const counts = [...fixed].sort((a, b) => a - b).map(String);
  if (from !== null) counts.push(`${from} or more`);
  const last = counts.pop();
  const shown = counts.length === 0 ? last : `${counts.join(", ")} or ${last}`;
  return `${shown} ${what}${shown === "1" ? "" : "s"}`;
}

/** "takes 1 argument, but is called with 2" if none of the arities fits; else null, also where none is known. */
export function wrongArity(
  arities: readonly (readonly [params: number, rest: 0 | 1])[] | undefined,
  count: number,
  what = "argument",
): string | null {
  if (arities === undefined || arities.length === 0) return null;
  if (arities.some(([params, rest]) => (rest === 1 ? count >= params : count === params))) return null;
  return `takes ${argumentsTaken(arities, what)}, but is called with ${count}`;
}
