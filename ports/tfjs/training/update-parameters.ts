import { elementCount, float32NdArray } from '../../../harness/contract/nd-array.js';
import type { OptimizerState, ProbeSink } from '../../../harness/contract/port.js';
import type { Optimizer } from '../../../training/optimizer.js';
import { slotName, validateOptimizerState } from '../../../training/optimizer-state.js';
import type { Figures } from '../../../training/optimizers/rule.js';
import type { TensorOperators } from '../../../training/tensor-operators.js';
import type { Tensor, Tensor1D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { concatenate } from './join-tensors.js';
import { cutVector, type JoinedGroup, type JoinedVector, joinGroups } from './joined-vectors.js';
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
  const { rule } = optimizer;
  const shapeOf = (name: string) => state.shapes.get(name)!;
  if (resume !== undefined) {
    validateOptimizerState(resume, new Map(trainable.map((name) => [name, shapeOf(name)])), rule.slots);
  }
  let groups: readonly JoinedGroup[] | null = null;
  const listVectors = () => (groups ?? []).flatMap(({ vectors }) => vectors);
  return {
    join(gradients) {
      groups ??= joinGroups(tf, optimizer, state, [...gradients.keys()], resume);
      return listVectors().map(({ names }) => joinGradients(tf, names, gradients));
    },
    pick: (joined, name) => cutVector(tf, listVectors(), name, (_vector, place) => joined[place]!),
    update(joined, step, learningRate) {
      let from = 0;
      for (const members of groups ?? []) {
        const own = joined.slice(from, from + members.vectors.length);
        tf.tidy(() => updateGroup({ tf, ops, optimizer, state }, members, own, step, learningRate));
        from += members.vectors.length;
      }
    },
    readSlots(onValue) {
      for (const name of trainable) {
        for (const slot of rule.slots) {
          const kept = cutVector(tf, listVectors(), name, ({ slots }) => slots[slot]!);
          const untouched = () => resume?.slots.get(slotName(name, slot)) ?? zeros(shapeOf(name));
          onValue(slotName(name, slot), kept === null ? untouched() : state.download(name, kept));
          kept?.dispose();
        }
      }
    },
    dispose() {
      for (const { parameter, slots } of listVectors()) tf.dispose([parameter, slots]);
      groups = null;
    },
  };
}

interface Work {
  readonly tf: TensorFlowJs;
  readonly ops: TensorOperators<Tensor>;
  readonly optimizer: Optimizer;
  readonly state: TrainingState;
}

function joinGradients(tf: TensorFlowJs, names: readonly string[], gradients: ReadonlyMap<string, Tensor>): Tensor1D {
  const own = names.map((name) => gradients.get(name));
  const missing = own.indexOf(undefined);
  if (missing >= 0) throw new Error(`${names[missing]} had a gradient in an earlier step and has none`);
  return tf.tidy(() => concatenate(tf, own as Tensor[]));
}

function updateGroup(
  work: Work,
  { group, vectors }: JoinedGroup,
  joined: readonly Tensor[],
  step: number,
  learningRate: number,
): void {
  const { tf, ops, optimizer } = work;
  const clipped = clipParameters(work, vectors, joined);
  const rate = learningRate * group.learningRateMultiplier;
  const figures = Object.entries(optimizer.rule.figures(step, rate, group.weightDecay));
  const scalars = Object.fromEntries(figures.map(([name, figure]) => [name, ops.scalar(figure)]));
  for (const [at, vector] of vectors.entries()) tf.tidy(() => updateVector(work, vector, clipped[at]!, scalars));
}

/** Clipping sees the gradient of each parameter. */
function clipParameters(
  { tf, ops, optimizer: { clip } }: Work,
  vectors: readonly JoinedVector[],
  joined: readonly Tensor[],
): readonly Tensor[] {
  if (clip === null) return joined;
  const gradients = vectors.flatMap(({ sizes }, at) => tf.split(joined[at] as Tensor1D, [...sizes]) as Tensor[]);
  const clipped = [...clip(ops, gradients)];
  return vectors.map(({ names }) => concatenate(tf, clipped.splice(0, names.length)));
}

function updateVector(
  { tf, ops, optimizer: { rule }, state }: Work,
  members: JoinedVector,
  gradient: Tensor,
  figures: Figures<Tensor>,
): void {
  const { names, sizes, parameter, slots } = members;
  const updated = rule.update(ops, { parameter, gradient, slots }, figures);
  tf.dispose([parameter, slots]);
  members.parameter = tf.keep(updated.parameter);
  members.slots = Object.fromEntries(rule.slots.map((slot) => [slot, tf.keep(updated.slots[slot]!)]));
  const parts = tf.split(updated.parameter as Tensor1D, [...sizes]);
  for (const [at, name] of names.entries()) state.set(name, tf.reshape(parts[at]!, state.get(name).shape));
}

function zeros(shape: readonly number[]) {
  return float32NdArray(shape, new Float32Array(elementCount(shape)));
}
