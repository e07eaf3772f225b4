import { elementCount, type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import type { ModelSection } from '../../harness/contract/port.js';
import { uniform } from '../../harness/golden/seeded.js';
import { UserError } from '../../harness/support/errors.js';
import { findSegmenter } from '../../models/find-segmenter.js';
import type { Initial } from '../../models/model-definition.js';

/**
 * Weights before training, distributed as the reference's.
 * Differs: the numbers themselves are seeded numbers of ours, the same on every machine; Paddle's generator is its own.
 */
export async function initialWeights(section: ModelSection, seed: number): Promise<Map<string, Float32NdArray>> {
  const definition = await findSegmenter(section, 'train');
  const config = definition.parse(section);
  const initial = definition.initial?.(config);
  if (initial === undefined)
    throw new UserError(
      `Cannot train ${String(section.type)} from scratch: its initial weights are not known; weights are wanted`,
    );
  return new Map(
    [...definition.parameters(config)].map(([name, shape]) => [
      name,
      float32NdArray(shape, drawInitial(initial.get(name)!, seed, name, shape)),
    ]),
  );
}

function drawInitial(initial: Initial, seed: number, name: string, shape: readonly number[]): Float32Array {
  const count = elementCount(shape);
  switch (initial.kind) {
    case 'constant':
      return new Float32Array(count).fill(initial.value);
    case 'normal':
      return drawNormal(seed, name, count).map((value) => value * initial.std);
    case 'bases':
      return drawBases(seed, name, shape);
  }
}

/** Box and Muller: two uniform numbers for each. */
function drawNormal(seed: number, name: string, count: number): Float32Array {
  const radius = uniform(seed, `${name}/radius`, count);
  const angle = uniform(seed, `${name}/angle`, count);
  return Float32Array.from(radius, (u, at) => Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * angle[at]!));
}

/** [s, d, r], each [:, r] of norm 1. */
function drawBases(seed: number, name: string, [splits = 0, rows = 0, rank = 0]: readonly number[]): Float32Array {
  const drawn = uniform(seed, name, splits * rows * rank);
  for (let column = 0; column < splits * rank; column++) {
    const first = Math.floor(column / rank) * rows * rank + (column % rank);
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += drawn[first + row * rank]! ** 2;
    for (let row = 0; row < rows; row++) drawn[first + row * rank]! /= Math.sqrt(squares);
  }
  return Float32Array.from(drawn);
}
