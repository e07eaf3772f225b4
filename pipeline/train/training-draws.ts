import { elementCount, float32NdArray, type NdArray } from '../../harness/contract/nd-array.js';
import type { ModelSection } from '../../harness/contract/port.js';
import { normal, uniform } from '../../harness/golden/seeded.js';
import { findModel } from '../../models/registry.js';

/** What the reference draws at random in one iteration, for a batch of this shape. */
export type TrainingDraws = (iteration: number, imageShape: readonly number[]) => ReadonlyMap<string, NdArray>;

/**
 * Draws that depend on seed, rank, iteration and name alone: a training that goes on sees what it would have seen.
 * Flags are 1 with the model's share, else 0; all else is uniform in [0, 1), or normal where the model says so.
 */
export async function seededDraws(section: ModelSection, seed: number, rank: number): Promise<TrainingDraws> {
  const definition = await findModel(section);
  const config = definition.parse(section);
  return (iteration, imageShape) =>
    new Map(
      [...definition.draws(config, imageShape, 'train')].map(([name, shape]) => {
        const numbers = (definition.drawsNormal?.(config, name) ? normal : uniform)(
          seed,
          `${name}/${rank}/${iteration}`,
          elementCount(shape),
        );
        const keep = definition.keepShare?.(config, name) ?? null;
        const values = keep === null ? numbers : numbers.map((u) => (u < keep ? 1 : 0));
        return [name, float32NdArray(shape, Float32Array.from(values))] as const;
      }),
    );
}
