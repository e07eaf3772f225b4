import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';

/** A function of tensors with a gradient of its own: one for each input, in their order. */
export interface Differentiable {
  /** `save` keeps what the gradient needs. */
  value(inputs: readonly Tensor[], save: (tensors: Tensor[]) => void): Tensor;
  gradients(dy: Tensor, saved: readonly Tensor[]): Tensor[];
}

export function differentiate(tf: TensorFlowJs, inputs: readonly Tensor[], body: Differentiable): Tensor {
  const custom = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    return {
      value: body.value(args.slice(0, -1) as Tensor[], save),
      gradFunc: (dy: Tensor, saved: Tensor[]) => body.gradients(dy, saved),
    };
  });
  return custom(...inputs);
}

/** The value without any gradient: what depends on it through this has none. */
export function withoutGradient(
  tf: TensorFlowJs,
  inputs: readonly Tensor[],
  value: (inputs: readonly Tensor[]) => Tensor,
): Tensor {
  return differentiate(tf, inputs, {
    value: (given, save) => {
      save([...given]);
      return value(given);
    },
    gradients: (_dy, saved) => saved.map((input) => tf.zerosLike(input)),
  });
}

/**
 * Sums over batch and positions, in two stages: in one, TensorFlow adds naively along these axes. Shapes: [b, h, w, c]
 * → [c].
 */
export function sumPerChannel(tf: TensorFlowJs, x: Tensor): Tensor {
  const [b = 1, h = 1, w = 1, c = 1] = x.shape;
  return tf.tidy(() => tf.sum(tf.sum(tf.reshape(x, [b * h, w, c]), 1), 0));
}
