import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import type { ModelSection, TrainingBatch, TrainRequest } from '../../../harness/contract/port.js';
import { isBuffer } from '../../../harness/golden/seeded.js';
import type { ModelSource } from '../../../models/registry.js';
import { shapeOperators } from '../../../models/shape-operators.js';
import { takeImage } from '../../../models/take-image.js';
import { validateDraws, validateWeights } from '../../../models/validate-weights.js';
import { parseLoss } from '../../../training/loss.js';
import { parseOptimizer } from '../../../training/optimizer.js';
import { parseSchedule, type Schedule } from '../../../training/schedule.js';
import { validateLabels } from '../../../training/validate-labels.js';
import type { TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { createState, type TrainingState } from './state.js';
import { sumOverRanks } from './sum-over-ranks.js';
import { eagerTensorOperators } from './tensor-operators.js';
import type { ForwardPlan } from './training-forward.js';
import { createUpdater, type Updater } from './update-parameters.js';

/** What every step of a training needs. */
export interface PreparedTraining {
  readonly tf: TensorFlowJs;
  readonly plan: ForwardPlan;
  /** Parameters that the loss is differentiated by. */
  readonly trainable: readonly string[];
  readonly schedule: Schedule;
  readonly state: TrainingState;
  readonly updater: Updater;
  /** null: this process trains alone. */
  readonly sumOfAll: ReturnType<typeof sumOverRanks> | null;
}

/** Reads what is asked for and lays out the state. Throws as `LoadedModel.train` does. */
export async function prepareTraining(
  tf: TensorFlowJs,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  request: TrainRequest,
  { findModel }: ModelSource,
): Promise<PreparedTraining> {
  const definition = await findModel(section);
  const config = definition.parse(section);
  validateWeights(weights, definition.parameters(config));
  const schedule = parseSchedule(request.lrScheduler, request.iters);
  const loss = parseLoss(request.loss);
  const optimizer = parseOptimizer(request.optimizer);
  const lossOperators = eagerTensorOperators(tf);
  const trainable = [...weights.keys()].filter((name) => !isBuffer(name));
  const { resume } = request;
  const ranks = request.ranks !== undefined && request.ranks.size > 1 ? request.ranks : undefined;
  const state = createState(tf, weights);
  const updater = orDispose(state, () => createUpdater(tf, lossOperators, optimizer, state, { trainable, resume }));
  const sumOfAll = ranks === undefined ? null : sumOverRanks(tf, ranks);
  const plan: ForwardPlan = { definition, config, loss, lossOperators, ranks, parameter: state.get };
  return { tf, plan, trainable, schedule, state, updater, sumOfAll };
}

/** Before anything is computed: TensorFlow.js frees nothing of a forward that throws. */
export function validateBatch(
  { definition, config, loss }: ForwardPlan,
  { inputs, label, draws }: TrainingBatch,
): void {
  const image = takeImage(inputs);
  const drawn = definition.draws(config, image.shape, 'train');
  validateDraws(draws, drawn);
  const { ops } = shapeOperators(definition.parameters(config), drawn, 'train');
  const [, classes = 0] = definition.forward(ops, config, image.shape);
  validateLabels(label, classes, loss.ignoreIndex);
}

/** What `make` gives; if it throws, `owner` is freed. */
function orDispose<T>(owner: { dispose(): void }, make: () => T): T {
  try {
    return make();
  } catch (error) {
    owner.dispose();
    throw error;
  }
}
