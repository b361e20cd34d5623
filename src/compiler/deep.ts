// Recursion on a stack of our own: how deep a form nests is the user's choice, and the host's stack is small.
//
// A function that may recur is a generator that answers Deep<T>; it calls another one with `yield* call(other(...))`. So it
// reads like an ordinary function, and its activations live on the heap.

/** Work that may nest to any depth: asked again and again, it names other work to do first, or answers. */
export interface Deep<T> {
  next(answer: unknown): IteratorResult<Deep<unknown>, T>;
}

/** Calls deep work from deep work. */
export function* call<T>(work: Deep<T>): Generator<Deep<unknown>, T, unknown> {
  return (yield work) as T;
}

/** Work that is done already. */
export function done<T>(value: T): Deep<T> {
  return { next: () => ({ done: true, value }) };
}

/** Does deep work to its end. What it throws is thrown here; its `finally`s are not run, so it must have none. */
export function runDeep<T>(work: Deep<T>): T {
  const stack: Deep<unknown>[] = [work];
  let answer: unknown;
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
  return answer as T;
}
