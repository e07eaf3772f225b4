import type { RandomSource } from './random-source.js';
import type { Sample } from './sample.js';
import type { Transform } from './transform.js';

/** One transform after the other, each with draws for what the one before made. */
export function applyTransforms(transforms: readonly Transform[], sample: Sample, random: RandomSource): Sample {
  return transforms.reduce((turned, transform) => transform.apply(turned, transform.draw(turned, random)), sample);
}
