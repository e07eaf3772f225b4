import { type Float32NdArray, float32NdArray, type NdArray } from '../contract/nd-array.js';
import { UserError } from '../support/errors.js';
import type { WeightSource } from './bundle.js';
import { seededParameter, uniformParameter } from './seeded.js';

/** The two parts of a bundle that its weights follow from. */
export interface WeightRecipe {
  /** state_dict() names and shapes, in order. */
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  readonly weights: readonly WeightSource[];
}

/**
 * All of state_dict(), float32, in the order of `parameters`, an array each; later sources override earlier ones.
 * @throws UserError that names a parameter which no source gives
 */
export function resolveWeights({ parameters, weights }: WeightRecipe): Map<string, Float32NdArray> {
  const latestFirst = [...weights].reverse();
  const resolved = new Map<string, Float32NdArray>();
  const given = new Set<Float32Array>();
  for (const [name, shape] of parameters) {
    const found = firstOf(latestFirst, name, shape);
    if (found === null)
      throw new UserError(`Cannot resolve weight ${name}: no source has it; seeded or in arrays is wanted`);
    // Sources may name one array twice; a port that changes a parameter in its place changes no other.
    resolved.set(name, given.has(found.data) ? { ...found, data: found.data.slice() } : found);
    given.add(found.data);
  }
  return resolved;
}

function firstOf(sources: readonly WeightSource[], name: string, shape: readonly number[]): Float32NdArray | null {
  for (const source of sources) {
    const stored = source.kind === 'seeded' ? undefined : source.arrays.get(name);
    if (stored !== undefined) return toFloat32(stored);
    const drawn = source.kind === 'seeded' ? seededOf(source, name, shape) : null;
    if (drawn !== null) return float32NdArray(shape, drawn);
  }
  return null;
}

function seededOf(
  { seed, ranges }: Extract<WeightSource, { kind: 'seeded' }>,
  name: string,
  shape: readonly number[],
): Float32Array | null {
  if (ranges === undefined) return seededParameter(seed, name, shape);
  const range = ranges.get(name);
  return range === undefined ? null : uniformParameter(seed, name, shape, range);
}

/** float64 is rounded once; integers are buffers of torch, and say so. */
function toFloat32({ dtype, shape, data }: NdArray): Float32NdArray {
  if (data instanceof Float32Array) return float32NdArray(shape, data);
  const rounded = float32NdArray(shape, Float32Array.from(data as ArrayLike<number>, Number));
  return dtype === 'f4' || dtype === 'f8' ? rounded : { ...rounded, stored: dtype };
}
