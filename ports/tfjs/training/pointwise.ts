import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { differentiate, sumPerChannel } from './gradient.js';

/** x · Φ(x) with erf; its gradient is Φ(x) + x · φ(x). */
export function trainingGelu(tf: TensorFlowJs, x: Tensor): Tensor {
  return differentiate(tf, [x], {
    value([map], save) {
      const share = tf.add(tf.mul(tf.erf(tf.mul(map!, Math.SQRT1_2)), 0.5), 0.5);
      save([map!, share]);
      return tf.mul(map!, share);
    },
    gradients(dy, [map, share]) {
      const density = tf.mul(tf.exp(tf.mul(tf.square(map!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(dy, tf.add(share!, tf.mul(map!, density)))];
    },
  });
}

/** Shapes: [b, h, w, c], [c] → [b, h, w, c]. */
export function trainingScale(tf: TensorFlowJs, x: Tensor, scale: Tensor): Tensor {
  return differentiate(tf, [x, scale], {
    value([map, vector], save) {
      save([map!, vector!]);
      return tf.mul(map!, vector!);
    },
    gradients: (dy, [map, vector]) => [tf.mul(dy, vector!), sumPerChannel(tf, tf.mul(dy, map!))],
  });
}
