import { invertByProducts } from '../../models/operators/ridge-inverse.js';
import type { Operators } from '../../models/operators.js';
import type { Tensor, Tensor3D, Tensor4D, TensorFlowJs } from './tensorflow-js.js';

/** Operators over tokens, [b, n, c], and vectors, [b, c]. Each has a gradient in TensorFlow.js. */
export interface TokenOperators {
  toTokens(x: Tensor4D, groups: number): Tensor3D;
  fromTokens(tokens: Tensor, like: readonly number[], groups: number): Tensor4D;
  /** As models call them. */
  readonly plain: Pick<Operators<Tensor>, 'softmax' | 'l2Normalize' | 'norm' | 'ridgeInverse' | 'matMul'>;
  repeatForBatch(x: Tensor, batch: number): Tensor;
  meanOverPositions(x: Tensor4D): Tensor;
  /** @param weight the elements of [i, o], in any shape */
  linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor;
}

export function tokenOperators(tf: TensorFlowJs): TokenOperators {
  return {
    plain: plainOperators(tf),
    toTokens(x, groups) {
      const [b, h, w, c] = x.shape;
      if (groups === 1) return tf.reshape(x, [b, h * w, c]);
      return tf.tidy(() => {
        const split = tf.transpose(tf.reshape(x, [b, h * w, groups, c / groups]), [0, 2, 1, 3]);
        return tf.reshape(split, [b * groups, h * w, c / groups]);
      });
    },
    fromTokens(tokens, like, groups) {
      const [b = 0, h = 0, w = 0, c = 0] = like;
      if (groups === 1) return tf.reshape(tokens, [b, h, w, c]);
      return tf.tidy(() => {
        const joined = tf.transpose(tf.reshape(tokens, [b, groups, h * w, c / groups]), [0, 2, 1, 3]);
        return tf.reshape(joined, [b, h, w, c]);
      });
    },
    repeatForBatch(x, batch) {
      const [s = 0, m = 0, n = 0] = x.shape;
      return tf.tidy(() => tf.reshape(tf.tile(tf.reshape(x, [s, 1, m, n]), [1, batch, 1, 1]), [s * batch, m, n]));
    },
    // Over any other axis than the last TensorFlow adds naively.
    meanOverPositions(x) {
      const [b, h, w, c] = x.shape;
      return tf.tidy(() => tf.mean(tf.transpose(tf.reshape(x, [b, h * w, c]), [0, 2, 1]), 2));
    },
    linear: (x, weight, bias) =>
      tf.tidy(() => tf.add(tf.matMul(x, tf.reshape(weight, [x.shape[1]!, bias.size])), bias)),
  };
}

function plainOperators(tf: TensorFlowJs): TokenOperators['plain'] {
  return {
    l2Normalize: (x, { axis, epsilon }) =>
      tf.tidy(() => tf.div(x, tf.maximum(tf.sqrt(tf.sum(tf.square(x), axis, true)), epsilon))),
    // Over any other axis than the last TensorFlow adds naively.
    norm: (x, { axis, order }) =>
      tf.tidy(() => {
        const rows = axis === 2 ? x : tf.transpose(x, [0, 2, 1]);
        const sum = tf.sum(order === 1 ? rows : tf.square(rows), 2, true);
        const norm = order === 1 ? sum : tf.sqrt(sum);
        return axis === 2 ? norm : tf.transpose(norm, [0, 2, 1]);
      }),
    ridgeInverse: (x, options) =>
      tf.tidy(() => {
        const identity = tf.eye(options.size);
        const arithmetic = {
          product: (a: Tensor, b: Tensor) => tf.matMul(a, b),
          add: (a: Tensor, b: Tensor) => tf.add(a, b),
          subtract: (a: Tensor, b: Tensor) => tf.sub(a, b),
          scale: (a: Tensor, by: number) => tf.mul(a, by),
          diagonal: (value: number) => tf.mul(identity, value),
        };
        return invertByProducts<Tensor>(arithmetic, x, options);
      }),
    softmax: (x, { scale } = { scale: 1 }) =>
      scale === 1 ? tf.softmax(x) : tf.tidy(() => tf.softmax(tf.mul(x, scale))),
    matMul: (a, b, options = {}) => tf.matMul(a, b, options.transposeA ?? false, options.transposeB ?? false),
  };
}
