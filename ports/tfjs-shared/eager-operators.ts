import { paddingSides } from '../../models/conv-options.js';
import { scaledSize } from '../../models/operators/resize-by-ratio.js';
import type { ConvOptions, Operators } from '../../models/operators.js';
import { convolveInParts, splitKernel } from './conv-in-parts.js';
import { convolveDilated } from './dilation.js';
import { geluErf, geluTanh } from './gelu.js';
import { groupNorm, layerNorm } from './norms.js';
import type { Parameters } from './parameters.js';
import type { ProbeRecorder } from './probe-recorder.js';
import type { Tensor, Tensor1D, Tensor4D, TensorFlowJs } from './tensorflow-js.js';
import { tokenOperators } from './token-operators.js';

export interface EagerContext {
  readonly tf: TensorFlowJs;
  readonly parameters: Parameters;
  readonly recorder: ProbeRecorder;
  readonly draws: ReadonlyMap<string, Tensor>;
}

/**
 * The operators, executed at once, with layers as the reference has them. Feature maps are [b, h, w, c].
 * For gradients see ports/tfjs/training: what is freed here at once is needed there.
 */
export function eagerOperators({ tf, parameters, recorder, draws }: EagerContext): Operators<Tensor> {
  const tokens = tokenOperators(tf);
  const affine = (name: string) => ({
    weight: parameters.vector(`${name}.weight`) as Tensor1D,
    bias: parameters.vector(`${name}.bias`) as Tensor1D,
  });
  return {
    conv2d(x, name, options) {
      const convolved = convolveDilated(tf, asMap(x), name, options, (map, undilated) =>
        convolve(tf, map, parameters, name, undilated),
      );
      return options.bias ? tf.add(convolved, parameters.vector(`${name}.bias`)) : convolved;
    },
    batchNorm(x, name, { epsilon }) {
      const of = (part: string) => parameters.vector(`${name}.${part}`) as Tensor1D;
      return tf.batchNorm4d(asMap(x), of('_mean'), of('_variance'), of('bias'), of('weight'), epsilon);
    },
    layerNorm: (x, name, { epsilon }) => layerNorm(tf, asMap(x), affine(name), epsilon),
    groupNorm: (x, name, options) => groupNorm(tf, asMap(x), affine(name), options),
    scaleChannels: (x, name) => tf.mul(x, parameters.vector(name)),

    gelu: (x, options) => (options?.approximate === 'tanh' ? geluTanh(tf, x) : geluErf(tf, x)),
    relu: (x) => tf.relu(x),
    add: (a, b) => tf.add(a, b),
    mul: (a, b) => tf.mul(a, b),
    div: (a, b) => tf.div(a, b),
    addScalar: (x, scalar) => tf.add(x, scalar),
    concatChannels: (xs) => tf.concat([...xs], 3),
    resizeBilinear(x, like, { alignCorners }) {
      const [, height, width] = asMap(like).shape;
      return tf.image.resizeBilinear(asMap(x), [height, width], alignCorners, !alignCorners);
    },
    resizeByRatio(x, ratio, { alignCorners }) {
      const [, h, w] = asMap(x).shape;
      const size: [number, number] = [scaledSize(h, ratio), scaledSize(w, ratio)];
      return tf.image.resizeBilinear(asMap(x), size, alignCorners, !alignCorners);
    },

    ...tokens.plain,
    toTokens: (x, groups) => tokens.toTokens(asMap(x), groups),
    fromTokens: (x, like, groups) => tokens.fromTokens(x, like.shape, groups),
    detach: (x) => x,
    meanOverPositions: (x) => tokens.meanOverPositions(asMap(x)),
    linear: (x, name) => tokens.linear(x, parameters.vector(`${name}.weight`), parameters.vector(`${name}.bias`)),
    draw(name) {
      const drawn = draws.get(name);
      if (drawn === undefined) throw new Error(`the model draws ${name}, which it does not declare`);
      return drawn;
    },
    buffer: (name) => parameters.plain(name),
    repeatForBatch: (x, like) => tokens.repeatForBatch(x, asMap(like).shape[0]),
    probe(name, x) {
      const names = recorder.namesOf(name);
      return names.length === 0 ? x : recorder.record(names, x);
    },
    scope: (body) => tf.tidy(body),
  };
}

function convolve(tf: TensorFlowJs, x: Tensor4D, parameters: Parameters, name: string, options: ConvOptions): Tensor4D {
  const { top, left, bottom, right } = paddingSides(options);
  const padding: Padding = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  const stride: [number, number] = [...options.stride];
  const channels = x.shape[3];
  if (options.groups === 1) {
    const kernels = splitKernel(tf, parameters.kernelHwio(`${name}.weight`) as Tensor4D);
    return convolveInParts(tf, x, kernels, (part, kernel) => tf.conv2d(part, kernel, stride, padding));
  }
  if (options.groups !== channels) {
    throw new Error(`${name} has ${options.groups} groups of ${channels} channels; 1 or ${channels} are implemented`);
  }
  return tf.depthwiseConv2d(x, parameters.kernelDepthwise(`${name}.weight`) as Tensor4D, stride, padding);
}

type Padding = [[number, number], [number, number], [number, number], [number, number]];

function asMap(x: Tensor): Tensor4D {
  if (x.rank !== 4) throw new Error(`a feature map is wanted, not a tensor of rank ${x.rank}`);
  return x as Tensor4D;
}
