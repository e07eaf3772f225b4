import type { Collective } from '../../../harness/contract/port.js';
import { scaledSize } from '../../../models/operators/resize-by-ratio.js';
import type { Operators } from '../../../models/operators.js';
import { geluTanh } from '../../tfjs-shared/gelu.js';
import type { Tensor, Tensor1D, Tensor4D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { tokenOperators } from '../../tfjs-shared/token-operators.js';
import { type BatchStatistics, trainingBatchNorm } from './batch-norm.js';
import { addBias, convolve } from './convolution.js';
import { nativeOps } from './native-ops.js';
import { trainingGroupNorm, trainingLayerNorm } from './norms.js';
import { trainingGelu, trainingScale } from './pointwise.js';
import { resizeByMatrices } from './resize.js';
import { syncBatchNorm } from './sync-batch-norm.js';

export interface TrainingContext {
  readonly tf: TensorFlowJs;
  /**
   * A parameter or buffer by its name in state_dict(): convolutions are [kh, kw, i, o], what else is per channel is
   * [c].
   */
  parameter(name: string): Tensor;
  readonly draws: ReadonlyMap<string, Tensor>;
  /** Batch norms take their statistics over all of them; absent: over the batch that is here. */
  readonly ranks: Collective | undefined;
  /** What a batch norm saw. */
  onStatistics(name: string, statistics: BatchStatistics, options: StatisticsOptions): void;
  onProbe?(name: string, x: Tensor): void;
}

export interface StatisticsOptions {
  readonly runningVariance: 'biased' | 'unbiased';
}

/** The operators in training, executed at once, each with its gradient. Feature maps are [b, h, w, c]. */
export function trainingOperators(context: TrainingContext): Operators<Tensor> {
  const { tf, parameter, draws, ranks, onStatistics, onProbe } = context;
  const tokens = tokenOperators(tf);
  const native = nativeOps(tf);
  const affine = (name: string) => ({
    weight: parameter(`${name}.weight`) as Tensor1D,
    bias: parameter(`${name}.bias`) as Tensor1D,
  });
  const draw = (name: string): Tensor => {
    const drawn = draws.get(name);
    if (drawn === undefined) throw new Error(`the model draws ${name}, which it does not declare`);
    return drawn;
  };
  return {
    conv2d(x, name, options) {
      const kernel = parameter(`${name}.weight`) as Tensor4D;
      const convolved = convolve(tf, asMap(x), kernel, name, options);
      return options.bias ? addBias(tf, convolved, parameter(`${name}.bias`)) : convolved;
    },
    batchNorm(x, name, { epsilon, runningVariance = 'biased' }) {
      const { weight, bias } = affine(name);
      const operands = [asMap(x), weight, bias] as const;
      const report = (statistics: BatchStatistics) => onStatistics(name, statistics, { runningVariance });
      if (ranks !== undefined && ranks.size > 1) return syncBatchNorm(tf, native, ranks, operands, epsilon, report);
      return trainingBatchNorm(tf, native, operands, epsilon, report);
    },
    layerNorm: (x, name, { epsilon }) => trainingLayerNorm(tf, asMap(x), affine(name), epsilon),
    groupNorm: (x, name, options) => trainingGroupNorm(tf, asMap(x), affine(name), options),
    scaleChannels: (x, name) => trainingScale(tf, x, parameter(name)),

    gelu: (x, options) => (options?.approximate === 'tanh' ? geluTanh(tf, x) : trainingGelu(tf, x)),
    relu: (x) => tf.relu(x),
    add: (a, b) => tf.add(a, b),
    mul: (a, b) => tf.mul(a, b),
    div: (a, b) => tf.div(a, b),
    addScalar: (x, scalar) => tf.add(x, scalar),
    concatChannels: (xs) => tf.concat([...xs], 3),
    resizeBilinear(x, like, { alignCorners }) {
      const [, height, width] = asMap(like).shape;
      return resizeByMatrices(tf, asMap(x), [height, width], alignCorners);
    },
    resizeByRatio(x, ratio, { alignCorners }) {
      const [, h, w] = asMap(x).shape;
      return resizeByMatrices(tf, asMap(x), [scaledSize(h, ratio), scaledSize(w, ratio)], alignCorners);
    },

    ...tokens.plain,
    toTokens: (x, groups) => tokens.toTokens(asMap(x), groups),
    fromTokens: (x, like, groups) => tokens.fromTokens(x, like.shape, groups),
    detach: (x) => native.run('Identity', [{ name: 'T', kind: 'float type' }], [x], 1)[0]!,
    meanOverPositions: (x) => tokens.meanOverPositions(asMap(x)),
    linear: (x, name) => tokens.linear(x, parameter(`${name}.weight`), parameter(`${name}.bias`)),
    draw,
    buffer: parameter,
    repeatForBatch: (x, like) => tokens.repeatForBatch(x, asMap(like).shape[0]),
    probe(name, x) {
      onProbe?.(name, x);
      return x;
    },
    scope: (body) => tf.tidy(body),

    training: {
      dropPath(x, name, { rate, call }) {
        const batch = asMap(x).shape[0];
        const kept = tf.slice(draw(name), [call, 0], [1, batch]); // [1, b]
        return tf.mul(x, tf.reshape(tf.div(kept, 1 - rate), [batch, 1, 1, 1]));
      },
      dropout2d(x, name, { rate }) {
        const [batch, , , channels] = asMap(x).shape;
        return tf.mul(x, tf.reshape(tf.div(draw(name), 1 - rate), [batch, 1, 1, channels]));
      },
    },
  };
}

function asMap(x: Tensor): Tensor4D {
  if (x.rank !== 4) throw new Error(`a feature map is wanted, not a tensor of rank ${x.rank}`);
  return x as Tensor4D;
}
