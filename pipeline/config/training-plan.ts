import type { ModelSection } from '../../harness/contract/port.js';
import { UserError } from '../../harness/support/errors.js';
import { suggest } from '../../harness/support/suggest.js';
import { SectionError } from '../../models/section-schema.js';
import { parseLoss } from '../../training/loss.js';
import { parseOptimizer } from '../../training/optimizer.js';
import { parseSchedule } from '../../training/schedule.js';
import { buildTransforms } from '../augment/registry.js';
import { openDataSet } from '../data/data-set.js';
import type { Recipe } from '../data/prepare-sample.js';
import { modelSection, type PaddleSegConfig } from '../yml/paddleseg-yml.js';
import { sectionAt } from '../yml/section.js';

/** What a yml says of training, every section checked. */
export interface TrainingPlan {
  readonly model: ModelSection;
  readonly recipe: Recipe;
  readonly optimizer: ModelSection;
  readonly lrScheduler: ModelSection;
  readonly loss: ModelSection;
  /** Of the loss. */
  readonly ignoreIndex: number;
  readonly iters: number;
  /** Of one rank. */
  readonly batchSize: number;
  /** Whether the optimizer has `custom_cfg`, groups of parameters with settings of their own. */
  readonly hasCustomGroups: boolean;
}

/** What a command line says in the yml's place; absent: what the yml says. */
export interface TrainingOverrides {
  readonly iters?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  /** How often the list of files is gone through in an epoch. */
  readonly repeats?: number;
}

/** Keys of a yml that PaddleSeg reads, or has for its other tools. */
const knownKeys = [
  ...[
    'batch_size',
    'iters',
    'train_dataset',
    'val_dataset',
    'test_config',
    'optimizer',
    'lr_scheduler',
    'loss',
    'model',
  ],
  ...['export', 'to_static_training', 'print_mem_info', 'log_ranks', 'uniform_output_enabled', 'pdx_model_name'],
  ...['hpi_config_path', 'distill_loss'],
];
const requiredKeys = ['batch_size', 'iters', 'train_dataset', 'optimizer', 'lr_scheduler', 'loss', 'model'];

/**
 * @param seed of augmentation
 * @throws UserError that names the key: of an unknown or missing one, and of any that a section does not take
 */
export async function planTraining(
  config: PaddleSegConfig,
  overrides: TrainingOverrides,
  seed: number,
): Promise<TrainingPlan> {
  validateKeys(config);
  const iters = overrides.iters ?? positive(config, 'iters');
  const batchSize = overrides.batchSize ?? positive(config, 'batch_size');
  const section = sectionAt(config, 'train_dataset');
  const dataSet = await openDataSet(section);
  if (dataSet.mode !== 'train')
    throw new UserError(
      `Cannot use ${section.originOf('mode')}: train_dataset has the mode ${dataSet.mode}; train is wanted`,
    );
  await buildTransforms(section);
  const transforms = Array.isArray(section.values.transforms) ? section.values.transforms : [];
  const optimizer = mapping(config, 'optimizer');
  const lrScheduler = {
    ...mapping(config, 'lr_scheduler'),
    ...(overrides.learningRate === undefined ? {} : { learning_rate: overrides.learningRate }),
  };
  const loss = withIgnoreIndex(mapping(config, 'loss'), dataSet.ignoreIndex);
  locate(config, 'optimizer', () => parseOptimizer(optimizer));
  locate(config, 'lr_scheduler', () => parseSchedule(lrScheduler, iters));
  const { ignoreIndex } = locate(config, 'loss', () => parseLoss(loss));
  const { custom_cfg } = optimizer;
  const pairs = Array.from({ length: overrides.repeats ?? 1 }, () => dataSet.pairs).flat();
  return {
    model: modelSection(config),
    recipe: { dataSet: { ...dataSet, pairs }, transforms, seed },
    optimizer,
    lrScheduler,
    loss,
    ignoreIndex,
    iters,
    batchSize,
    hasCustomGroups: Array.isArray(custom_cfg) && custom_cfg.length > 0,
  };
}

function validateKeys(config: PaddleSegConfig): void {
  const stray = Object.keys(config.values).find((key) => !knownKeys.includes(key));
  if (stray !== undefined)
    throw new UserError(
      `Cannot use ${config.originOf(stray)}: nothing reads the key ${stray}; one of ${knownKeys.join(', ')} is wanted.${suggest(stray, knownKeys)}`,
    );
  const missing = requiredKeys.find((key) => config.values[key] === undefined);
  if (missing !== undefined) throw new UserError(`Cannot train by ${config.path}: it has no ${missing}; one is wanted`);
  if (config.values.distill_loss !== undefined)
    throw new UserError(
      `Cannot use ${config.originOf('distill_loss')}: distillation is not trained; a yml without distill_loss is wanted`,
    );
}

function positive(config: PaddleSegConfig, key: string): number {
  const value = config.values[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new UserError(
    `Cannot use ${config.originOf(key)}: ${key} is ${JSON.stringify(value)}; a whole number from 1 is wanted`,
  );
}

/** What `parse` says of a key of a section, with the key's file and line. */
function locate<Parsed>(config: PaddleSegConfig, section: string, parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SectionError)) throw error;
    throw new UserError(`Cannot use ${config.originOf(`${section}.${error.at}`)}: ${error.what}`);
  }
}

function mapping(config: PaddleSegConfig, key: string): Readonly<Record<string, unknown>> {
  return sectionAt(config, key).values;
}

/** The reference hands the data set's ignored value to every loss that does not name one. */
function withIgnoreIndex(loss: Readonly<Record<string, unknown>>, ignoreIndex: number): ModelSection {
  if (ignoreIndex === 255 || !Array.isArray(loss.types)) return loss;
  return { ...loss, types: loss.types.map((type: object) => ({ ignore_index: ignoreIndex, ...type })) };
}
