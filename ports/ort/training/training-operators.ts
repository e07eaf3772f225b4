import { scaledSize } from '../../../models/operators/resize-by-ratio.js';
import type { Operators, TrainingOperators } from '../../../models/operators.js';
import type { Value } from '../../../onnx/graph.js';
import { gelu, geluTanh, relu, softmax } from '../gradients/activations.js';
import { add, div, mul } from '../gradients/arithmetic.js';
import { conv2d } from '../gradients/convolution.js';
import { shapeOf } from '../gradients/emitter.js';
import { matMul, resizeBilinear, ridgeInverse } from '../gradients/matrices.js';
import { type BatchStatistics, batchNorm, groupNorm, layerNorm } from '../gradients/norms.js';
import { concat, meanOverPositions, reshape, swapLast } from '../gradients/shapes.js';
import { type RankPlace, syncBatchNorm } from '../gradients/sync-batch-norm.js';
import type { Tape } from '../gradients/tape.js';

export interface TrainingContext {
  readonly tape: Tape;
  /** A parameter or buffer as it is before the step, by its name in state_dict(). */
  state(name: string): Value;
  /** Takes a statistic as it is after the step. */
  update(name: string, value: Value): void;
  draw(name: string): Value;
  /** Takes what the model records. */
  onProbe(name: string, x: Value): void;
  /** Batch norms take their statistics over all of them; null: over the batch that is here. */
  readonly ranks: RankPlace | null;
}

/** A forward of training: each operator leaves on the tape how its gradient goes back. Sizes are fixed. */
export function trainingOperators(context: TrainingContext): Operators<Value> {
  const { tape, state, ranks } = context;
  const { builder, scalar } = tape.emitter;
  const affineInputs = (x: Value, name: string) => {
    builder.scope = name;
    return { x, weight: state(`${name}.weight`), bias: state(`${name}.bias`) };
  };
  return {
    conv2d(x, name, options) {
      builder.scope = name;
      const bias = options.bias ? state(`${name}.bias`) : null;
      return conv2d(tape, { x, weight: state(`${name}.weight`), bias }, options);
    },
    batchNorm(x, name, { epsilon, runningVariance = 'biased' }) {
      const inputs = affineInputs(x, name);
      const seen = ranks === null ? batchNorm(tape, inputs, epsilon) : syncBatchNorm(tape, inputs, epsilon, ranks);
      moveStatistic(context, `${name}._mean`, seen.mean);
      moveStatistic(context, `${name}._variance`, runningVariance === 'biased' ? seen.variance : unbiased(tape, seen));
      return seen.y;
    },
    layerNorm: (x, name, { epsilon }) => layerNorm(tape, affineInputs(x, name), epsilon),
    groupNorm: (x, name, { groups, epsilon }) => groupNorm(tape, affineInputs(x, name), groups, epsilon),
    scaleChannels: (x, name) => mul(tape, x, state(name)),
    gelu: (x, { approximate } = { approximate: 'none' }) => (approximate === 'tanh' ? geluTanh : gelu)(tape, x),
    relu: (x) => relu(tape, x),
    softmax: (x, { scale } = { scale: 1 }) => softmax(tape, scale === 1 ? x : mul(tape, x, scalar(scale))),
    detach: (x) => tape.emitter.unary('Identity', x),
    add: (a, b) => add(tape, a, b),
    mul: (a, b) => mul(tape, a, b),
    div: (a, b) => div(tape, a, b),
    addScalar: (x, value) => add(tape, x, scalar(value)),
    concatChannels: (xs) => concat(tape, xs, 1),
    ...resizing(tape),
    ...tokenOperators(tape),
    meanOverPositions: (x) => meanOverPositions(tape, x),
    linear: (x, name) => linear(tape, affineInputs(x, name)),
    draw: context.draw,
    buffer: state,
    repeatForBatch(x, like) {
      const [s, m, n] = shapeOf(x) as [number, number, number];
      const batch = shapeOf(like)[0]!;
      const repeated = tape.emitter.expand(tape.emitter.reshape(x, [s, 1, m, n]), [s, batch, m, n]);
      return tape.emitter.reshape(repeated, [s * batch, m, n]);
    },
    probe(name, x) {
      context.onProbe(name, x);
      return x;
    },
    scope: (body) => body(),
    training: dropOperators(context),
  };
}

function tokenOperators(
  tape: Tape,
): Pick<Operators<Value>, 'toTokens' | 'fromTokens' | 'matMul' | 'l2Normalize' | 'norm' | 'ridgeInverse'> {
  return {
    toTokens(x, groups) {
      const [b, c, h, w] = shapeOf(x) as [number, number, number, number];
      return swapLast(tape, reshape(tape, x, [b * groups, c / groups, h * w])); // [b · g, h · w, c / g]
    },
    fromTokens: (tokens, like) => reshape(tape, swapLast(tape, tokens), shapeOf(like)),
    matMul: (a, b, { transposeA = false, transposeB = false } = {}) =>
      matMul(tape, transposeA ? swapLast(tape, a) : a, transposeB ? swapLast(tape, b) : b),
    l2Normalize: (x, { axis, epsilon }) => l2Normalize(tape, x, axis, epsilon),
    norm: (x, options) => norm(tape, x, options),
    ridgeInverse: (x, options) => ridgeInverse(tape, x, options),
  };
}

function resizing(tape: Tape): Pick<Operators<Value>, 'resizeBilinear' | 'resizeByRatio'> {
  return {
    resizeBilinear(x, like, { alignCorners }) {
      const [, , height, width] = shapeOf(like) as [number, number, number, number];
      return resizeBilinear(tape, x, [height, width], alignCorners);
    },
    resizeByRatio(x, ratio, { alignCorners }) {
      const [, , h, w] = shapeOf(x) as [number, number, number, number];
      return resizeBilinear(tape, x, [scaledSize(h, ratio), scaledSize(w, ratio)], alignCorners);
    },
  };
}

function linear(tape: Tape, { x, weight, bias }: Readonly<Record<'x' | 'weight' | 'bias', Value>>): Value {
  return add(tape, matMul(tape, x, weight), bias);
}

/** What is kept of a map is divided by the share that is kept. */
function dropOperators({ tape, draw }: TrainingContext): TrainingOperators<Value> {
  const { emitter } = tape;
  const dropped = (x: Value, flags: Value, rate: number): Value =>
    mul(tape, x, emitter.mul(flags, emitter.scalar(1 / (1 - rate))));
  return {
    dropPath(x, name, { rate, call }) {
      const flags = emitter.slice(draw(name), 0, call, call + 1); // [1, b]
      return dropped(x, emitter.reshape(flags, [-1, 1, 1, 1]), rate);
    },
    dropout2d(x, name, { rate }) {
      const [b, c] = shapeOf(x) as [number, number];
      return dropped(x, emitter.reshape(draw(name), [b, c, 1, 1]), rate);
    },
  };
}

/** running = 0.9 · running + 0.1 · batch. Source: `momentum` of paddle.nn.BatchNorm2D. */
function moveStatistic({ tape, state, update }: TrainingContext, name: string, batch: Value): void {
  const { add, mul, scalar } = tape.emitter;
  update(name, add(mul(state(name), scalar(0.9)), mul(batch, scalar(0.1))));
}

function unbiased({ emitter }: Tape, { variance, count }: BatchStatistics): Value {
  const { sub, mul, div, binary, scalar } = emitter;
  return mul(variance, div(count, binary('Max', sub(count, scalar(1)), scalar(1))));
}

/** Of what is drawn: no gradient goes back through it. */
function l2Normalize({ emitter }: Tape, x: Value, axis: number, epsilon: number): Value {
  const norm = emitter.unary('Sqrt', emitter.sumOfSquares(x, [axis]));
  return emitter.div(x, emitter.binary('Max', norm, emitter.scalar(epsilon)));
}

/** Of what is detached: no gradient goes back through it. */
function norm({ emitter }: Tape, x: Value, { axis, order }: { axis: number; order: 1 | 2 }): Value {
  return order === 1 ? emitter.sum(x, [axis]) : emitter.unary('Sqrt', emitter.sumOfSquares(x, [axis]));
}
