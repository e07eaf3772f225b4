import { isBuffer, seededParameter, uniform } from '../../../harness/golden/seeded.js';
import type { TrainingBatch, TrainRequest } from '../../../harness/hosts/port-contract.js';
import { elementCount, type Float32NdArray, float32NdArray } from '../../../harness/support/nd-array.js';
import { definition } from '../../../models/segnext/model.js';

/** A network of four classes that trains in a fraction of a second, with weights, images and draws from seeds. */
export const smallSection = {
  type: 'SegNeXt',
  backbone: { type: 'MSCAN', embed_dims: [8, 16, 16, 24], depths: [1, 2, 1, 1] },
  num_classes: 4,
  decoder_cfg: { channels: 16, ham_channels: 16, num_groups: 4, ham_kwargs: { MD_R: 4 } },
};

export const smallRequest: TrainRequest = {
  optimizer: { type: 'AdamW', custom_cfg: [{ name: 'head', lr_mult: 10 }] },
  lrScheduler: { type: 'PolynomialDecay', learning_rate: 0.001, end_lr: 0 },
  loss: { types: [{ type: 'CrossEntropyLoss' }], coef: [1] },
  iters: 300,
};

export function drawWeights(seed: number): Map<string, Float32NdArray> {
  const shapes = definition.parameters(definition.parse(smallSection));
  return new Map([...shapes].map(([name, shape]) => [name, float32NdArray(shape, drawWeight(seed, name, shape))]));
}

/** The labels follow the image's own columns, so that there is something to learn; each image has as many that count. */
export function drawBatch(seed: number, size = 2): TrainingBatch {
  const shape = [size, 3, 32, 40];
  const image = Float32Array.from(uniform(seed, 'image', elementCount(shape)), (u) => 2 * u - 1);
  const label = BigInt64Array.from({ length: size * area }, (_, at) =>
    at % 16 === 0 ? 255n : BigInt(Math.floor((at % 40) / 10)),
  );
  const draws = definition.draws(definition.parse(smallSection), shape, 'train');
  return {
    image: float32NdArray(shape, image),
    label: { dtype: 'i8', shape: [size, 32, 40], data: label },
    draws: new Map([...draws].map(([name, extents]) => [name, drawOne(seed, name, extents)])),
    gradients: [],
  };
}

/** Images `from` to `to` of a batch, with their labels and their share of each draw. */
export function cutBatch(batch: TrainingBatch, from: number, to: number): TrainingBatch {
  const size = batch.image.shape[0]!;
  return {
    image: cutAxis(batch.image, 0, from / size, to / size),
    label: {
      dtype: 'i8',
      shape: [to - from, 32, 40],
      data: batch.label.data.slice(from * area, to * area),
    },
    draws: new Map(
      [...batch.draws].map(([name, drawn]) => {
        const array = float32NdArray(drawn.shape, drawn.data as Float32Array);
        return [name, cutAxis(array, name.endsWith('.bases') ? 0 : 1, from / size, to / size)];
      }),
    ),
    gradients: batch.gradients,
  };
}

const area = 32 * 40;

/** The part of an axis, 0 or 1, from a share of its extent to another. */
function cutAxis({ shape, data }: Float32NdArray, axis: 0 | 1, from: number, to: number): Float32NdArray {
  const rows = axis === 0 ? 1 : shape[0]!;
  const length = data.length / rows;
  const parts = Array.from({ length: rows }, (_, row) =>
    data.slice(row * length + from * length, row * length + to * length),
  );
  const cut = shape.map((extent, at) => (at === axis ? extent * (to - from) : extent));
  return float32NdArray(cut, Float32Array.from(parts.flatMap((part) => [...part])));
}

function drawWeight(seed: number, name: string, shape: readonly number[]): Float32Array {
  if (isBuffer(name)) return new Float32Array(elementCount(shape)).fill(name.endsWith('_variance') ? 1 : 0);
  return seededParameter(seed, name, shape)!;
}

function drawOne(seed: number, name: string, shape: readonly number[]): Float32NdArray {
  const numbers = uniform(seed, name, elementCount(shape));
  return float32NdArray(
    shape,
    Float32Array.from(numbers, (u) => (name.endsWith('.bases') ? u : Number(u < 0.9))),
  );
}
