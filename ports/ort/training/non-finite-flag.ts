import type { Value } from '../../../onnx/graph.js';
import type { Emitter } from '../gradients/emitter.js';

/**
 * [1]: 0 where every element is finite, NaN where one is not. Exact: Inf · 0 is NaN, and no finite number overflows.
 */
export function nonFiniteFlag(emitter: Emitter, values: readonly Value[]): Value {
  const flags = values.map((value) => {
    const zeros = emitter.mul(value, emitter.scalar(0));
    const axes = value.shape.map((_, axis) => axis);
    return emitter.reshape(emitter.sum(zeros, axes), [1]);
  });
  return emitter.sum(emitter.concat(flags, 0), [0]);
}
