import type { NdArray } from '../../harness/contract/nd-array.js';
import { UserError } from '../../harness/support/errors.js';
import type { PreparedSample } from './prepare-sample.js';

export interface Batch {
  /** Which samples, in their order. */
  readonly indices: readonly number[];
  /** [n, c, h, w] */
  readonly images: NdArray<'f4'>;
  /** [n, h, w], the ignored value as it is. */
  readonly labels: NdArray<'i8'>;
}

/**
 * Samples as one batch.
 * @throws UserError where their sizes differ, or one has no label; `origin` names the data set
 */
export function stackBatch(samples: readonly PreparedSample[], origin: string): Batch {
  const [channels, height, width] = samples[0]!.shape;
  const images = new Float32Array(samples.length * channels * height * width);
  const labels = new BigInt64Array(samples.length * height * width);
  for (const [i, sample] of samples.entries()) {
    validateSize(sample, samples[0]!, origin);
    images.set(sample.image, i * sample.image.length);
    widen(sample.label!.data, labels, i * height * width);
  }
  return {
    indices: samples.map(({ index }) => index),
    images: { dtype: 'f4', shape: [samples.length, channels, height, width], data: images },
    labels: { dtype: 'i8', shape: [samples.length, height, width], data: labels },
  };
}

function validateSize({ shape, label }: PreparedSample, first: PreparedSample, origin: string): void {
  const [, height, width] = shape;
  const [, wantedHeight, wantedWidth] = first.shape;
  if (height !== wantedHeight || width !== wantedWidth)
    throw new UserError(
      `Cannot make a batch of ${origin}: after the transforms one image is ${wantedWidth}×${wantedHeight} and one ${width}×${height}; one size is wanted. Fix: end the transforms with a RandomPaddingCrop or a Resize`,
    );
  if (label === null || label.height !== height || label.width !== width)
    throw new UserError(
      `Cannot make a batch of ${origin}: after the transforms an image is ${width}×${height} and its label ${label === null ? 'missing' : `${label.width}×${label.height}`}; a label of the image's size is wanted`,
    );
}

/** Bytes into the low words of 64-bit integers: a BigInt for every pixel takes ten times as long. */
function widen(bytes: Uint8Array, into: BigInt64Array, start: number): void {
  const words = new Int32Array(into.buffer, into.byteOffset + start * 8, bytes.length * 2);
  const low = littleEndian ? 0 : 1;
  for (let i = 0; i < bytes.length; i++) words[2 * i + low] = bytes[i]!;
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
