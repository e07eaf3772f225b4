import { elementCount, float32NdArray } from '../../../harness/contract/nd-array.js';
import type { OptimizerState, ProbeSink } from '../../../harness/contract/port.js';
import type { Optimizer, ParameterGroup } from '../../../training/optimizer.js';
import { slotName, validateOptimizerState } from '../../../training/optimizer-state.js';
import type { Figures } from '../../../training/optimizers/rule.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import type { Tensor, Tensor1D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { concatenate, splitBySize } from './join-tensors.js';
import type { TrainingState } from './state.js';

/** An optimizer at work: it keeps what its rule keeps from step to step. */
export interface Updater {
  /**
   * Gradients as the long vectors that `update` takes: new tensors. Which parameters have a gradient is the same in
   * each step; the others stay as they are, as in the reference.
   */
  join(gradients: ReadonlyMap<string, Tensor>): Tensor1D[];
  /** The elements of one parameter's gradient out of what `join` gave, a new tensor; or null where it has none. */
  pick(joined: readonly Tensor1D[], name: string): Tensor | null;
  update(joined: readonly Tensor1D[], step: number, learningRate: number): void;
  /** What is kept, by the names of `OptimizerState.slots`. */
  readSlots(onValue: ProbeSink): void;
  dispose(): void;
}

/**
 * Each group's parameters are updated as long vectors. Hundreds of small tensors would cost a dozen calls each, and one
 * vector of millions of elements would pass through memory a dozen times. Throws a UserError for a state that does not
 * fit.
 */
export function createUpdater(
  tf: TensorFlowJs,
  ops: TensorOperators<Tensor>,
  optimizer: Optimizer,
  state: TrainingState,
  { trainable, resume }: { readonly trainable: readonly string[]; readonly resume: OptimizerState | undefined },
): Updater {
  const { rule, groups, clip, groupOf } = optimizer;
  const shapeOf = (name: string) => state.shapes.get(name)!;
  const sizeOf = (name: string) => elementCount(shapeOf(name));
  if (resume !== undefined) {
    validateOptimizerState(resume, new Map(trainable.map((name) => [name, shapeOf(name)])), rule.slots);
  }
  let joinedGroups: readonly JoinedGroup[] | null = null;

  const plan = (names: readonly string[]): JoinedGroup[] =>
    groups.flatMap((group, at) => {
      const members = names.filter((name) => groupOf(name) === at);
      const parts = splitBySize(members, sizeOf);
      return members.length === 0 ? [] : [{ group, vectors: parts.map(makeVector) }];
    });
  const makeVector = (names: readonly string[]): JoinedVector => {
    const keepJoined = (find: (name: string) => Tensor) => tf.keep(tf.tidy(() => concatenate(tf, names.map(find))));
    const slots = rule.slots.map((slot) => [slot, keepJoined((name) => initialSlot(name, slot))] as const);
    return { names, sizes: names.map(sizeOf), parameter: keepJoined(state.get), slots: Object.fromEntries(slots) };
  };
  const initialSlot = (name: string, slot: string): Tensor => {
    const resumed = resume?.slots.get(slotName(name, slot));
    return resumed === undefined ? tf.zeros([sizeOf(name)]) : state.upload(resumed);
  };

  const updateGroup = ({ group, vectors }: JoinedGroup, joined: readonly Tensor[], step: number, rate: number) => {
    const clipped = clip === null ? joined : clipParameters(vectors, joined);
    const figures = rule.figures(step, rate * group.learningRateMultiplier, group.weightDecay);
    const scalars = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, ops.scalar(figure)]));
    for (const [at, vector] of vectors.entries()) tf.tidy(() => updateVector(vector, clipped[at]!, scalars));
  };
  /** Clipping sees the gradient of each parameter. */
  const clipParameters = (vectors: readonly JoinedVector[], joined: readonly Tensor[]): Tensor[] => {
    const gradients = vectors.flatMap(({ sizes }, at) => tf.split(joined[at] as Tensor1D, [...sizes]) as Tensor[]);
    const clipped = [...(clip?.(ops, gradients) ?? gradients)];
    return vectors.map(({ names }) => concatenate(tf, clipped.splice(0, names.length)));
  };
  const updateVector = (members: JoinedVector, gradient: Tensor, figures: Figures<Tensor>) => {
    const { names, sizes, parameter, slots } = members;
    const updated = rule.update(ops, { parameter, gradient, slots }, figures);
    tf.dispose([parameter, slots]);
    members.parameter = tf.keep(updated.parameter);
    members.slots = Object.fromEntries(rule.slots.map((slot) => [slot, tf.keep(updated.slots[slot]!)]));
    const parts = tf.split(updated.parameter as Tensor1D, [...sizes]);
    for (const [at, name] of names.entries()) state.set(name, tf.reshape(parts[at]!, state.get(name).shape));
  };
  /** The part of a vector that belongs to a parameter, where a vector holds it. */
  const cut = (name: string, tensorOf: (vector: JoinedVector, place: number) => Tensor): Tensor | null => {
    const vectors = (joinedGroups ?? []).flatMap((members) => members.vectors);
    const place = vectors.findIndex(({ names }) => names.includes(name));
    if (place < 0) return null;
    const { names, sizes } = vectors[place]!;
    const at = names.indexOf(name);
    const start = sizes.slice(0, at).reduce((sum, size) => sum + size, 0);
    return tf.slice(tensorOf(vectors[place]!, place) as Tensor1D, start, sizes[at]!);
  };

  return {
    join(gradients) {
      joinedGroups ??= plan([...gradients.keys()]);
      return joinedGroups.flatMap(({ vectors }) =>
        vectors.map(({ names }) => {
          const own = names.map((name) => gradients.get(name));
          const missing = own.indexOf(undefined);
          if (missing >= 0) throw new Error(`${names[missing]} had a gradient in an earlier step and has none`);
          return tf.tidy(() => concatenate(tf, own as Tensor[]));
        }),
      );
    },
    pick: (joined, name) => cut(name, (_vector, place) => joined[place]!),
    update(joined, step, learningRate) {
      let from = 0;
      for (const members of joinedGroups ?? []) {
        const own = joined.slice(from, from + members.vectors.length);
        tf.tidy(() => updateGroup(members, own, step, learningRate));
        from += members.vectors.length;
      }
    },
    readSlots(onValue) {
      for (const name of trainable) {
        for (const slot of rule.slots) {
          const kept = cut(name, ({ slots }) => slots[slot]!);
          const untouched = () => resume?.slots.get(slotName(name, slot)) ?? zeros(shapeOf(name));
          onValue(slotName(name, slot), kept === null ? untouched() : state.download(name, kept));
          kept?.dispose();
        }
      }
    },
    dispose() {
      for (const { vectors } of joinedGroups ?? [])
        for (const { parameter, slots } of vectors) tf.dispose([parameter, slots]);
      joinedGroups = null;
    },
  };
}

interface JoinedGroup {
  readonly group: ParameterGroup;
  /** Of its parameters, in order. */
  readonly vectors: readonly JoinedVector[];
}

interface JoinedVector {
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  /** All elements of all parameters, one after the other; the slots alike. */
  parameter: Tensor;
  slots: Record<string, Tensor>;
}

function zeros(shape: readonly number[]) {
  return float32NdArray(shape, new Float32Array(elementCount(shape)));
}
