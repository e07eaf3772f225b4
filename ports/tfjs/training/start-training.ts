import { isBuffer } from '../../../harness/golden/seeded.js';
import type {
  ModelSection,
  TrainingBatch,
  TrainingSession,
  TrainRequest,
} from '../../../harness/hosts/port-contract.js';
import { type Float32NdArray, float32NdArray, type NdArray } from '../../../harness/support/nd-array.js';
import { type BugSwitch, withBug } from '../../../models/bug-switches.js';
import { findModel } from '../../../models/registry.js';
import { shapeOperators } from '../../../models/shape-operators.js';
import { validateDraws, validateWeights } from '../../../models/validate-weights.js';
import { parseLoss } from '../../../training/loss.js';
import { parseOptimizer } from '../../../training/optimizer.js';
import { parseSchedule } from '../../../training/schedule.js';
import { validateLabels } from '../../../training/validate-labels.js';
import { uploadNchw } from '../../tfjs-shared/layout.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import type { BatchStatistics } from './batch-norm.js';
import { createState } from './state.js';
import { eagerTensorOperators } from './tensor-operators.js';
import { type StatisticsOptions, trainingOperators } from './training-operators.js';
import { createUpdater } from './update-parameters.js';

/** Training on TensorFlow.js, by its automatic differentiation. Throws as `LoadedModel.train` does. */
export async function startTraining(
  tf: TensorFlowJs,
  section: ModelSection,
  weights: ReadonlyMap<string, Float32NdArray>,
  asked: TrainRequest,
  bug: BugSwitch | null,
): Promise<TrainingSession> {
  const definition = await findModel(section);
  const config = definition.parse(bug?.model?.(section) ?? section);
  validateWeights(weights, definition.parameters(config));
  const request = bug?.training?.(asked) ?? asked;
  const schedule = parseSchedule(request.lrScheduler, request.iters);
  const loss = parseLoss(request.loss);
  const optimizer = parseOptimizer(request.optimizer);
  const tensorOps = eagerTensorOperators(tf);
  const state = createState(tf, weights);
  const updater = createUpdater(tf, tensorOps, optimizer, state);
  const trainable = state.names.filter((name) => !isBuffer(name));
  let steps = 0;

  /** The loss of a batch; batch norms leave their statistics in `seen`. */
  const forward = (batch: TrainingBatch, seen: SeenStatistics): Tensor => {
    const draws = new Map([...batch.draws].map(([name, drawn]) => [name, uploadDraw(tf, drawn)]));
    const ops = trainingOperators({
      tf,
      parameter: state.get,
      draws,
      onStatistics: (name, { mean, variance }, options) =>
        seen.set(name, { mean: tf.keep(tf.clone(mean)), variance: tf.keep(tf.clone(variance)), ...options }),
    });
    const logits = definition.forward(withBug(ops, bug), config, uploadImage(tf, batch.image));
    const [b = 0, h = 0, w = 0, classes = 0] = logits.shape;
    const labels = tf.tensor2d(Int32Array.from(batch.label.data, Number), [b, h * w], 'int32');
    return loss.total(tensorOps, tf.reshape(logits, [b, h * w, classes]), labels);
  };

  return {
    async step(batch, onGradient) {
      const draws = definition.draws(config, batch.image.shape, 'train');
      validateDraws(batch.draws, draws);
      // Before anything is computed: TensorFlow.js frees nothing of a forward that throws.
      const { ops } = shapeOperators(definition.parameters(config), draws, 'train');
      const [, classes = 0] = definition.forward(ops, config, batch.image.shape);
      validateLabels(batch.label, classes, loss.ignoreIndex);
      const learningRate = schedule(steps);
      const seen: SeenStatistics = new Map();
      try {
        const { value, gradients } = differentiateLoss(tf, () => forward(batch, seen), trainable, state.get);
        const lossValue = value.dataSync()[0]!;
        for (const name of batch.gradients) reportGradient(name, gradients.get(name) ?? null);
        steps++;
        updater.update(gradients, steps, learningRate);
        updateStatistics(seen);
        tf.dispose([value, ...gradients.values()]);
        return { learningRate, loss: lossValue };
      } finally {
        for (const { mean, variance } of seen.values()) tf.dispose([mean, variance]);
      }

      function reportGradient(name: string, gradient: Tensor | null): void {
        const { shape } = weights.get(name)!;
        if (gradient === null) onGradient(name, zeros(shape));
        else onGradient(name, state.download(name, gradient));
      }
    },
    async read(names, onValue) {
      for (const name of names) onValue(name, state.download(name, state.get(name)));
    },
    async dispose() {
      updater.dispose();
      state.dispose();
    },
  };

  function updateStatistics(seen: SeenStatistics): void {
    for (const [name, statistics] of seen) {
      const { mean, variance } = statistics;
      updateRunning(`${name}._mean`, mean, 1);
      updateRunning(`${name}._variance`, variance, biasOf(statistics));
    }
  }

  function updateRunning(name: string, batch: Tensor, factor: number): void {
    const running = tf.tidy(() =>
      tf.add(tf.mul(state.get(name), runningShare), tf.mul(batch, (1 - runningShare) * factor)),
    );
    state.set(name, running);
  }
}

/** By the batch norm's name. */
type SeenStatistics = Map<string, BatchStatistics & StatisticsOptions>;

/** Paddle's default `momentum` of batch norms. */
const runningShare = 0.9;

/** What turns the unbiased variance into the one that is kept. */
function biasOf({ count, runningVariance }: StatisticsOptions): number {
  return runningVariance === 'unbiased' || count === 1 ? 1 : (count - 1) / count;
}

/** Parameters that the loss does not depend on are not in `gradients`. */
function differentiateLoss(
  tf: TensorFlowJs,
  loss: () => Tensor,
  names: readonly string[],
  parameter: (name: string) => Tensor,
): { value: Tensor; gradients: Map<string, Tensor> } {
  const { value, grads } = tf.engine().gradients(loss, names.map(parameter), undefined, true);
  const gradients = new Map<string, Tensor>();
  for (const [at, name] of names.entries()) {
    const gradient: Tensor | null | undefined = grads[at];
    if (gradient !== null && gradient !== undefined) gradients.set(name, gradient);
  }
  return { value, gradients };
}

function uploadImage(tf: TensorFlowJs, { data, shape }: Float32NdArray): Tensor4D {
  const [b = 0, c = 0, h = 0, w = 0] = shape;
  return uploadNchw(tf, data, [b, c, h, w]);
}

function uploadDraw(tf: TensorFlowJs, { data, shape }: NdArray): Tensor {
  return tf.tensor(Float32Array.from(data as ArrayLike<number | bigint>, Number), [...shape], 'float32');
}

function zeros(shape: readonly number[]): Float32NdArray {
  return float32NdArray(shape, new Float32Array(shape.reduce((product, extent) => product * extent, 1)));
}
