import type { TensorOperators } from '../../../training/tensor-operators.js';
import type { Tensor, Tensor1D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { differentiate, withoutGradient } from './gradient.js';

/** Losses' and optimisers' operators, executed at once. Class numbers are int32. */
export function eagerTensorOperators(tf: TensorFlowJs): TensorOperators<Tensor> {
  return {
    shape: (x) => x.shape,
    scalar: (value) => tf.scalar(value, 'float32'),
    vector: (values) => tf.tensor1d([...values], 'float32'),
    add: (a, b) => tf.add(a, b),
    sub: (a, b) => tf.sub(a, b),
    mul: (a, b) => tf.mul(a, b),
    div: (a, b) => tf.div(a, b),
    maximum: (a, b) => tf.maximum(a, b),
    minimum: (a, b) => tf.minimum(a, b),
    sqrt: (x) => tf.sqrt(x),
    softmax: (x) => tf.softmax(x),
    logSoftmax: (x) => tf.logSoftmax(x),
    sumLast: (x) => tf.sum(x, -1),
    reshape: (x, shape) => tf.reshape(x, [...shape]),
    swapLast: (x) => tf.transpose(x, [0, 2, 1]),
    gather: (x, indices) => gather(tf, x as Tensor1D, indices as Tensor1D),
    oneHot: (labels, classes) => tf.cast(tf.oneHot(labels, classes), 'float32'),
    isLabel: (labels, label) => tf.cast(tf.equal(labels, tf.scalar(label, 'int32')), 'float32'),
    replaceLabel: (labels, from, to) =>
      tf.where(tf.equal(labels, tf.scalar(from, 'int32')), tf.onesLike(labels).mul(tf.scalar(to, 'int32')), labels),
    less: (a, b) => withoutGradient(tf, [a, b], ([x, y]) => tf.cast(tf.less(x!, y!), 'float32')),
    largest: (x, k) => withoutGradient(tf, [x], ([values]) => tf.topk(values!, k, true).indices),
  };
}

/** TensorFlow.js wants a gradient for the indices too, once they come from what is differentiated. */
function gather(tf: TensorFlowJs, x: Tensor1D, indices: Tensor1D): Tensor {
  return differentiate(tf, [x], {
    value: ([values], save) => {
      save([indices]);
      return tf.gather(values!, indices);
    },
    gradients: (dy, [places]) => [tf.unsortedSegmentSum(dy, places as Tensor1D, x.shape[0])],
  });
}
