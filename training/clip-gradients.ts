import { sumOfAll } from './reduce.js';
import { closedSchema, type Section, typedReader } from './section.js';
import type { TensorOperators } from './tensor-operators.js';

/** Changes the gradients of one parameter group before anything else sees them. */
export type GradientClip = <T>(ops: TensorOperators<T>, gradients: readonly T[]) => readonly T[];

/**
 * Reads `grad_clip_cfg`. Source: paddle/nn/clip.py. An optimizer with `custom_cfg` clips each of its groups by the
 * group's own global norm, as `Optimizer.step` does there.
 */
export function parseGradientClip(section: Section, at: string): GradientClip {
  const name = reader.typeOf({ type: section.name }, at);
  const options = reader.read<{ max: number; min?: number; clip_norm: number }>(section, name, at);
  if (name === 'ClipGradByValue') return byValue(options.min ?? -options.max, options.max);
  return name === 'ClipGradByNorm' ? byNorm(options.clip_norm) : byGlobalNorm(options.clip_norm);
}

const limit = { type: 'number', exclusiveMinimum: 0 };
const reader = typedReader('urn:tipcheck:grad-clip', 'the optimizer section', {
  ClipGradByValue: closedSchema({ name: {}, max: { type: 'number' }, min: { type: 'number' } }, ['max']),
  ClipGradByNorm: closedSchema({ name: {}, clip_norm: limit }, ['clip_norm']),
  ClipGradByGlobalNorm: closedSchema({ name: {}, clip_norm: limit }, ['clip_norm']),
});

function byValue(min: number, max: number): GradientClip {
  return (ops, gradients) =>
    gradients.map((gradient) => ops.minimum(ops.maximum(gradient, ops.scalar(min)), ops.scalar(max)));
}

function byNorm(clipNorm: number): GradientClip {
  return (ops, gradients) =>
    gradients.map((gradient) => scaleTo(ops, [gradient], sumOfSquares(ops, gradient), clipNorm)[0]!);
}

function byGlobalNorm(clipNorm: number): GradientClip {
  return (ops, gradients) => {
    if (gradients.length === 0) return gradients;
    const squares = gradients.map((gradient) => sumOfSquares(ops, gradient));
    return scaleTo(
      ops,
      gradients,
      squares.reduce((sum, square) => ops.add(sum, square)),
      clipNorm,
    );
  };
}

/** Times clipNorm / max(norm, clipNorm). */
function scaleTo<T>(ops: TensorOperators<T>, gradients: readonly T[], squared: T, clipNorm: number): readonly T[] {
  const limit = ops.scalar(clipNorm);
  const factor = ops.div(limit, ops.maximum(ops.sqrt(squared), limit));
  return gradients.map((gradient) => ops.mul(gradient, factor));
}

function sumOfSquares<T>(ops: TensorOperators<T>, x: T): T {
  return sumOfAll(ops, ops.mul(x, x));
}
