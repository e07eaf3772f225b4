import type { ModelSection } from '../harness/contract/port.js';
import { cannot } from '../harness/support/errors.js';
import type { ModelDefinition } from './model-definition.js';
import { findModel } from './registry.js';

/**
 * The definition of a section whose model gives a map, which is what data sets are evaluated and trained with. Throws a
 * UserError for a classifier. @param action for its error: `train`
 */
export async function findSegmenter(section: ModelSection, action: string): Promise<ModelDefinition<unknown>> {
  const definition = await findModel(section);
  if (definition.classifies !== true) return definition;
  throw cannot(
    action,
    String(section.type),
    'it gives a number per class for each image, and no map',
    'a network for segmentation is wanted',
    'npx tipcheck judge <port> <bundle>, which takes classifiers as well',
  );
}
