import { elementCount, type Float32NdArray, float32NdArray } from '../../../harness/contract/nd-array.js';
import type {
  ModelSection,
  StepReport,
  TrainingBatch,
  TrainingSession,
  TrainRequest,
} from '../../../harness/contract/port.js';
import { isBuffer } from '../../../harness/golden/seeded.js';
import type { ModelSource } from '../../../models/registry.js';
import { shapeOperators } from '../../../models/shape-operators.js';
import { validateDraws, validateWeights } from '../../../models/validate-weights.js';
import { parseLoss } from '../../../training/loss.js';
import { parseOptimizer } from '../../../training/optimizer.js';
import { parseSchedule } from '../../../training/schedule.js';
import { validateLabels } from '../../../training/validate-labels.js';
import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { locateNonFinite } from './locate-non-finite.js';
import { readFirst } from './non-finite.js';
import { type SeenStatistics, seenStatistics } from './running-statistics.js';
import { createState } from './state.js';
import { sumOverRanks } from './sum-over-ranks.js';
import { eagerTensorOperators } from './tensor-operators.js';
import { type ForwardPlan, trainingForward } from './training-forward.js';
import { createUpdater } from './update-parameters.js';

/** Training on TensorFlow.js, by its automatic differentiation. Throws as `LoadedModel.train` does. */
export async function startTraining(
  tf: TensorFlowJs,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  request: TrainRequest,
  { findModel }: ModelSource,
): Promise<TrainingSession> {
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
  let steps = resume?.steps ?? 0;

  /** Before anything is computed: TensorFlow.js frees nothing of a forward that throws. */
  const validateBatch = ({ image, label, draws }: TrainingBatch): void => {
    const drawn = definition.draws(config, image.shape, 'train');
    validateDraws(draws, drawn);
    const { ops } = shapeOperators(definition.parameters(config), drawn, 'train');
    const [, classes = 0] = definition.forward(ops, config, image.shape);
    validateLabels(label, classes, loss.ignoreIndex);
  };

  /** The loss, and its gradients as the updater joins them: averaged over the ranks. They are the caller's to free. */
  const differentiate = (batch: TrainingBatch, seen: SeenStatistics) => {
    const forward = () => trainingForward(tf, plan, batch, { onStatistics: seen.add });
    const { value, gradients } = differentiateLoss(tf, forward, trainable, state.get, 1 / (ranks?.size ?? 1));
    const own = updater.join(gradients);
    tf.dispose([...gradients.values()]);
    if (sumOfAll === null) return { value, gradients: own, lossAnywhere: 0 };
    const { vectors, lossAnywhere } = sumOfAll(value, own);
    tf.dispose(own);
    return { value, gradients: vectors, lossAnywhere };
  };

  const runStep = (batch: TrainingBatch, seen: SeenStatistics, report: ReportGradients): StepReport => {
    const learningRate = schedule(steps);
    const { value, gradients, lossAnywhere } = differentiate(batch, seen);
    try {
      const { first, finite } = readFirst(tf, [value, ...gradients]);
      report((name) => updater.pick(gradients, name));
      if (finite && Number.isFinite(lossAnywhere)) {
        steps++;
        updater.update(gradients, steps, learningRate);
        seen.apply(state);
        return { learningRate, loss: first };
      }
      const layer = locateNonFinite(tf, plan, batch, (name) => updater.pick(gradients, name));
      const what = Number.isFinite(first) && Number.isFinite(lossAnywhere) ? 'gradient' : 'loss';
      return { learningRate, loss: first, nonFinite: { what, layer } };
    } finally {
      tf.dispose([value, ...gradients]);
    }
  };

  return {
    async step(batch, onGradient) {
      validateBatch(batch);
      const seen = seenStatistics(tf);
      try {
        return runStep(batch, seen, (gradientOf) => {
          for (const name of batch.gradients) onGradient(name, download(name, gradientOf(name)));
        });
      } finally {
        seen.dispose();
      }
    },
    async read(names, onValue) {
      for (const name of names) onValue(name, state.download(name, state.get(name)));
    },
    readSlots: async (onValue) => updater.readSlots(onValue),
    async dispose() {
      updater.dispose();
      state.dispose();
    },
  };

  function download(name: string, gradient: Tensor | null): Float32NdArray {
    if (gradient === null) return zeros(weights.get(name)!.shape);
    const downloaded = state.download(name, gradient);
    gradient.dispose();
    return downloaded;
  }
}

/** Called once a step with a function that finds the gradient of a parameter. */
type ReportGradients = (gradientOf: (parameter: string) => Tensor | null) => void;

/** What `make` gives; if it throws, `owner` is freed. */
function orDispose<T>(owner: { dispose(): void }, make: () => T): T {
  try {
    return make();
  } catch (error) {
    owner.dispose();
    throw error;
  }
}

/**
 * Parameters that the loss does not depend on are not in `gradients`.
 * @param share of this loss in the one that is differentiated
 */
function differentiateLoss(
  tf: TensorFlowJs,
  loss: () => Tensor,
  names: readonly string[],
  parameter: (name: string) => Tensor,
  share: number,
): { value: Tensor; gradients: Map<string, Tensor> } {
  const dy = tf.scalar(share);
  const { value, grads } = tf.engine().gradients(loss, names.map(parameter), dy, true);
  dy.dispose();
  const gradients = new Map<string, Tensor>();
  for (const [at, name] of names.entries()) {
    const gradient: Tensor | null | undefined = grads[at];
    if (gradient !== null && gradient !== undefined) gradients.set(name, gradient);
  }
  return { value, gradients };
}

function zeros(shape: readonly number[]): Float32NdArray {
  return float32NdArray(shape, new Float32Array(elementCount(shape)));
}
