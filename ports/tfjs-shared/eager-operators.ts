import type { ConvOptions, Operators } from '../../models/operators.js';
import type { Parameters } from './parameters.js';
import type { ProbeRecorder } from './probe-recorder.js';
import type { Tensor, Tensor1D, Tensor3D, Tensor4D, TensorFlowJs } from './tensorflow-js.js';

export interface EagerContext {
  readonly tf: TensorFlowJs;
  readonly parameters: Parameters;
  readonly recorder: ProbeRecorder;
  readonly draws: ReadonlyMap<string, Tensor>;
}

/**
 * The operators, executed at once, with layers as the reference has them. Feature maps are [b, h, w, c].
 * Every operator has a gradient in TensorFlow.js.
 */
export function eagerOperators({ tf, parameters, recorder, draws }: EagerContext): Operators<Tensor> {
  return {
    conv2d(x, name, options) {
      const convolved = convolve(tf, asMap(x), parameters, name, options);
      return options.bias ? tf.add(convolved, parameters.vector(`${name}.bias`)) : convolved;
    },
    batchNorm(x, name, { epsilon }) {
      const of = (part: string) => parameters.vector(`${name}.${part}`) as Tensor1D;
      return tf.batchNorm4d(asMap(x), of('_mean'), of('_variance'), of('bias'), of('weight'), epsilon);
    },
    layerNorm(x, name, { epsilon }) {
      return tf.tidy(() => {
        const centred = tf.sub(x, tf.mean(x, -1, true));
        const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
        const normal = tf.mul(centred, inverse);
        return tf.add(tf.mul(normal, parameters.vector(`${name}.weight`)), parameters.vector(`${name}.bias`));
      });
    },
    groupNorm: (x, name, options) => tf.tidy(() => groupNorm(tf, asMap(x), parameters, name, options)),
    scaleChannels: (x, name) => tf.mul(x, parameters.vector(name)),

    gelu: (x, options) => tf.tidy(() => (options?.approximate === 'tanh' ? geluTanh(tf, x) : geluErf(tf, x))),
    relu: (x) => tf.relu(x),
    softmax: (x) => tf.softmax(x),
    add: (a, b) => tf.add(a, b),
    mul: (a, b) => tf.mul(a, b),
    div: (a, b) => tf.div(a, b),
    addScalar: (x, scalar) => tf.add(x, scalar),
    concatChannels: (xs) => tf.concat([...xs], 3),
    resizeBilinear(x, like, { alignCorners }) {
      const [, height, width] = asMap(like).shape;
      return tf.image.resizeBilinear(asMap(x), [height, width], alignCorners, !alignCorners);
    },

    toTokens: (x, groups) => tf.tidy(() => toTokens(tf, asMap(x), groups)),
    fromTokens: (tokens, like, groups) => tf.tidy(() => fromTokens(tf, tokens, asMap(like), groups)),
    matMul: (a, b, options = {}) => tf.matMul(a, b, options.transposeA ?? false, options.transposeB ?? false),
    l2Normalize(x, { axis, epsilon }) {
      return tf.tidy(() => {
        const norm = tf.sqrt(tf.sum(tf.square(x), axis, true));
        return tf.div(x, tf.maximum(norm, epsilon));
      });
    },

    draw(name) {
      const drawn = draws.get(name);
      if (drawn === undefined) throw new Error(`the model draws ${name}, which it does not declare`);
      return drawn;
    },
    buffer: (name) => parameters.plain(name),
    repeatForBatch(x, like) {
      const [s = 0, m = 0, n = 0] = x.shape;
      const batch = asMap(like).shape[0];
      return tf.tidy(() => tf.reshape(tf.tile(tf.reshape(x, [s, 1, m, n]), [1, batch, 1, 1]), [s * batch, m, n]));
    },
    probe: (name, x) => (recorder.concerns(name) ? recorder.record(name, asMap(x)) : x),
    scope: (body) => tf.tidy(body),
  };
}

function convolve(tf: TensorFlowJs, x: Tensor4D, parameters: Parameters, name: string, options: ConvOptions): Tensor4D {
  const [top, left, bottom = top, right = left] = options.padding;
  const padding: Padding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const stride: [number, number] = [...options.stride];
  const channels = x.shape[3];
  if (options.groups === 1) return tf.conv2d(x, parameters.kernelHwio(`${name}.weight`) as Tensor4D, stride, padding);
  if (options.groups !== channels) {
    throw new Error(`${name} has ${options.groups} groups of ${channels} channels; 1 or ${channels} are implemented`);
  }
  return tf.depthwiseConv2d(x, parameters.kernelDepthwise(`${name}.weight`) as Tensor4D, stride, padding);
}

function geluErf(tf: TensorFlowJs, x: Tensor): Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

function geluTanh(tf: TensorFlowJs, x: Tensor): Tensor {
  const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

type Padding = [[number, number], [number, number], [number, number], [number, number]];

/**
 * Sums run along the last axis only, in two stages: over any other TensorFlow adds naively, which costs 16 times the
 * reference's noise on a map of 64×128.
 */
function groupNorm(
  tf: TensorFlowJs,
  x: Tensor4D,
  parameters: Parameters,
  name: string,
  { groups, epsilon }: { groups: number; epsilon: number },
): Tensor {
  const [b, h, w, c] = x.shape;
  const grouped = tf.reshape(x, [b, h * w, groups, c / groups]);
  const meanOverGroup = (values: Tensor) =>
    tf.reshape(tf.mean(tf.transpose(tf.mean(values, 3), [0, 2, 1]), 2), [b, 1, groups, 1]);
  const centred = tf.sub(grouped, meanOverGroup(grouped));
  const inverse = tf.rsqrt(tf.add(meanOverGroup(tf.square(centred)), epsilon));
  const weight = tf.reshape(parameters.vector(`${name}.weight`), [1, 1, groups, c / groups]);
  const bias = tf.reshape(parameters.vector(`${name}.bias`), [1, 1, groups, c / groups]);
  return tf.reshape(tf.add(tf.mul(centred, tf.mul(inverse, weight)), bias), [b, h, w, c]);
}

function toTokens(tf: TensorFlowJs, x: Tensor4D, groups: number): Tensor3D {
  const [b, h, w, c] = x.shape;
  if (groups === 1) return tf.reshape(x, [b, h * w, c]);
  const split = tf.transpose(tf.reshape(x, [b, h * w, groups, c / groups]), [0, 2, 1, 3]);
  return tf.reshape(split, [b * groups, h * w, c / groups]);
}

function fromTokens(tf: TensorFlowJs, tokens: Tensor, like: Tensor4D, groups: number): Tensor4D {
  const [b, h, w, c] = like.shape;
  if (groups === 1) return tf.reshape(tokens, [b, h, w, c]);
  const joined = tf.transpose(tf.reshape(tokens, [b, groups, h * w, c / groups]), [0, 2, 1, 3]);
  return tf.reshape(joined, [b, h, w, c]);
}

function asMap(x: Tensor): Tensor4D {
  if (x.rank !== 4) throw new Error(`a feature map is wanted, not a tensor of rank ${x.rank}`);
  return x as Tensor4D;
}
