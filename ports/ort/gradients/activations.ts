import type { Value } from '../../../onnx/graph.js';
import { positiveMask } from './arithmetic.js';
import type { Emitter } from './emitter.js';
import type { Tape } from './tape.js';

/** x · Φ(x) with Φ by erf. ∂ = Φ(x) + x φ(x), φ the normal density: with u = x / √2, x φ(x) = u e^(−u² − ½ ln π). */
export function gelu(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  const { add, sub, mul, scalar, unary } = emitter;
  const u = mul(x, scalar(Math.SQRT1_2));
  // ½ e + ½ in one pass over memory: HardSigmoid cuts at 0 and 1, and erf stays within.
  const cumulative = unary('HardSigmoid', unary('Erf', u), { alpha: { float: 0.5 }, beta: { float: 0.5 } });
  return tape.record(mul(x, cumulative), [x], (gradient) => {
    const bell = unary('Exp', sub(scalar(-Math.log(Math.PI) / 2), mul(u, u)));
    return [mul(gradient, add(cumulative, mul(u, bell)))];
  });
}

/** ½ x (1 + tanh t) with t = √(2/π) (x + 0.044715 x³). ∂ = ½ (1 + tanh t) + ½ x (1 − tanh² t) ∂t. */
export function geluTanh(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  const { add, sub, mul, scalar, unary } = emitter;
  const [slope, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = mul(x, x);
  const t = mul(x, add(mul(square, scalar(slope * cubic)), scalar(slope)));
  const tanh = unary('Tanh', t);
  const half = mul(x, scalar(0.5));
  return tape.record(add(half, mul(half, tanh)), [x], (gradient) => {
    const outer = add(mul(tanh, scalar(0.5)), scalar(0.5));
    const inner = add(mul(square, scalar(3 * slope * cubic)), scalar(slope));
    const bent = mul(mul(half, sub(scalar(1), mul(tanh, tanh))), inner);
    return [mul(gradient, add(outer, bent))];
  });
}

export function relu(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  const y = emitter.unary('Relu', x);
  return tape.record(y, [x], (gradient) => [emitter.mul(gradient, positiveMask(emitter, y))]);
}

/** Over the last axis. ∂ = y · (dY − Σ dY · y) */
export function softmax(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  const y = emitter.unary('Softmax', x, { axis: -1 });
  return tape.record(y, [x], (gradient) => {
    const product = emitter.mul(gradient, y);
    const sum = emitter.sum(product, [x.shape.length - 1]);
    return [emitter.sub(product, emitter.mul(y, sum))];
  });
}

/**
 * Over the last axis. ∂ = dY − softmax(x) · Σ dY. Where the last axis is the second last of what x was swapped from, it
 * stays there: LogSoftmax itself would transpose twice, in one thread.
 */
export function logSoftmax(tape: Tape, x: Value): Value {
  const { emitter } = tape;
  const last = x.shape.length - 1;
  const apart = emitter.swappedFrom(x);
  const y =
    apart === null ? emitter.unary('LogSoftmax', x, { axis: -1 }) : emitter.swapLast(along(emitter, apart, last - 1));
  return tape.record(y, [x], (gradient) => {
    const sum = emitter.sum(gradient, [last]);
    return [emitter.sub(gradient, emitter.mul(emitter.unary('Exp', y), sum))];
  });
}

/** x − max − log Σ exp(x − max) along an axis. */
function along(emitter: Emitter, x: Value, axis: number): Value {
  const shifted = emitter.sub(x, emitter.max(x, axis));
  return emitter.sub(shifted, emitter.unary('Log', emitter.sum(emitter.unary('Exp', shifted), [axis])));
}
