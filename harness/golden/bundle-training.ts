import type { NdArray } from '../contract/nd-array.js';
import { sameShape } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import { suggest } from '../support/suggest.js';
import type { GoldenProbe, GoldenTraining, TrainingStep } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import { parseDraws, parseImage } from './bundle-inputs.js';
import { parseProbes } from './bundle-probes.js';
import type { BundleReference, CaseProbe, CaseTrain } from './case-file.js';
import { entriesOf } from './noise-at.js';
import { isBuffer } from './seeded.js';

/** The names that there are, and the framework whose they are. */
interface Named {
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  readonly reference: BundleReference;
}

/** The `train` part of a bundle with all its arrays. Throws a UserError. */
export function parseTraining(folder: string, files: BundleFiles, train: CaseTrain, named: Named): GoldenTraining {
  const { expect } = train;
  for (const key of ['lr', 'loss'] as const) {
    if (expect[key].length === train.steps.length) continue;
    throw cannot(
      'read',
      caseOf(folder),
      `train.expect.${key} has ${expect[key].length} entries`,
      `one for each of the ${train.steps.length} steps is wanted`,
    );
  }
  const probesOf = (key: 'grads' | 'params' | 'buffers', buffers: boolean): readonly GoldenProbe[] => {
    const field = `train.expect.${key}`;
    validateNames(folder, expect[key], field, named, buffers);
    return parseProbes(folder, files, expect[key], field);
  };
  if (expect.grads.length + expect.params.length + expect.buffers.length === 0) {
    throw cannot(
      'read',
      caseOf(folder),
      'train.expect has no probe in grads, params and buffers',
      'at least one is wanted',
    );
  }
  return {
    optimizer: train.optimizer,
    lrScheduler: train.lr_scheduler,
    loss: train.loss,
    iters: train.iters,
    lossNoise: 'largest',
    steps: train.steps.map((_, at) => parseStep(files, train, at)),
    expect: {
      lr: expect.lr,
      loss: expect.loss.map(({ value, noise, noise_at: noiseAt = {} }) => ({
        ...{ value, noise },
        noiseAt: new Map(entriesOf(noiseAt)),
      })),
      grads: probesOf('grads', false),
      params: probesOf('params', false),
      buffers: probesOf('buffers', true),
    },
  };
}

function parseStep(files: BundleFiles, train: CaseTrain, at: number): TrainingStep {
  const { image: imageReference, label: labelReference, draws } = train.steps[at]!;
  const field = `train.steps[${at}]`;
  const image = parseImage(files, imageReference, `${field}.image`);
  const [b, , h, w] = image.shape as [number, number, number, number];
  const label = files.array(labelReference, `${field}.label`, { dtypes: ['i8'], shape: [b, h, w] });
  return { image, label: label as NdArray<'i8'>, draws: parseDraws(files, draws, `${field}.draws`) };
}

function validateNames(
  folder: string,
  probes: readonly CaseProbe[],
  field: string,
  { parameters, reference }: Named,
  buffers: boolean,
): void {
  for (const [at, { name, shape }] of probes.entries()) {
    const known = parameters.get(name);
    if (known === undefined || !isOfSort(name, reference, buffers)) {
      const candidates = [...parameters.keys()].filter((parameter) => isOfSort(parameter, reference, buffers));
      const wanted = buffers ? 'a buffer of parameters' : 'a parameter that is not a buffer';
      throw cannot(
        'read',
        caseOf(folder),
        `${field}[${at}].name is ${name}`,
        `${wanted} is wanted.${suggest(name, candidates)}`,
      );
    }
    if (!sameShape(shape, known)) {
      throw cannot(
        'read',
        caseOf(folder),
        `${field}[${at}].shape is [${shape.join(', ')}]`,
        `[${known.join(', ')}], that of ${name}, is wanted`,
      );
    }
  }
}

/** Of a framework other than Paddle a buffer may have any name, and those of a batch norm are told by theirs. */
function isOfSort(name: string, reference: BundleReference, buffers: boolean): boolean {
  if (reference === 'paddle') return isBuffer(name) === buffers;
  const leaf = name.slice(name.lastIndexOf('.') + 1);
  // An integer is not compared.
  return buffers ? leaf !== 'num_batches_tracked' : !torchBuffers.has(leaf);
}

const torchBuffers: ReadonlySet<string> = new Set(['running_mean', 'running_var', 'num_batches_tracked']);
