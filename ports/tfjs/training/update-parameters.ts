import type { Optimizer, ParameterGroup } from '../../../training/optimizer.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import type { Tensor, Tensor1D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import type { TrainingState } from './state.js';

/** An optimizer at work: it keeps what its rule keeps from step to step. */
export interface Updater {
  /**
   * One update of every parameter that has a gradient; the others stay as they are, as in the reference. Which have one is
   * the same in each step.
   */
  update(gradients: ReadonlyMap<string, Tensor>, step: number, learningRate: number): void;
  dispose(): void;
}

/** Each group's parameters are updated as one long vector: hundreds of small tensors would cost a call each, a dozen times. */
export function createUpdater(
  tf: TensorFlowJs,
  ops: TensorOperators<Tensor>,
  optimizer: Optimizer,
  state: TrainingState,
): Updater {
  const { rule, groups, clip, groupOf } = optimizer;
  let joined: JoinedGroup[] | null = null;

  const join = (names: readonly string[]): JoinedGroup[] =>
    groups
      .map((group, at) => ({ group, names: names.filter((name) => groupOf(name) === at) }))
      .filter((found) => found.names.length > 0)
      .map(({ group, names: members }) => {
        const parameter = tf.keep(tf.tidy(() => concatenate(tf, members.map(state.get))));
        const zeros = rule.slots.map((slot) => [slot, tf.keep(tf.zerosLike(parameter))] as const);
        return { group, names: members, parameter, slots: Object.fromEntries(zeros) };
      });

  const updateGroup = (members: JoinedGroup, gradients: readonly Tensor[], step: number, learningRate: number) => {
    const { group, names, parameter, slots } = members;
    const clipped = clip === null ? gradients : clip(ops, gradients);
    const figures = rule.figures(step, learningRate * group.learningRateMultiplier, group.weightDecay);
    const scalars = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, ops.scalar(figure)]));
    const updated = rule.update(ops, { parameter, gradient: concatenate(tf, clipped), slots }, scalars);
    tf.dispose([parameter, slots]);
    members.parameter = tf.keep(updated.parameter);
    members.slots = Object.fromEntries(rule.slots.map((slot) => [slot, tf.keep(updated.slots[slot]!)]));
    const sizes = names.map((name) => state.get(name).size);
    const parts = tf.split(updated.parameter as Tensor1D, sizes);
    for (const [at, name] of names.entries()) state.set(name, tf.reshape(parts[at]!, state.get(name).shape));
  };

  return {
    update(gradients, step, learningRate) {
      joined ??= join([...gradients.keys()]);
      for (const members of joined) {
        tf.tidy(() => {
          const own = members.names.map((name) => gradients.get(name));
          const missing = own.indexOf(undefined);
          if (missing >= 0) throw new Error(`${members.names[missing]} had a gradient in an earlier step and has none`);
          updateGroup(members, own as Tensor[], step, learningRate);
        });
      }
    },
    dispose() {
      for (const { parameter, slots } of joined ?? []) tf.dispose([parameter, slots]);
      joined = null;
    },
  };
}

interface JoinedGroup {
  readonly group: ParameterGroup;
  readonly names: readonly string[];
  /** All elements of all parameters, one after the other; the slots alike. */
  parameter: Tensor;
  slots: Record<string, Tensor>;
}

function concatenate(tf: TensorFlowJs, tensors: readonly Tensor[]): Tensor {
  const flat = tensors.map((tensor) => (tensor.rank === 1 ? tensor : tf.reshape(tensor, [-1])));
  return tf.concat(flat as Tensor1D[], 0);
}
