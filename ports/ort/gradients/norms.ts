import type { Value } from '../../../onnx/graph.js';
import { type Emitter, shapeOf } from './emitter.js';
import type { Tape } from './tape.js';

export interface NormInputs {
  readonly x: Value; // [b, c, h, w]
  readonly weight: Value; // [c]
  readonly bias: Value; // [c]
}

export interface BatchStatistics {
  readonly y: Value;
  readonly mean: Value; // [c]
  /** Biased. */
  readonly variance: Value; // [c]
  /** Elements that each is taken over. */
  readonly count: Value;
}

/** With the batch's statistics, over all but the channels. Only `y` is differentiated. */
export function batchNorm(tape: Tape, inputs: NormInputs, epsilon: number): BatchStatistics {
  const { emitter } = tape;
  const channels = shapeOf(inputs.weight);
  const [b, , h, w] = shapeOf(inputs.x) as [number, number, number, number];
  const { y, mean, variance } = normalize(tape, inputs, [0, 2, 3], epsilon);
  const flat = (statistic: Value) => emitter.reshape(statistic, channels);
  return { y, mean: flat(mean), variance: flat(variance), count: emitter.scalar(b * h * w) };
}

/** Each position over its channels. */
export function layerNorm(tape: Tape, inputs: NormInputs, epsilon: number): Value {
  return normalize(tape, inputs, [1], epsilon).y;
}

/** Each of `groups` groups of channels over channels and positions. */
export function groupNorm(tape: Tape, { x, weight, bias }: NormInputs, groups: number, epsilon: number): Value {
  const { emitter } = tape;
  const [b, c, h, w] = shapeOf(x) as [number, number, number, number];
  const inside = [b, groups, c / groups, h * w];
  const apart = { x: emitter.reshape(x, inside), weight, bias };
  const affine = [1, groups, c / groups, 1];
  const { output, rule } = normalized(emitter, apart, [2, 3], epsilon, affine);
  return tape.record(emitter.reshape(output, shapeOf(x)), [x, weight, bias], (gradient) => {
    const [dx, ...rest] = rule(emitter.reshape(gradient, inside));
    return [emitter.reshape(dx!, shapeOf(x)), ...rest];
  });
}

function normalize(tape: Tape, inputs: NormInputs, axes: readonly number[], epsilon: number) {
  const affine = [1, shapeOf(inputs.x)[1]!, 1, 1];
  const { output, rule, mean, variance } = normalized(tape.emitter, inputs, axes, epsilon, affine);
  return { y: tape.record(output, [inputs.x, inputs.weight, inputs.bias], rule), mean, variance };
}

/**
 * y = x̂ · weight + bias, with x̂ = (x − mean) / √(variance + ε) over `axes`. With g = dY · weight:
 * dX = (g − mean(g) − x̂ · mean(g · x̂)) / √(variance + ε).
 * Statistics that are the same along the weight's axes let the weight leave the sums: fewer passes over x.
 */
function normalized(
  emitter: Emitter,
  { x, weight, bias }: NormInputs,
  axes: readonly number[],
  epsilon: number,
  affine: readonly number[],
) {
  const { add, sub, mul, div, scalar, unary, reshape, sum } = emitter;
  const count = scalar(axes.reduce((product, axis) => product * shapeOf(x)[axis]!, 1));
  const [scale, shift] = [reshape(weight, affine), reshape(bias, affine)];
  const mean = div(sum(x, axes), count);
  const centred = sub(x, mean);
  const variance = div(emitter.sumOfSquares(centred, axes), count);
  const inverse = div(scalar(1), unary('Sqrt', add(variance, scalar(epsilon))));
  const rest = affine.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const separate = shapeOf(x).every((size, axis) => size === 1 || axes.includes(axis) === rest.includes(axis));
  const output = separate
    ? add(mul(centred, mul(inverse, scale)), shift)
    : add(mul(mul(centred, inverse), scale), shift);
  const rule = (gradient: Value): readonly Value[] => {
    const product = mul(gradient, centred);
    const dBias = sum(gradient, rest);
    const dWeight = separate ? mul(sum(product, rest), inverse) : sum(mul(product, inverse), rest);
    const flat = [dWeight, dBias].map((parameter) => reshape(parameter, shapeOf(weight)));
    if (separate) {
      // The sums over the statistics' axes are those of the weight and the bias.
      const factor = mul(inverse, scale);
      const shared = div(mul(factor, mul(dWeight, inverse)), count);
      const constant = div(mul(factor, dBias), count);
      return [sub(sub(mul(gradient, factor), mul(centred, shared)), constant), ...flat];
    }
    const scaled = mul(gradient, scale);
    const along = mul(div(sum(mul(scaled, centred), axes), count), mul(inverse, inverse));
    const dx = mul(sub(sub(scaled, div(sum(scaled, axes), count)), mul(centred, along)), inverse);
    return [dx, ...flat];
  };
  return { output, rule, mean, variance };
}
