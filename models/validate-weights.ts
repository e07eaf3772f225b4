import { sameShape } from '../harness/contract/nd-array.js';
import { EnvironmentError } from '../harness/support/errors.js';

interface Shaped {
  readonly shape: readonly number[];
}

/**
 * Compares given arrays with the names and shapes a model has. Throws an EnvironmentError that names the first
 * difference.
 */
export function validateWeights(
  actual: ReadonlyMap<string, Shaped>,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  validateNames('load the weights', actual, expected);
}

/** The same for what a forward draws at random. */
export function validateDraws(
  actual: ReadonlyMap<string, Shaped>,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  validateNames('use the draws', actual, expected);
}

function validateNames(
  action: string,
  actual: ReadonlyMap<string, Shaped>,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  for (const [name, shape] of expected) {
    const given = actual.get(name);
    if (given === undefined)
      throw new EnvironmentError(`Cannot ${action}: ${name} is missing; [${shape.join(', ')}] is wanted`);
    if (!sameShape(given.shape, shape)) {
      throw new EnvironmentError(
        `Cannot ${action}: ${name} is [${given.shape.join(', ')}]; [${shape.join(', ')}] is wanted`,
      );
    }
  }
  for (const name of actual.keys()) {
    if (!expected.has(name))
      throw new EnvironmentError(`Cannot ${action}: ${name} is given; the model has nothing of that name`);
  }
}
