import type { TensorOperators } from '../tensor-operators.js';

/** How one parameter is updated: the same for each engine, tensor by tensor or over many joined into one. */
export interface UpdateRule {
  /** Values that are kept for each parameter from step to step, in its shape; zeros at first. */
  readonly slots: readonly string[];
  /** Figures of one step, in float64. `step` counts from 1; the learning rate is the group's own. */
  figures(step: number, learningRate: number, weightDecay: number): Figures<number>;
  update<T>(
    ops: TensorOperators<T>,
    state: ParameterState<T>,
    figures: Figures<T>,
  ): Omit<ParameterState<T>, 'gradient'>;
}

export type Figures<N> = Readonly<Record<string, N>>;

export interface ParameterState<T> {
  readonly parameter: T;
  readonly gradient: T;
  /** By the names of `UpdateRule.slots`. */
  readonly slots: Readonly<Record<string, T>>;
}
