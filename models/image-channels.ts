import type { ModelSection } from '../harness/contract/port.js';
import { findModel } from './registry.js';

/**
 * How many channels the images have that the section's model takes. Throws a UserError for a section that no model
 * reads.
 */
export async function imageChannels(section: ModelSection): Promise<number> {
  const definition = await findModel(section);
  return definition.exampleImage(definition.parse(section))[1];
}
