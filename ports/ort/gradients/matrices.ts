import { invertByProducts } from '../../../models/operators/ridge-inverse.js';
import type { Value } from '../../../onnx/graph.js';
import { diagonal } from '../operators/matrices.js';
import { shapeOf } from './emitter.js';
import { sumToShape, type Tape } from './tape.js';

/** Product of the last two axes, the axes before them broadcast. dA = dC Bᵀ, dB = Aᵀ dC. */
export function matMul(tape: Tape, a: Value, b: Value): Value {
  const { emitter } = tape;
  const reduced = (x: Value, operand: Value) => sumToShape(emitter, x, shapeOf(operand), shapeOf(x));
  return tape.record(emitter.matMul(a, b), [a, b], (gradient) => [
    reduced(emitter.matMul(gradient, emitter.swapLast(b)), a),
    reduced(emitter.matMul(emitter.swapLast(a), gradient), b),
  ]);
}

/** (x + ridge · I)⁻¹ = Y of [b, m, m]. dX = −Yᵀ dY Yᵀ. */
export function ridgeInverse(tape: Tape, x: Value, options: { size: number; ridge: number }): Value {
  const { emitter } = tape;
  const arithmetic = {
    product: emitter.matMul,
    add: emitter.add,
    subtract: emitter.sub,
    scale: (a: Value, by: number) => emitter.mul(a, emitter.scalar(by)),
    diagonal: (value: number) => diagonal(emitter.builder, options.size, value),
  };
  const inverse = invertByProducts(arithmetic, x, options);
  return tape.record(inverse, [x], (gradient) => {
    const swapped = emitter.swapLast(inverse);
    return [emitter.unary('Neg', emitter.matMul(emitter.matMul(swapped, gradient), swapped))];
  });
}

/**
 * Bilinear resizing of the last two axes, as a product with a constant matrix from each side; so its gradient is two
 * more.
 * Shapes: [b, c, h, w] → [b, c, height, width].
 */
export function resizeBilinear(
  tape: Tape,
  x: Value,
  [height, width]: readonly [number, number],
  alignCorners: boolean,
): Value {
  const { emitter } = tape;
  const [, , h, w] = shapeOf(x) as [number, number, number, number];
  const matrix = (to: number, from: number): Value =>
    emitter.table(`resize/${from}to${to}${alignCorners ? '/corners' : ''}`, [to, from], () =>
      resizeMatrix(from, to, alignCorners),
    );
  const wide = w === width ? x : matMul(tape, x, emitter.swapLast(matrix(width, w))); // [b, c, h, width]
  return h === height ? wide : matMul(tape, matrix(height, h), wide); // [b, c, height, width]
}

/** Row i holds what the positions before take part in position i after: [to, from]. Source: F.interpolate of Paddle. */
export function resizeMatrix(from: number, to: number, alignCorners: boolean): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const place = sourcePlace(i, from, to, alignCorners);
    const before = Math.floor(place);
    const after = Math.min(before + 1, from - 1);
    const share = place - before;
    matrix[i * from + before]! += 1 - share;
    matrix[i * from + after]! += share;
  }
  return matrix;
}

/** (i + ½) · from/to − ½, or i · (from − 1)/(to − 1); never outside. */
function sourcePlace(i: number, from: number, to: number, alignCorners: boolean): number {
  if (alignCorners) return to === 1 ? 0 : (i * (from - 1)) / (to - 1);
  return Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
}
