import { elementCount, type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import type { InferRequest, ModelSection } from '../../harness/contract/port.js';
import { seededParameter, uniform } from '../../harness/golden/seeded.js';
import { findModel } from '../../models/registry.js';

/** A model with weights, an image and draws from seeds, for tests that compare two ways to run it. */
export async function seededModel(section: ModelSection, imageShape: readonly number[]) {
  const definition = await findModel(section);
  const config = definition.parse(section);
  const weights = new Map<string, Float32NdArray>();
  for (const [name, shape] of definition.parameters(config)) {
    weights.set(name, float32NdArray(shape, seededParameter(5, name, shape) ?? buffer(name, shape)));
  }
  const draws = new Map(
    [...definition.draws(config, imageShape)].map(([name, shape]) => [name, seeded(name, shape, 0, 1)]),
  );
  const request = (probes: readonly string[]): InferRequest => ({
    inputs: new Map([['image', seeded('image', imageShape, -2, 2)]]),
    draws,
    probes,
    replacements: new Map(),
  });
  return { weights, request };
}

/** Statistics of norms, and bases, which are positive: none of them has seeds. */
function buffer(name: string, shape: readonly number[]): Float32Array {
  const [low, high] = name.endsWith('_mean') ? [-0.3, 0.3] : [0.5, 1.5];
  return seeded(name, shape, low, high).data;
}

function seeded(name: string, shape: readonly number[], low: number, high: number): Float32NdArray {
  const drawn = uniform(7, name, elementCount(shape));
  return float32NdArray(
    shape,
    Float32Array.from(drawn, (u) => low + (high - low) * u),
  );
}
