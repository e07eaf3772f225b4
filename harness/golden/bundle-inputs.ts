import { type Dtype, type Float32NdArray, float32NdArray, type NdArray } from '../contract/nd-array.js';
import type { BundleFiles } from './bundle-files.js';
import type { ArrayReference } from './case-file.js';

/** float32 [b, 3, h, w], no extent zero. Throws a UserError. */
export function parseImage(files: BundleFiles, reference: ArrayReference, field: string): Float32NdArray {
  const { shape, data } = files.array(reference, field, { dtypes: ['f4'], shape: imageShape });
  return float32NdArray(shape, data as Float32Array);
}

/** Draws by name: of any dtype, not empty. Throws a UserError. */
export function parseDraws(
  files: BundleFiles,
  references: Readonly<Record<string, ArrayReference>> | undefined,
  field: string,
): ReadonlyMap<string, NdArray> {
  const draws = new Map<string, NdArray>();
  for (const [name, reference] of Object.entries(references ?? {})) {
    draws.set(name, files.array(reference, `${field}["${name}"]`, { dtypes: drawDtypes, shape: notEmpty }));
  }
  return draws;
}

const drawDtypes: readonly Dtype[] = ['f4', 'f8', 'i4', 'i8', 'u1', 'b1'];

function imageShape(shape: readonly number[]): string | null {
  if (shape.length !== 4 || shape[1] !== 3) return '[b, 3, h, w] is wanted';
  return notEmpty(shape);
}

function notEmpty(shape: readonly number[]): string | null {
  return shape.includes(0) ? 'no extent of zero is wanted' : null;
}
