import { elementCount } from '../../../harness/contract/nd-array.js';
import type { OptimizerState } from '../../../harness/contract/port.js';
import type { Optimizer, ParameterGroup } from '../../../training/optimizer.js';
import { slotName } from '../../../training/optimizer-state.js';
import type { Tensor, Tensor1D, TensorFlowJs } from '../../tfjs-shared/tensorflow-js.js';
import { concatenate, splitBySize } from './join-tensors.js';
import type { TrainingState } from './state.js';

export interface JoinedGroup {
  readonly group: ParameterGroup;
  /** Of its parameters, in order. */
  readonly vectors: readonly JoinedVector[];
}

export interface JoinedVector {
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  /** All elements of all parameters, one after the other; the slots alike. */
  parameter: Tensor;
  slots: Record<string, Tensor>;
}

/** The parameters `names` by the optimizer's groups, with slots of zeros, or of what is resumed. */
export function joinGroups(
  tf: TensorFlowJs,
  { groups, groupOf, rule }: Optimizer,
  state: TrainingState,
  names: readonly string[],
  resume: OptimizerState | undefined,
): JoinedGroup[] {
  const sizeOf = (name: string) => elementCount(state.shapes.get(name)!);
  const initialSlot = (name: string, slot: string): Tensor => {
    const resumed = resume?.slots.get(slotName(name, slot));
    return resumed === undefined ? tf.zeros([sizeOf(name)]) : state.upload(resumed);
  };
  const makeVector = (names: readonly string[]): JoinedVector => {
    const keepJoined = (find: (name: string) => Tensor) => tf.keep(tf.tidy(() => concatenate(tf, names.map(find))));
    const slots = rule.slots.map((slot) => [slot, keepJoined((name) => initialSlot(name, slot))] as const);
    return { names, sizes: names.map(sizeOf), parameter: keepJoined(state.get), slots: Object.fromEntries(slots) };
  };
  return groups.flatMap((group, at) => {
    const members = names.filter((name) => groupOf(name) === at);
    const parts = splitBySize(members, sizeOf);
    return members.length === 0 ? [] : [{ group, vectors: parts.map(makeVector) }];
  });
}

/** The part of a vector that belongs to the parameter, a new tensor; null where no vector holds it. */
export function cutVector(
  tf: TensorFlowJs,
  vectors: readonly JoinedVector[],
  name: string,
  tensorOf: (vector: JoinedVector, place: number) => Tensor,
): Tensor | null {
  const place = vectors.findIndex(({ names }) => names.includes(name));
  if (place < 0) return null;
  const { names, sizes } = vectors[place]!;
  const at = names.indexOf(name);
  const start = sizes.slice(0, at).reduce((sum, size) => sum + size, 0);
  return tf.slice(tensorOf(vectors[place]!, place) as Tensor1D, start, sizes[at]!);
}
