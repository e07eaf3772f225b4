import type { Value } from '../../../onnx/graph.js';
import { type Shape, shapeOf } from './emitter.js';
import type { Tape } from './tape.js';

export function reshape(tape: Tape, x: Value, shape: Shape): Value {
  const { emitter } = tape;
  return tape.record(emitter.reshape(x, shape), [x], (gradient) => [emitter.reshape(gradient, shapeOf(x))]);
}

export function swapLast(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  return tape.record(emitter.swapLast(x), [x], (gradient) => [emitter.swapLast(gradient)]);
}

export function slice(tape: Tape, x: Value, axis: number, start: number, end: number): Value {
  const { emitter } = tape;
  return tape.record(emitter.slice(x, axis, start, end), [x], (gradient) => {
    const zeros = (count: number): Value[] => {
      if (count === 0) return [];
      const shape = shapeOf(x).map((size, at) => (at === axis ? count : size));
      return [emitter.expand(emitter.scalar(0), shape)];
    };
    return [emitter.concat([...zeros(start), gradient, ...zeros(shapeOf(x)[axis]! - end)], axis)];
  });
}

export function concat(tape: Tape, xs: readonly Value[], axis: number): Value {
  const { emitter } = tape;
  return tape.record(emitter.concat(xs, axis), xs, (gradient) => {
    let start = 0;
    return xs.map((x) => {
      const end = start + shapeOf(x)[axis]!;
      const part = emitter.slice(gradient, axis, start, end);
      start = end;
      return part;
    });
  });
}

/** [..., n] → [...] */
export function sumLast(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  const leading = shapeOf(x).slice(0, -1);
  const sum = emitter.reshape(emitter.sum(x, [leading.length]), leading);
  return tape.record(sum, [x], (gradient) => [emitter.reshape(gradient, [...leading, 1])]);
}

/** [b, c, h, w] → [b, c] */
export function meanOverPositions(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  const [b, c, h, w] = shapeOf(x) as [number, number, number, number];
  const share = emitter.scalar(1 / (h * w));
  const mean = emitter.reshape(emitter.mul(emitter.sum(x, [2, 3]), share), [b, c]);
  return tape.record(mean, [x], (gradient) => [
    emitter.expand(emitter.reshape(emitter.mul(gradient, share), [b, c, 1, 1]), shapeOf(x)),
  ]);
}

/** The elements of x [n] at `indices` [k], int64, no two of them alike. */
export function gather(tape: Tape, x: Value, indices: Value): Value {
  const { emitter } = tape;
  const { builder } = emitter;
  return tape.record(builder.add('Gather', [x, indices], indices.shape, { axis: 0 }), [x], (gradient) => {
    const zeros = emitter.expand(emitter.scalar(0), shapeOf(x));
    return [builder.add('ScatterElements', [zeros, indices, gradient], x.shape, { axis: 0 })];
  });
}
