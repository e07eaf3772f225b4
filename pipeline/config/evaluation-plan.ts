import type { ModelSection } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { openDataSet } from '../data/data-set.js';
import type { Recipe } from '../data/prepare-sample.js';
import { parseTestConfig, plainTest, type TestConfig } from '../infer/test-config.js';
import { modelSection, type PaddleSegConfig } from '../yml/paddleseg-yml.js';
import { sectionAt } from '../yml/section.js';

/** What a yml says of evaluation. */
export interface EvaluationPlan {
  readonly model: ModelSection;
  readonly recipe: Recipe;
  /** The yml's `test_config`; plain where it has none. */
  readonly testConfig: TestConfig;
}

/**
 * @param datasetRoot in place of the yml's
 * @throws UserError for a yml without val_dataset, and for what is wrong in it
 */
export async function planEvaluation(config: PaddleSegConfig, datasetRoot?: string): Promise<EvaluationPlan> {
  const given = config.values.val_dataset;
  if (typeof given !== 'object' || given === null)
    throw new UserError(`Cannot evaluate ${config.path}: it has no val_dataset; one is wanted`);
  const placed = datasetRoot === undefined ? config : withRoot(config, given, datasetRoot);
  const section = sectionAt(placed, 'val_dataset');
  const dataSet = await openDataSet(section);
  if (dataSet.mode !== 'val')
    throw new UserError(
      `Cannot use ${section.originOf('mode')}: val_dataset has the mode ${dataSet.mode}; val is wanted`,
    );
  const transforms = Array.isArray(section.values.transforms) ? section.values.transforms : [];
  return {
    model: modelSection(config),
    recipe: { dataSet, transforms, seed: 0 },
    testConfig: config.values.test_config === undefined ? plainTest : parseTestConfig(sectionAt(config, 'test_config')),
  };
}

function withRoot(config: PaddleSegConfig, section: object, dataset_root: string): PaddleSegConfig {
  return { ...config, values: { ...config.values, val_dataset: { ...section, dataset_root } } };
}
