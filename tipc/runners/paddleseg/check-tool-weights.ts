import { readModels } from '../../../models/registry.js';
import { modelSection, readPaddleSegConfig } from '../../../pipeline/yml/paddleseg-yml.js';
import { checkUnknownWeights, checkWeights } from '../../steps/check-training.js';

/** Strictly, where the model is one that tipcheck has. */
export async function checkToolWeights(path: string, config: string) {
  const { type } = modelSection(await readPaddleSegConfig(config));
  return (await readModels()).has(String(type)) ? checkWeights(path, config) : checkUnknownWeights(path);
}
