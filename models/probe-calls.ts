import { EnvironmentError } from '../harness/support/errors.js';

/** A call of a probe in one forward, from 1, and the names under which it is asked for. */
export interface ProbeCall {
  readonly call: number;
  readonly names: readonly string[];
}

/**
 * Tells the calls of a probe apart in one forward. `NAME#k` asks for the k-th call, `NAME` for the only one.
 * @param asked whether a name is asked for
 * @returns to be called at each call of a probe; throws an EnvironmentError at a second one where `NAME` is asked for
 */
export function countCalls(asked: (name: string) => boolean): (name: string) => ProbeCall {
  const calls = new Map<string, number>();
  return (name) => {
    const call = (calls.get(name) ?? 0) + 1;
    calls.set(name, call);
    if (call > 1 && asked(name))
      throw new EnvironmentError(
        `the model calls ${name} more than once, so that it has no one output; ${name}#1, ${name}#2, … are wanted in its place`,
      );
    return { call, names: [name, `${name}#${call}`].filter(asked) };
  };
}
