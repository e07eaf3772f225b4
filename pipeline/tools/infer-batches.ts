import { basename, dirname, extname, join } from 'node:path';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import { renderNpy } from '../../harness/golden/npy.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { toPlanes } from '../data/prepare-sample.js';
import type { ListedImage } from '../predict/list-images.js';

export type Prepare = (
  path: string,
) => Promise<Parameters<typeof toPlanes>[0] & { readonly height: number; readonly width: number }>;

export async function stackImages(batch: readonly ListedImage[], prepare: Prepare): Promise<Float32NdArray> {
  const prepared = [];
  for (const { path } of batch) prepared.push(await prepare(path));
  const { channels, height, width } = prepared[0]!;
  const odd = prepared.findIndex((image) => image.height !== height || image.width !== width);
  if (odd >= 0)
    throw new UserError(
      `Cannot infer ${batch[odd]!.path} in a batch with ${batch[0]!.path}: it is ${prepared[odd]!.width}×${prepared[odd]!.height} after its transforms; ${width}×${height} is wanted. Fix: --batch_size 1`,
    );
  const size = channels * height * width;
  const data = new Float32Array(batch.length * size);
  for (const [at, image] of prepared.entries()) data.set(toPlanes(image), at * size);
  return float32NdArray([batch.length, channels, height, width], data);
}

/** [b, c, h, w] → [c, h, w] */
export function sliceImage({ shape: [, c = 0, h = 0, w = 0], data }: Float32NdArray, at: number): Float32NdArray {
  return float32NdArray([c, h, w], data.subarray(at * c * h * w, (at + 1) * c * h * w));
}

export async function keepLogits(json: string, at: string, logits: Float32NdArray): Promise<string> {
  const path = join(dirname(json), `${basename(json, extname(json))}-logits-${at}.npy`);
  await writeAtomicFile(path, renderNpy(logits));
  return path;
}
