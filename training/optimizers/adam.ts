import type { TensorOperators } from '../tensor-operators.js';
import type { Figures, ParameterState, UpdateRule } from './rule.js';
import { withWeightDecay } from './weight-decay.js';

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Source: paddle.optimizer.AdamW: the decay is decoupled, p −= lr · λ · p before Adam's step. */
export function adamW(options: AdamOptions): UpdateRule {
  return {
    slots,
    figures: (step, learningRate, weightDecay) => ({
      ...adamFigures(options, step, learningRate),
      decay: learningRate * weightDecay,
    }),
    update(ops, state, figures) {
      const decayed = ops.sub(state.parameter, ops.mul(state.parameter, figures.decay!));
      return adamUpdate(ops, { ...state, parameter: decayed }, figures);
    },
  };
}

/** Source: paddle.optimizer.Adam: the decay is added to the gradient. */
export function adam(options: AdamOptions): UpdateRule {
  return {
    slots,
    figures: (step, learningRate, weightDecay) => ({ ...adamFigures(options, step, learningRate), weightDecay }),
    update: (ops, state, figures) => adamUpdate(ops, withWeightDecay(ops, state, figures.weightDecay!), figures),
  };
}

const slots = ['moment1', 'moment2'] as const;

/** Paddle scales the step and epsilon, not the moments: lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) and ε √(1 − β₂ᵗ). */
function adamFigures({ beta1, beta2, epsilon }: AdamOptions, step: number, learningRate: number): Figures<number> {
  const correction = Math.sqrt(1 - beta2 ** step);
  return {
    beta1,
    beta2,
    rest1: 1 - beta1,
    rest2: 1 - beta2,
    rate: (learningRate * correction) / (1 - beta1 ** step),
    epsilon: epsilon * correction,
  };
}

function adamUpdate<T>(
  ops: TensorOperators<T>,
  { parameter, gradient, slots }: ParameterState<T>,
  { beta1, beta2, rest1, rest2, rate, epsilon }: Figures<T>,
): Omit<ParameterState<T>, 'gradient'> {
  const moment1 = ops.add(ops.mul(slots.moment1!, beta1!), ops.mul(gradient, rest1!));
  const moment2 = ops.add(ops.mul(slots.moment2!, beta2!), ops.mul(ops.mul(gradient, gradient), rest2!));
  const direction = ops.div(moment1, ops.add(ops.sqrt(moment2), epsilon!));
  return { parameter: ops.sub(parameter, ops.mul(direction, rate!)), slots: { moment1, moment2 } };
}
