// Recursion on a stack of our own: how deep a form nests is the user's choice, and the host's stack is small.
//
// A function that may recur is a generator that answers Deep<T>; it calls another one with `yield* call(other(...))`. So it
// reads like an ordinary function, and its activations live on the heap.

/** Work that may nest to any depth: asked again and again, it names other work to do first, or answers. */
export interface Deep<T> {
  next(answer: unknown): IteratorResult<Deep<unknown>, T>;
  /** Answers in place of what the work, or work it asked for, threw; or throws. */
  readonly recover?: (thrown: unknown) => T;
}

/** Calls deep work from deep work. */
export function* call<T>(work: Deep<T>): Generator<Deep<unknown>, T, unknown> {
  return (yield work) as T;
}

/** Work that is done already. */
export function done<T>(value: T): Deep<T> {
  return { next: () => ({ done: true, value }) };
}

/** The same work; what it throws is given to `recover`. */
export function attempt<T>(work: Deep<T>, recover: (thrown: unknown) => T): Deep<T> {
  return { next: (answer) => work.next(answer), recover };
}

/**
 * Does deep work to its end. What it throws and nobody recovers from is thrown here; its `catch`es and `finally`s are not run, so it
 * must have none around work it asks for.
 */
export function runDeep<T>(work: Deep<T>): T {
  const stack: Deep<unknown>[] = [work];
  let answer: unknown;
  while (stack.length > 0) {
    try {
      answer = runSteps(stack, answer);
    } catch (thrown) {
      answer = recovered(stack, thrown);
    }
  }
  return answer as T;
}

function runSteps(stack: Deep<unknown>[], given: unknown): unknown {
  let answer = given;
  while (stack.length > 0) {
    const step = stack[stack.length - 1].next(answer);
    if (step.done === true) {
      stack.pop();
      answer = step.value;
    } else {
      stack.push(step.value);
      answer = undefined;
    }
  }
  return answer;
}

/** What the innermost work that can recover answers; it and what it asked for are over. */
function recovered(stack: Deep<unknown>[], given: unknown): unknown {
  let thrown = given;
  for (let work = stack.pop(); work !== undefined; work = stack.pop()) {
    if (work.recover === undefined) continue;
    try {
      return work.recover(thrown);
    } catch (again) {
      thrown = again;
    }
  }
  throw thrown;
}
