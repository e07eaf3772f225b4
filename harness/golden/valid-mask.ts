import { elementCount, type NdArray } from '../contract/nd-array.js';
import { cannot } from '../support/errors.js';
import type { Sample, ValidMask } from './bundle.js';
import { type BundleFiles, caseOf } from './bundle-files.js';
import type { CaseProbe } from './case-file.js';
import { samplePositions } from './seeded.js';

/**
 * Which elements of a probe count (CONTRACT, section 4, `valid`): u1 or b1, 0 or 1, that broadcasts to the shape as
 * NumPy does it, and leaves something.
 * @param sample positions of the elements that are stored; null: all
 * @throws UserError
 */
export function parseValid(
  folder: string,
  files: BundleFiles,
  { name, shape, valid }: CaseProbe,
  field: string,
  sample: Sample | null,
): ValidMask {
  const at = `${field}.valid, probe ${name}`;
  const mask = files.array(valid!, at, {
    dtypes: ['u1', 'b1'],
    shape: (given) => (broadcasts(given, shape) ? null : `a shape that broadcasts to [${shape.join(', ')}] is wanted`),
  });
  const data = mask.data as Uint8Array;
  const odd = data.find((element) => element > 1);
  if (odd !== undefined) throw cannot('read', caseOf(folder), `${at} holds ${odd}`, '0 or 1 is wanted');
  if (!data.includes(1))
    throw cannot('read', caseOf(folder), `${at} leaves out every element`, 'one that counts is wanted');
  const total = elementCount(shape);
  const counts = countsIn(mask, shape);
  const positions = sample && samplePositions(sample.seed, sample.drawnFor ?? name, sample.count, total);
  const kept = new Uint8Array(positions?.length ?? total);
  for (let i = 0; i < kept.length; i++) kept[i] = counts(positions?.[i] ?? i) ? 1 : 0;
  return { kept, mask };
}

/** Whether the element at a flat position of a tensor counts. To the shape of another tensor `mask` says nothing. */
export function countsIn(mask: NdArray, shape: readonly number[]): (flat: number) => boolean {
  if (!broadcasts(mask.shape, shape)) return () => true;
  const placeOf = placesIn(mask.shape, shape);
  return (flat) => mask.data[placeOf(flat)] === 1;
}

/** rms of the elements that count; NaN where there are none. */
export function rmsOfKept(value: Float32Array, kept?: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < value.length; i++) {
    if (kept?.[i] === 0) continue;
    sum += value[i]! * value[i]!;
    count++;
  }
  return Math.sqrt(sum / count);
}

function broadcasts(given: readonly number[], shape: readonly number[]): boolean {
  const skipped = shape.length - given.length;
  return skipped >= 0 && given.every((extent, axis) => extent === 1 || extent === shape[skipped + axis]);
}

/** The place in an array of shape `given` of a flat position in `shape`, to which it broadcasts. */
function placesIn(given: readonly number[], shape: readonly number[]): (flat: number) => number {
  const skipped = shape.length - given.length;
  const strides = given.map((extent, axis) => (extent === 1 ? 0 : elementCount(given.slice(axis + 1))));
  return (flat) => {
    let rest = flat;
    let place = 0;
    for (let axis = given.length - 1; axis >= 0; axis--) {
      const extent = shape[skipped + axis]!;
      place += (rest % extent) * strides[axis]!;
      rest = Math.floor(rest / extent);
    }
    return place;
  };
}
