import type { Optimizer } from '../../../training/optimizer.js';
import type { Figures } from '../../../training/optimizers/rule.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import type { Tensor, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import type { TrainingState } from './state.js';

/** An optimizer at work: it keeps what its rule keeps for each parameter. */
export interface Updater {
  /** One update of every parameter that has a gradient; the others stay as they are, as in the reference. */
  update(gradients: ReadonlyMap<string, Tensor>, step: number, learningRate: number): void;
  dispose(): void;
}

export function createUpdater(
  tf: TensorFlowJs,
  ops: TensorOperators<Tensor>,
  optimizer: Optimizer,
  state: TrainingState,
): Updater {
  const { rule, groups, clip } = optimizer;
  const slots = new Map<string, Record<string, Tensor>>();
  const slotsOf = (name: string) => {
    const found =
      slots.get(name) ??
      Object.fromEntries(rule.slots.map((slot) => [slot, tf.keep(tf.zerosLike(state.get(name)))] as const));
    slots.set(name, found);
    return found;
  };
  const updateOne = (name: string, gradient: Tensor, figures: Figures<Tensor>) => {
    const before = slotsOf(name);
    const after = tf.tidy(() => {
      const updated = rule.update(ops, { parameter: state.get(name), gradient, slots: before }, figures);
      return { parameter: updated.parameter, ...updated.slots };
    });
    const { parameter, ...kept } = after as Record<string, Tensor>;
    state.set(name, parameter!);
    for (const slot of rule.slots) {
      before[slot]!.dispose();
      before[slot] = tf.keep(kept[slot]!);
    }
  };
  return {
    update(gradients, step, learningRate) {
      for (const [at, { learningRateMultiplier, weightDecay }] of groups.entries()) {
        const names = [...gradients.keys()].filter((name) => optimizer.groupOf(name) === at);
        tf.tidy(() => {
          const plain = names.map((name) => gradients.get(name)!);
          const clipped = clip === null ? plain : clip(ops, plain);
          const figures = rule.figures(step, learningRate * learningRateMultiplier, weightDecay);
          const scalars = Object.fromEntries(
            Object.entries(figures).map(([name, figure]) => [name, ops.scalar(figure)]),
          );
          for (const [index, name] of names.entries()) updateOne(name, clipped[index]!, scalars);
        });
      }
    },
    dispose() {
      for (const kept of slots.values()) tf.dispose(kept);
      slots.clear();
    },
  };
}
