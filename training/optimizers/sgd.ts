import type { UpdateRule } from './rule.js';
import { withWeightDecay } from './weight-decay.js';

/** p −= lr · (g + λ p). Source: paddle.optimizer.SGD. */
export const sgd: UpdateRule = {
  slots: [],
  figures: (_step, learningRate, weightDecay) => ({ learningRate, weightDecay }),
  update(ops, state, { learningRate, weightDecay }) {
    const { parameter, gradient } = withWeightDecay(ops, state, weightDecay!);
    return { parameter: ops.sub(parameter, ops.mul(gradient, learningRate!)), slots: {} };
  },
};

/** v = μ v + g + λ p; p −= lr · v, or lr · (g + λ p + μ v) after Nesterov. Source: paddle.optimizer.Momentum. */
export function momentum(options: { readonly momentum: number; readonly use_nesterov: boolean }): UpdateRule {
  return {
    slots: ['velocity'],
    figures: (_step, learningRate, weightDecay) => ({ learningRate, weightDecay, momentum: options.momentum }),
    update(ops, state, figures) {
      const { parameter, gradient, slots } = withWeightDecay(ops, state, figures.weightDecay!);
      const velocity = ops.add(ops.mul(slots.velocity!, figures.momentum!), gradient);
      const direction = options.use_nesterov ? ops.add(gradient, ops.mul(velocity, figures.momentum!)) : velocity;
      return { parameter: ops.sub(parameter, ops.mul(direction, figures.learningRate!)), slots: { velocity } };
    },
  };
}
