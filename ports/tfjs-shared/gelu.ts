import type { Tensor, TensorFlowJs } from './tensorflow-js.js';

/** 0.5 x (1 + erf(x / √2)), as the reference has it. */
export function geluErf<X extends Tensor>(tf: TensorFlowJs, x: X): X {
  return tf.tidy(() => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)));
}

/** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), the approximation of Hendrycks and Gimpel 2016. */
export function geluTanh<X extends Tensor>(tf: TensorFlowJs, x: X): X {
  return tf.tidy(() => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  });
}
