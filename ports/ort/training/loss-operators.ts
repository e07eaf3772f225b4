import type { Value } from '../../../onnx/graph.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import { logSoftmax, softmax } from '../gradients/activations.js';
import { add, div, less, maximum, minimum, mul, sqrt, sub } from '../gradients/arithmetic.js';
import { shapeOf } from '../gradients/emitter.js';
import { gather, reshape, sumLast, swapLast } from '../gradients/shapes.js';
import type { Tape } from '../gradients/tape.js';

/**
 * What losses, clipping and optimisers are written against, as nodes. Class numbers are float32, which holds them
 * exactly.
 */
export function lossOperators(tape: Tape): TensorOperators<Value> {
  const { emitter } = tape;
  const { scalar, unary } = emitter;
  const vector = (values: readonly number[]): Value =>
    emitter.table(`vector/${values.join(',')}`, [values.length], () => Float32Array.from(values));
  /** 1 where whole numbers are equal, 0 elsewhere: max(0, 1 − |a − b|). */
  const equal = (a: Value, b: Value): Value => unary('Relu', emitter.sub(scalar(1), unary('Abs', emitter.sub(a, b))));
  return {
    shape: shapeOf,
    scalar,
    vector,
    add: (a, b) => add(tape, a, b),
    sub: (a, b) => sub(tape, a, b),
    mul: (a, b) => mul(tape, a, b),
    div: (a, b) => div(tape, a, b),
    maximum: (a, b) => maximum(tape, a, b),
    minimum: (a, b) => minimum(tape, a, b),
    sqrt: (x) => sqrt(tape, x),
    softmax: (x) => softmax(tape, x),
    logSoftmax: (x) => logSoftmax(tape, x),
    sumLast: (x) => sumLast(tape, x),
    reshape: (x, shape) => reshape(tape, x, shape),
    swapLast: (x) => swapLast(tape, x),
    gather: (x, indices) => gather(tape, x, indices),
    oneHot(labels, classes) {
      // Made class by class, [..., classes, n], which runs along memory; the swap is cancelled by that of the logits.
      const shape = shapeOf(labels);
      const numbers = emitter.table(`classes/${classes}`, [classes, 1], () =>
        Float32Array.from({ length: classes }, (_, at) => at),
      );
      return emitter.swapLast(equal(emitter.reshape(labels, [...shape.slice(0, -1), 1, shape.at(-1)!]), numbers));
    },
    isLabel: (labels, label) => equal(labels, scalar(label)),
    replaceLabel(labels, from, to) {
      const change = emitter.mul(equal(labels, scalar(from)), scalar(to - from));
      return emitter.add(labels, change);
    },
    less: (a, b) => less(tape, a, b),
    largest(x, k) {
      const outputs = [
        { dtype: 'float32', shape: [k] },
        { dtype: 'int64', shape: [k] },
      ] as const;
      return emitter.builder.addMany('TopK', [x, emitter.builder.sizes([k])], outputs, { axis: 0 })[1]!;
    },
  };
}
