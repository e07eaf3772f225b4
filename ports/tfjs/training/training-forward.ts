import type { Float32NdArray, NdArray } from '../../../harness/contract/nd-array.js';
import type { Collective, TrainingBatch } from '../../../harness/contract/port.js';
import { copyInt64 } from '../../../harness/support/int64-numbers.js';
import type { ModelDefinition } from '../../../models/model-definition.js';
import { takeImage } from '../../../models/take-image.js';
import type { TrainingLoss } from '../../../training/loss.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import { uploadNchw } from '../../tfjs-shared/layout.js';
import type { Tensor, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { type TrainingContext, trainingOperators } from './training-operators.js';

/** What looks on while a forward runs. */
export interface ForwardWatch extends Pick<TrainingContext, 'onStatistics' | 'onProbe'> {
  onParameter?(name: string): void;
}

export interface ForwardPlan {
  readonly definition: ModelDefinition<unknown>;
  readonly config: unknown;
  readonly loss: TrainingLoss;
  readonly lossOperators: TensorOperators<Tensor>;
  readonly ranks: Collective | undefined;
  parameter(name: string): Tensor;
}

/** The loss of a batch, []. */
export function trainingForward(
  tf: TensorFlowJs,
  { definition, config, loss, lossOperators, ranks, parameter }: ForwardPlan,
  batch: TrainingBatch,
  { onStatistics, onProbe, onParameter }: ForwardWatch,
): Tensor {
  const ops = trainingOperators({
    tf,
    parameter(name) {
      onParameter?.(name);
      return parameter(name);
    },
    draws: new Map([...batch.draws].map(([name, drawn]) => [name, uploadDraw(tf, drawn)])),
    ranks,
    onStatistics,
    ...(onProbe === undefined ? {} : { onProbe }),
  });
  const logits = definition.forward(ops, config, uploadImage(tf, takeImage(batch.inputs)));
  const [b = 0, h = 0, w = 0, classes = 0] = logits.shape;
  const labels = tf.tensor2d(copyInt64(batch.label.data, new Int32Array(b * h * w)), [b, h * w], 'int32');
  return loss.total(lossOperators, tf.reshape(logits, [b, h * w, classes]), labels);
}

function uploadImage(tf: TensorFlowJs, { data, shape }: Float32NdArray): Tensor4D {
  const [b = 0, c = 0, h = 0, w = 0] = shape;
  return uploadNchw(tf, data, [b, c, h, w]);
}

function uploadDraw(tf: TensorFlowJs, { data, shape }: NdArray): Tensor {
  return tf.tensor(Float32Array.from(data as ArrayLike<number | bigint>, Number), [...shape], 'float32');
}
