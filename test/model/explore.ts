// Explores a model: every state that can be reached, breadth first, what must never be, and whether its goal stays within reach.

/** A step that leads from one state to another. */
export interface Step<S> {
  readonly name: string;
  readonly next: S;
  /** It happens sooner or later if it stays possible. What is not fair may never happen. */
  readonly fair: boolean;
}

export interface Model<S> {
  readonly first: S;
  /** Equal for equal states, different for others. */
  readonly keyOf: (state: S) => string;
  readonly stepsOf: (state: S) => readonly Step<S>[];
  /** What must never be and is; null: all is well. */
  readonly wrongIn: (state: S) => string | null;
  readonly isGoal: (state: S) => boolean;
}

export interface Finding {
  readonly states: number;
  readonly goals: number;
  /** What is wrong; null: nothing. */
  readonly wrong: string | null;
  /** The shortest way there, by the names of its steps. */
  readonly path: readonly string[];
}

/**
 * Looks at all states, at most `most` (more are an error of the model). Wrong is a state that `wrongIn` names, and one from which no fair
 * steps lead to a goal: since the states are finite, if there is none then every fair run reaches a goal.
 */
export function explore<S>(model: Model<S>, most: number): Finding {
  const { stepsOf, keyOf, wrongIn, isGoal } = model;
  const states: S[] = [model.first];
  const numbers = new Map([[keyOf(model.first), 0]]);
  const from = [-1];
  const by = [""];
  /** Of each state those from which a fair step leads to it. */
  const before: number[][] = [[]];
  const goals: number[] = [];
  const pathTo = (at: number): string[] => {
    const path: string[] = [];
    for (let i = at; i > 0; i = from[i]) path.push(by[i]);
    return path.reverse();
  };
  for (let at = 0; at < states.length; at++) {
    const state = states[at];
    const wrong = wrongIn(state);
    if (wrong !== null) return { states: states.length, goals: goals.length, wrong, path: pathTo(at) };
    if (isGoal(state)) goals.push(at);
    for (const { name, next, fair } of stepsOf(state)) {
      const key = keyOf(next);
      let number = numbers.get(key);
      if (number === undefined) {
        number = states.push(next) - 1;
        if (number > most) throw new Error(`the model has more than ${most} states`);
        numbers.set(key, number);
        from.push(at);
        by.push(name);
        before.push([]);
      }
      if (fair) before[number].push(at);
    }
  }
  const stuck = firstOutside(goals, before);
  const wrong = stuck < 0 ? null : "it never comes to its end";
  return { states: states.length, goals: goals.length, wrong, path: stuck < 0 ? [] : pathTo(stuck) };
}

/** The first state from which no fair steps lead to a goal; -1: there is none. */
function firstOutside(goals: readonly number[], before: readonly (readonly number[])[]): number {
  const reaches = new Uint8Array(before.length);
  const open = [...goals];
  for (const goal of goals) reaches[goal] = 1;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const earlier of before[at]) {
      if (reaches[earlier] === 1) continue;
      reaches[earlier] = 1;
      open.push(earlier);
    }
  }
  return reaches.indexOf(0);
}
