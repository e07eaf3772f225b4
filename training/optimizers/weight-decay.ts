import type { TensorOperators } from '../tensor-operators.js';
import type { ParameterState } from './rule.js';

/** Coupled L2: g + λ · p. Source: paddle.regularizer.L2Decay. */
export function withWeightDecay<T>(
  ops: TensorOperators<T>,
  state: ParameterState<T>,
  weightDecay: T,
): ParameterState<T> {
  return { ...state, gradient: ops.add(state.gradient, ops.mul(state.parameter, weightDecay)) };
}
