import type { ModelSection } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';

/** Says of a draw whether the reference draws normal numbers for it; null where all are uniform, or nobody knows. */
export async function readNormalDraws(section: ModelSection): Promise<((draw: string) => boolean) | null> {
  try {
    const definition = await findModel(section);
    const config = definition.parse(section);
    const isNormal = (draw: string) => definition.drawsNormal?.(config, draw) ?? false;
    const draws = definition.draws(config, definition.exampleImage(config));
    return [...draws.keys()].some(isNormal) ? isNormal : null;
  } catch (error) {
    // A bundle's model need not be one of ours: the file is the model.
    if (error instanceof UserError) return null;
    throw error;
  }
}
