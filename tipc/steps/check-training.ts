import { join } from 'node:path';
import type { NdArray } from '../../harness/contract/nd-array.js';
import { isBuffer } from '../../harness/golden/seeded.js';
import { readWeightsFile } from '../../harness/golden/weights-file.js';
import { UserError } from '../../harness/support/errors.js';
import { explainSystem } from '../../harness/support/explain-system.js';
import { findModel } from '../../models/registry.js';
import { readModelWeights } from '../../pipeline/weights/export-weights.js';
import { hashParameters } from '../../pipeline/weights/hash-parameters.js';
import { applyOpts } from '../../pipeline/yml/apply-opts.js';
import { modelSection, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import type { StepRequest } from '../text/request.js';
import { check } from './judgement.js';
import type { Translation } from './translation.js';

/** Where the row's checkpoint is, and where it is for this row alone where the trainer wrote no best_model. */
export function checkpointsOf(
  { step, folder }: Translation,
  iterations: number,
): { expected: string; otherwise: string } {
  const last = `iter_${iterations}/model.pdparams`;
  const expected = step.checkpoint?.expected ?? last;
  return {
    expected: join(folder, expected === step.checkpoint?.otherwise ? last : expected),
    otherwise: join(folder, last),
  };
}

/** What the command says, else its yml. */
export async function askedIterations(request: StepRequest, config: string): Promise<number> {
  const given = request.value('--iters');
  if (given !== null) return Number(given);
  const { iters } = applyOpts(await readPaddleSegConfig(config), request.values('--opts')).values;
  return Number(iters);
}

/**
 * A training that leaves its parameters as they were has learnt nothing, whatever its losses do: batches differ, and
 * drops do. Any step moves what begins at 0, however small the learning rate is: there a move of a rounding error of 1
 * is none.
 */
export async function checkLearnt(path: string, start: Readonly<Record<string, string>>) {
  try {
    const weights = await readWeightsFile(path);
    const found = hashParameters(weights);
    const names = Object.keys(start);
    const moved = names.filter((name) => {
      if (found[name] === start[name]) return false;
      const array = weights.get(name);
      return array === undefined || largest(array) > 2 ** -24 || start[name] !== hashOfZeros(name, array);
    }).length;
    return check('learnt', moved > 0, `${moved} of ${names.length} parameters differ from the start`);
  } catch (error) {
    return check('learnt', false, faultOfFile(error));
  }
}

/** Of a parameter that is 0 throughout. */
function hashOfZeros(name: string, { dtype, shape, data }: NdArray): string | undefined {
  const zeros = { dtype, shape, data: new (data.constructor as new (count: number) => never)(data.length) };
  return hashParameters(new Map([[name, zeros]]))[name];
}

function largest({ data }: NdArray): number {
  let most = 0;
  for (const value of data) most = Math.max(most, Math.abs(Number(value)));
  return most;
}

/** Of NaN and Inf, JSON keeps null. */
export function checkLosses(losses: readonly (number | null)[]) {
  const finite = losses.filter((loss) => loss !== null && Number.isFinite(loss));
  const [first, last] = [losses[0] ?? Number.NaN, losses.at(-1) ?? Number.NaN];
  const moves = new Set(finite).size > 1;
  return [
    check(
      'loss is finite',
      losses.length > 0 && finite.length === losses.length,
      `${finite.length} of ${losses.length} losses are finite`,
    ),
    check(
      'loss moves',
      moves,
      moves
        ? `from ${first.toFixed(4)} to ${last.toFixed(4)}`
        : losses.length === 1
          ? 'one iteration has nothing to move from; at least 2 are wanted'
          : `it is ${first} in every iteration`,
    ),
  ];
}

/** Every tensor of the model, of its shape, and finite; and none beside. */
export async function checkWeights(path: string, config: string) {
  try {
    const section = modelSection(await readPaddleSegConfig(config));
    const definition = await findModel(section);
    const weights = await readModelWeights(path, definition.parameters(definition.parse(section)));
    return checkFinite(weights, `all ${weights.size} tensors of the model are there and finite`);
  } catch (error) {
    return check('weights', false, faultOfFile(error));
  }
}

/** Of a model that no folder under models/ defines: which tensors there should be is not known. */
export async function checkUnknownWeights(path: string) {
  try {
    const weights = await readWeightsFile(path);
    return checkFinite(weights, `its ${weights.size} tensors are finite; which there should be is not known here`);
  } catch (error) {
    return check('weights', false, faultOfFile(error));
  }
}

function checkFinite(weights: ReadonlyMap<string, NdArray>, found: string) {
  const parameters = [...weights].filter(([name]) => !isBuffer(name));
  if (
    parameters.length > 0 &&
    parameters.every(([, { data }]) => Array.from(data, Number).every((value) => value === 0))
  )
    return check('weights', false, `every one of its ${parameters.length} parameters is 0 throughout`);
  const odd = [...weights].find(([, { data }]) => !Array.from(data, Number).every(Number.isFinite));
  return check(
    'weights',
    odd === undefined && weights.size > 0,
    odd === undefined ? found : `${odd[0]} holds NaN or Inf`,
  );
}

/** Only what a reader says of a file is a fault of it. */
function faultOfFile(thrown: unknown): string {
  const error = explainSystem(thrown) ?? thrown;
  if (error instanceof UserError) return error.message;
  throw thrown;
}
