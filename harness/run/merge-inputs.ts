import type { RunInputs } from '../result/record/tipc-run.js';
import { UserError } from '../support/errors.js';
import type { LabelledSteps } from './labelled-steps.js';

/**
 * The inputs of all runs. A yml, a data set or weights that several runs name must be the same.
 * @throws UserError for runs that read something else by one name, and for one that does not say what it read
 */
export function mergeInputs(runs: readonly LabelledSteps[]): RunInputs | null {
  const known = runs.filter(({ tipc }) => tipc.inputs !== null);
  if (known.length === 0) return null;
  const unknown = runs.find(({ tipc }) => tipc.inputs === null);
  if (unknown !== undefined)
    throw new UserError(
      `Cannot merge ${known[0]!.label} and ${unknown.label}: ${unknown.label} does not say what it read; runs that record their inputs are wanted. Fix: run ${unknown.label} again`,
    );
  validateInputs(runs);
  const all = runs.map(({ tipc }) => tipc.inputs!);
  return {
    configs: uniqueBy(
      all.flatMap(({ configs }) => configs),
      ({ name }) => name,
    ),
    data: uniqueBy(
      all.flatMap(({ data }) => data),
      ({ name }) => name,
    ),
    weights: uniqueBy(
      all.flatMap(({ weights }) => weights),
      ({ path }) => path,
    ),
    manifest: runs[0]!.tipc.inputs!.manifest,
  };
}

/**
 * Of a yml, a data set or weights that several runs name, they read the same.
 * @throws UserError
 */
export function validateInputs(runs: readonly Pick<LabelledSteps, 'label' | 'tipc'>[]): void {
  const known = runs.flatMap(({ label, tipc }) => (tipc.inputs === null ? [] : [{ label, inputs: tipc.inputs }]));
  for (const [at, other] of known.entries()) for (const one of known.slice(0, at)) validateSame(one, other);
}

interface LabelledInputs {
  readonly label: string;
  readonly inputs: RunInputs;
}

function validateSame(one: LabelledInputs, other: LabelledInputs): void {
  const found = keysOf(other.inputs);
  const differs = [...keysOf(one.inputs)].find(([name, key]) => found.has(name) && found.get(name) !== key);
  if (differs === undefined) return;
  const [name, key] = differs;
  throw new UserError(
    `Cannot merge ${one.label} and ${other.label}: they read different versions of ${name} (${key}; ${found.get(name)}); the same inputs are wanted`,
  );
}

/** Ymls as the commands name them: a smaller one in its place is a deviation and not another input. */
function keysOf({ configs, data, weights }: RunInputs): Map<string, string> {
  const short = (sha256: string | null) => (sha256 === null ? 'not listed' : `sha256 ${sha256.slice(0, 12)}`);
  return new Map([
    ...configs.map(({ name, sha256 }) => [`the yml ${name}`, short(sha256)] as const),
    ...data.map(
      ({ name, sha256, images, standsInFor }) =>
        [
          `the data set ${name}`,
          `${images ?? 'no'} pictures, ${short(sha256)}${standsInFor === null ? '' : `, in place of ${standsInFor}`}`,
        ] as const,
    ),
    ...weights.map(({ path, sha256 }) => [`the weights ${path}`, short(sha256)] as const),
  ]);
}

function uniqueBy<T>(values: readonly T[], keyOf: (value: T) => string): T[] {
  return [...new Map([...values].reverse().map((value) => [keyOf(value), value])).values()].reverse();
}
