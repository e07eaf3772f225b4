import { elementCount, type Float32NdArray, float32NdArray } from '../harness/contract/nd-array.js';
import type { TrainingBatch, TrainRequest } from '../harness/contract/port.js';
import { isBuffer, seededParameter, uniform } from '../harness/golden/seeded.js';
import { definition } from '../models/segnext/model.js';
import { takeImage } from '../models/take-image.js';

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

/**
 * The labels follow the image's own columns, so that there is something to learn; each image has as many that count.
 */
export function drawBatch(seed: number, size = 2): TrainingBatch {
  const shape = [size, 3, 32, 40];
  const image = Float32Array.from(uniform(seed, 'image', elementCount(shape)), (u) => 2 * u - 1);
  const label = BigInt64Array.from({ length: size * area }, (_, at) =>
    at % 16 === 0 ? 255n : BigInt(Math.floor((at % 40) / 10)),
  );
  const draws = definition.draws(definition.parse(smallSection), shape, 'train');
  return {
    inputs: new Map([['image', float32NdArray(shape, image)]]),
    label: { dtype: 'i8', shape: [size, 32, 40], data: label },
    draws: new Map([...draws].map(([name, extents]) => [name, drawOne(seed, name, extents)])),
    gradients: [],
  };
}

/** Some images of a batch, in this order, with their labels and their share of each draw. */
export function pickImages(
  { inputs, label, draws, gradients }: TrainingBatch,
  places: readonly number[],
): TrainingBatch {
  return {
    inputs: new Map([['image', pick(takeImage(inputs), 0, places)]]),
    label: { ...label, shape: [places.length, 32, 40], data: pickLabels(label.data, places) },
    draws: new Map(
      [...draws].map(([name, drawn]) => {
        const array = float32NdArray(drawn.shape, drawn.data as Float32Array);
        return [name, pick(array, name.endsWith('.bases') ? 0 : 1, places)];
      }),
    ),
    gradients,
  };
}

const area = 32 * 40;

function pickLabels(data: BigInt64Array, places: readonly number[]): BigInt64Array {
  return BigInt64Array.from(places.flatMap((place) => [...data.subarray(place * area, (place + 1) * area)]));
}

/** Of an axis, 0 or 1. */
function pick({ shape, data }: Float32NdArray, axis: 0 | 1, places: readonly number[]): Float32NdArray {
  const rows = axis === 0 ? 1 : shape[0]!;
  const each = data.length / rows / shape[axis]!;
  const parts = Array.from({ length: rows }, (_, row) =>
    places.map((place) => data.subarray((row * shape[axis]! + place) * each, (row * shape[axis]! + place + 1) * each)),
  );
  const picked = shape.map((extent, at) => (at === axis ? places.length : extent));
  return float32NdArray(picked, Float32Array.from(parts.flat().flatMap((part) => [...part])));
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
