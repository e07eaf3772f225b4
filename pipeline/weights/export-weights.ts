import { elementCount, type Float32NdArray, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import { isBuffer, seededParameter, uniform } from '../../harness/golden/seeded.js';
import { readWeightsFile } from '../../harness/golden/weights-file.js';
import { EnvironmentError, UserError } from '../../harness/support/errors.js';
import { validateWeights } from '../../models/validate-weights.js';
import { describeForeignNames, renameFix } from './foreign-names.js';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** A model's weights from a file. Throws a UserError where the file lacks one, has another, or one of another shape. */
export async function readModelWeights(path: string, parameters: Shapes): Promise<Map<string, Float32NdArray>> {
  const arrays = await readWeightsFile(path);
  try {
    validateWeights(arrays, parameters);
  } catch (error) {
    if (error instanceof EnvironmentError) throw new UserError(explain(error.message, path, arrays, parameters));
    throw error;
  }
  return new Map([...parameters.keys()].map((name) => [name, asFloat32(path, name, arrays.get(name)!)]));
}

function explain(fault: string, path: string, arrays: ReadonlyMap<string, NdArray>, parameters: Shapes): string {
  const foreign = describeForeignNames(arrays.keys(), parameters.keys());
  if (foreign !== null) return `Cannot load the weights ${path}: ${foreign}. Fix: ${renameFix}`;
  return `${fault} in ${path}. Fix: the yml that these weights were trained with`;
}

/**
 * Seeded weights (`uniform/1`). Buffers, which have no seeded value, are as the reference makes them: mean 0, variance
 * 1, and NMF bases drawn uniformly, each column of norm 1 (`_build_bases` in nmf_2d.py).
 */
export function seededWeights(seed: number, parameters: Shapes): Map<string, Float32NdArray> {
  return new Map([...parameters].map(([name, shape]) => [name, float32NdArray(shape, seededArray(seed, name, shape))]));
}

function seededArray(seed: number, name: string, shape: readonly number[]): Float32Array {
  if (!isBuffer(name)) return seededParameter(seed, name, shape)!;
  if (name.endsWith('.bases')) return normalizedBases(seed, name, shape);
  return new Float32Array(elementCount(shape)).fill(name.endsWith('._variance') ? 1 : 0);
}

/** Shapes: [s, d, r], each [:, r] of norm 1 over d. */
function normalizedBases(seed: number, name: string, shape: readonly number[]): Float32Array {
  const [splits = 0, rows = 0, rank = 0] = shape;
  const drawn = uniform(seed, name, elementCount(shape));
  for (let s = 0; s < splits; s++) {
    for (let r = 0; r < rank; r++) {
      const at = (d: number): number => (s * rows + d) * rank + r;
      let squares = 0;
      for (let d = 0; d < rows; d++) squares += drawn[at(d)]! ** 2;
      for (let d = 0; d < rows; d++) drawn[at(d)]! /= Math.sqrt(squares);
    }
  }
  return Float32Array.from(drawn);
}

function asFloat32(path: string, name: string, { dtype, shape, data }: NdArray): Float32NdArray {
  if (data instanceof Float32Array) return float32NdArray(shape, data);
  if (data instanceof Float64Array) return float32NdArray(shape, Float32Array.from(data));
  throw new UserError(`Cannot use the weights ${path}: ${name} is ${dtype}; float32 or float64 is wanted`);
}
