import { join } from 'node:path';
import type { Float32NdArray } from '../../harness/contract/nd-array.js';
import { eraseLive } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import type { ProgressBar } from '../../harness/support/progress.js';
import { findModel } from '../../models/registry.js';
import { type EvaluationPlan, planEvaluation } from '../config/evaluation-plan.js';
import { validateChannels } from '../config/picture-channels.js';
import { planTraining, type TrainingPlan } from '../config/training-plan.js';
import { checkFiles } from '../data/check-files.js';
import { checkLabels } from '../data/check-labels.js';
import { checkPadding } from '../data/check-padding.js';
import type { DataSet } from '../data/data-set.js';
import { countSteps, listIndices } from '../data/load-batches.js';
import { showFetches } from '../fetch/show-fetches.js';
import { type DrawnBases, parseBases } from '../infer/open-network.js';
import type { Ranks } from '../ranks/ranks.js';
import { initialWeights } from '../train/initial-weights.js';
import { loaderOptions } from '../train/train.js';
import { isFirstRank } from '../train/train-options.js';
import { readModelWeights } from '../weights/export-weights.js';
import { loadPretrained } from '../weights/load-pretrained.js';
import { applyOpts } from '../yml/apply-opts.js';
import { type PaddleSegConfig, readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { sectionAt } from '../yml/section.js';
import { takeShippedData } from '../yml/take-shipped.js';
import { chooseSeed, describeEnd, isFinished, type Resumed, readResumed } from './resume-training.js';
import type { TrainCommandOptions } from './train-options.js';

/** A training that can begin: all that can be known of its data, labels and weights has been checked. */
export interface PreparedTraining {
  readonly plan: TrainingPlan;
  readonly resumed: Resumed;
  readonly seed: number;
  /** Null without --do_eval. */
  readonly evaluation: EvaluationPlan | null;
  readonly bases: DrawnBases;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  /** Where the weights come from, in words. */
  readonly said: string;
}

/** @returns null where the checkpoint that it resumes from is that of its last iteration: nothing is left to train */
export async function prepareTraining(
  options: TrainCommandOptions,
  ranks: Ranks | null,
  say: (text: string) => void,
  bar: ProgressBar,
): Promise<PreparedTraining | null> {
  const resumed = await readResumed(options);
  const seed = chooseSeed(options, resumed);
  const config = applyOpts(takeShippedData(await readPaddleSegConfig(options.config)), options.opts ?? []);
  const plan = await planTraining(config, askedOf(options), seed);
  if (resumed !== null && isFinished(resumed, plan.iters, options)) {
    // The end of another network's training is none of this one.
    await chooseWeights(options, plan.model, seed);
    say(
      `Nothing to train: ${describeEnd(options, plan.iters)}. Nothing is written. To train on: --iters above ${plan.iters}`,
    );
    return null;
  }
  const indices = await checkPictures(options, config, plan, ranks, resumed);
  const evaluation = options.do_eval === true ? await checkEvaluation(config, plan) : null;
  await checkLabelsOf(plan, indices, bar);
  // The first rank alone evaluates.
  if (evaluation !== null && isFirstRank({ ranks })) await checkEveryLabel(evaluation.recipe.dataSet, null, bar);
  const bases = parseBases(options.bases, seed);
  const { weights, said } = await chooseWeights(options, plan.model, seed);
  ranks?.validateSame('the training', [JSON.stringify([plan, seed, resumed?.loop ?? null, options.port])]);
  ranks?.validateSame(
    'the weights',
    [...weights.values()].map(({ data }) => data),
  );
  return { plan, resumed, seed, evaluation, bases, weights, said };
}

/** What the command line sets in place of the yml. */
function askedOf({ iters, batch_size, learning_rate, repeats }: TrainCommandOptions) {
  return {
    ...(iters === undefined ? {} : { iters }),
    ...(batch_size === undefined ? {} : { batchSize: batch_size }),
    ...(learning_rate === undefined ? {} : { learningRate: learning_rate }),
    repeats,
  };
}

/** @returns the places in the data set of all pictures that this rank will read */
async function checkPictures(
  options: TrainCommandOptions,
  config: PaddleSegConfig,
  plan: TrainingPlan,
  ranks: Ranks | null,
  resumed: Resumed,
): Promise<readonly number[]> {
  const loading = loaderOptions({ plan, ranks, workers: options.num_workers }, resumed?.optimizer.steps ?? 0);
  countSteps(loading);
  const { dataSet } = plan.recipe;
  await validateChannels(plan.model, dataSet);
  const sizes = await checkFiles(dataSet);
  await checkPadding(sectionAt(config, 'train_dataset'), dataSet, sizes, plan.ignoreIndex);
  validateClasses(plan.model, dataSet.classes, options.config);
  return listIndices(loading, plan.iters);
}

async function checkEvaluation(config: PaddleSegConfig, { model }: TrainingPlan): Promise<EvaluationPlan> {
  const evaluation = await planEvaluation(config);
  await validateChannels(model, evaluation.recipe.dataSet);
  await checkFiles(evaluation.recipe.dataSet);
  return evaluation;
}

async function checkLabelsOf(
  { recipe: { dataSet }, ignoreIndex }: TrainingPlan,
  indices: readonly number[],
  bar: ProgressBar,
): Promise<void> {
  await checkEveryLabel(dataSet, indices, bar);
  // The loss may ignore another value than the data set: then what the data set leaves out is not a class to it.
  if (ignoreIndex !== dataSet.ignoreIndex) await checkEveryLabel({ ...dataSet, ignoreIndex }, indices, bar);
}

/** @param indices null: of all pairs */
async function checkEveryLabel(dataSet: DataSet, indices: readonly number[] | null, bar: ProgressBar): Promise<void> {
  try {
    await checkLabels(dataSet, indices ?? [...dataSet.pairs.keys()], (done, total) =>
      bar.show('Checking labels', done, total),
    );
  } finally {
    eraseLive();
  }
}

function validateClasses(model: Readonly<Record<string, unknown>>, classes: number, path: string): void {
  if (model.num_classes === classes) return;
  throw new UserError(
    `Cannot train by ${path}: the model tells ${String(model.num_classes)} classes apart and the data set has ${classes}; as many are wanted`,
  );
}

async function chooseWeights(options: TrainCommandOptions, model: Readonly<Record<string, unknown>>, seed: number) {
  const definition = await findModel(model);
  const parameters = definition.parameters(definition.parse(model));
  const { resume_model: folder } = options;
  if (folder !== undefined)
    return {
      weights: await readModelWeights(join(folder, 'model.pdparams'), parameters),
      said: `all ${parameters.size} tensors from ${folder}`,
    };
  return loadPretrained(model, await initialWeights(model, seed), options.pretrained ?? null, {
    onProgress: showFetches(),
  });
}
