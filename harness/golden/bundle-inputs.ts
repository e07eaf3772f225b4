import { type Float32NdArray, float32NdArray, type NdArray } from '../contract/nd-array.js';
import type { BundleFiles } from './bundle-files.js';
import type { ArrayReference, CaseFile } from './case-file.js';
import type { StoredCode } from './stored-elements.js';

/**
 * What the model is given, by name. Format 1: the image alone. Format 2: any names, any rank, and narrower dtypes.
 * Throws a UserError.
 */
export function parseInputs(files: BundleFiles, { format, inputs = {} }: CaseFile): ReadonlyMap<string, NdArray> {
  const parse = (reference: ArrayReference, field: string) =>
    format === 'golden-bundle/1'
      ? parseImage(files, reference, field)
      : files.array(reference, field, { dtypes: inputDtypes, shape: notEmpty });
  return new Map(Object.entries(inputs).map(([name, reference]) => [name, parse(reference, fieldOf(name))]));
}

function fieldOf(name: string): string {
  return /^\w+$/.test(name) ? `inputs.${name}` : `inputs["${name}"]`;
}

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

const drawDtypes: readonly StoredCode[] = ['f4', 'f8', 'i4', 'i8', 'u1', 'b1'];
const inputDtypes: readonly StoredCode[] = [...drawDtypes, 'f2', 'i2', 'u2', 'u4'];

function imageShape(shape: readonly number[]): string | null {
  if (shape.length !== 4 || shape[1] !== 3) return '[b, 3, h, w] is wanted';
  return notEmpty(shape);
}

function notEmpty(shape: readonly number[]): string | null {
  return shape.includes(0) ? 'no extent of zero is wanted' : null;
}
