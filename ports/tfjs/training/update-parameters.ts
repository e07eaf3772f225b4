import type { Optimizer, ParameterGroup } from '../../../training/optimizer.js';
import type { Figures } from '../../../training/optimizers/rule.js';
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

/**
 * Each group's parameters are updated as long vectors: hundreds of small tensors would cost a call each, a dozen times,
 * and one of millions of elements would pass through memory as often.
 */
export function createUpdater(
  tf: TensorFlowJs,
  ops: TensorOperators<Tensor>,
  optimizer: Optimizer,
  state: TrainingState,
): Updater {
  const { rule, groups, clip, groupOf } = optimizer;
  let joined: readonly JoinedGroup[] | null = null;

  const join = (names: readonly string[]): JoinedGroup[] =>
    groups.flatMap((group, at) => {
      const members = names.filter((name) => groupOf(name) === at);
      const parts = splitBySize(members, (name) => state.get(name).size);
      return members.length === 0 ? [] : [{ group, names: members, vectors: parts.map(joinVector) }];
    });
  const joinVector = (names: readonly string[]): JoinedVector => {
    const parameter = tf.keep(tf.tidy(() => concatenate(tf, names.map(state.get))));
    const zeros = rule.slots.map((slot) => [slot, tf.keep(tf.zerosLike(parameter))] as const);
    return { names, parameter, slots: Object.fromEntries(zeros) };
  };

  const updateGroup = (
    { group, names, vectors }: JoinedGroup,
    gradients: readonly Tensor[],
    step: number,
    learningRate: number,
  ) => {
    const clipped = clip === null ? gradients : clip(ops, gradients);
    const figures = rule.figures(step, learningRate * group.learningRateMultiplier, group.weightDecay);
    const scalars = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, ops.scalar(figure)]));
    let from = 0;
    for (const vector of vectors) {
      const own = clipped.slice(from, from + vector.names.length);
      tf.tidy(() => updateVector(vector, own, scalars));
      from += vector.names.length;
    }
    if (from !== names.length) throw new Error('the vectors of a group do not hold all of it');
  };

  const updateVector = (members: JoinedVector, gradients: readonly Tensor[], figures: Figures<Tensor>) => {
    const { names, parameter, slots } = members;
    const updated = rule.update(ops, { parameter, gradient: concatenate(tf, gradients), slots }, figures);
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
      for (const { vectors } of joined ?? [])
        for (const { parameter, slots } of vectors) tf.dispose([parameter, slots]);
      joined = null;
    },
  };
}

interface JoinedGroup {
  readonly group: ParameterGroup;
  readonly names: readonly string[];
  /** Of its parameters, in order. */
  readonly vectors: readonly JoinedVector[];
}

interface JoinedVector {
  readonly names: readonly string[];
  /** All elements of all parameters, one after the other; the slots alike. */
  parameter: Tensor;
  slots: Record<string, Tensor>;
}

/** 256 KB in float32, which stay in a core's cache: AdamW on 4 million took 46 ms, in vectors of 2¹⁸ 49 ms, in one 61 ms. */
const vectorSize = 2 ** 16;

/** Runs of names of about `vectorSize` elements together, in order. */
function splitBySize(names: readonly string[], sizeOf: (name: string) => number): string[][] {
  const runs: string[][] = [];
  let filled = Number.POSITIVE_INFINITY;
  for (const name of names) {
    if (filled + sizeOf(name) > vectorSize) {
      runs.push([]);
      filled = 0;
    }
    runs.at(-1)!.push(name);
    filled += sizeOf(name);
  }
  return runs;
}

function concatenate(tf: TensorFlowJs, tensors: readonly Tensor[]): Tensor {
  const flat = tensors.map((tensor) => (tensor.rank === 1 ? tensor : tf.reshape(tensor, [-1])));
  return tf.concat(flat as Tensor1D[], 0);
}
