import { elementCount, float32NdArray } from '../../../harness/contract/nd-array.js';
import type { ProbeSink, StepReport, TrainingBatch } from '../../../harness/contract/port.js';
import type { Tensor, Tensor1D } from '../../tfjs-shared/tensorflow-js.js';
import { locateNonFinite } from './locate-non-finite.js';
import { readFirst } from './non-finite.js';
import type { PreparedTraining } from './prepare-training.js';
import type { SeenStatistics } from './running-statistics.js';
import { trainingForward } from './training-forward.js';

/**
 * Forward and backward; the gradients are reported; then the update, or the layer that is not finite.
 * @param step from 1
 * @param seen takes the statistics of the batch
 */
export function runStep(
  training: PreparedTraining,
  batch: TrainingBatch,
  step: number,
  seen: SeenStatistics,
  onGradient: ProbeSink,
): StepReport {
  const { tf, plan, state, updater } = training;
  const learningRate = training.schedule(step - 1);
  const { value, gradients, lossAnywhere } = differentiate(training, batch, seen);
  const gradientOf = (name: string) => updater.pick(gradients, name);
  try {
    const { first: loss, finite } = readFirst(tf, [value, ...gradients]);
    for (const name of batch.gradients) reportGradient(training, name, gradientOf(name), onGradient);
    if (finite && Number.isFinite(lossAnywhere)) {
      updater.update(gradients, step, learningRate);
      seen.apply(state);
      return { learningRate, loss };
    }
    const layer = locateNonFinite(tf, plan, batch, gradientOf);
    const what = Number.isFinite(loss) && Number.isFinite(lossAnywhere) ? 'gradient' : 'loss';
    return { learningRate, loss, nonFinite: { what, layer } };
  } finally {
    tf.dispose([value, ...gradients]);
  }
}

interface Differentiated {
  readonly value: Tensor;
  /** As the updater joins them: averaged over the ranks. */
  readonly gradients: readonly Tensor1D[];
  /** 0, or what is not finite if the loss of another rank is not. */
  readonly lossAnywhere: number;
}

/** The loss and its gradients, which are the caller's to free. */
function differentiate(training: PreparedTraining, batch: TrainingBatch, seen: SeenStatistics): Differentiated {
  const { tf, updater, sumOfAll } = training;
  const { value, gradients } = differentiateLoss(training, batch, seen);
  const own = updater.join(gradients);
  tf.dispose([...gradients.values()]);
  if (sumOfAll === null) return { value, gradients: own, lossAnywhere: 0 };
  const { vectors, lossAnywhere } = sumOfAll(value, own);
  tf.dispose(own);
  return { value, gradients: vectors, lossAnywhere };
}

/** By TensorFlow.js's automatic differentiation. Parameters that the loss does not depend on are not in `gradients`. */
function differentiateLoss(
  { tf, plan, trainable, state }: PreparedTraining,
  batch: TrainingBatch,
  seen: SeenStatistics,
): { value: Tensor; gradients: Map<string, Tensor> } {
  const forward = () => trainingForward(tf, plan, batch, { onStatistics: seen.add });
  // The share of this rank's loss in the one that is differentiated.
  const dy = tf.scalar(1 / (plan.ranks?.size ?? 1));
  const { value, grads } = tf.engine().gradients(forward, trainable.map(state.get), dy, true);
  dy.dispose();
  const gradients = new Map<string, Tensor>();
  for (const [at, name] of trainable.entries()) {
    const gradient: Tensor | null | undefined = grads[at];
    if (gradient !== null && gradient !== undefined) gradients.set(name, gradient);
  }
  return { value, gradients };
}

/** In the parameter's layout; zeros where there is none. Frees it. */
function reportGradient(
  { state }: PreparedTraining,
  name: string,
  gradient: Tensor | null,
  onGradient: ProbeSink,
): void {
  const shape = state.shapes.get(name)!;
  const zeros = () => float32NdArray(shape, new Float32Array(elementCount(shape)));
  onGradient(name, gradient === null ? zeros() : state.download(name, gradient));
  gradient?.dispose();
}
