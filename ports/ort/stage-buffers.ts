import { elementCount, type Float32NdArray, float32NdArray } from '../../harness/support/nd-array.js';
import type { Stage } from './graph/cut-into-stages.js';
import type { Value } from './graph/graph.js';

export interface StageBuffers {
  /** What stages leave, and totals, by the names of values. A share and its total are one array. */
  readonly arrays: ReadonlyMap<string, Float32NdArray>;
  /** By stage: all that is summed after it, end to end. */
  readonly joined: readonly Float32Array[];
}

/** Arrays for all that goes from stage to stage. One that no later stage reads is used again, for a value of the same size. */
export function allotBuffers(stages: readonly Stage[]): StageBuffers {
  const arrays = new Map<string, Float32NdArray>();
  const joined = stages.map(
    ({ sums }) => new Float32Array(sums.reduce((length, { share }) => length + sizeOf(share), 0)),
  );
  for (const [at, { sums }] of stages.entries()) {
    let filled = 0;
    for (const { share, total } of sums) {
      const array = float32NdArray(fixedShape(share), joined[at]!.subarray(filled, filled + sizeOf(share)));
      arrays.set(share.name, array).set(total.name, array);
      filled += sizeOf(share);
    }
  }
  const lastReaders = findLastReaders(stages);
  const free = new Map<number, Float32Array[]>();
  for (const [at, { left }] of stages.entries()) {
    for (const value of left) {
      if (arrays.has(value.name)) continue;
      const data = free.get(sizeOf(value))?.pop() ?? new Float32Array(sizeOf(value));
      arrays.set(value.name, float32NdArray(fixedShape(value), data));
    }
    for (const value of lastReaders.get(at) ?? []) {
      const same = free.get(sizeOf(value)) ?? [];
      same.push(arrays.get(value.name)!.data);
      free.set(sizeOf(value), same);
    }
  }
  return { arrays, joined };
}

/** By stage, the values left by stages that no later one reads; those that are summed are left out. */
function findLastReaders(stages: readonly Stage[]): ReadonlyMap<number, readonly Value[]> {
  const left = new Set(stages.flatMap((stage) => [...stage.left]));
  for (const { share } of stages.flatMap(({ sums }) => sums)) left.delete(share);
  const readIn = new Map<Value, number>();
  for (const [at, { graph }] of stages.entries()) {
    for (const input of graph.inputs) if (left.has(input)) readIn.set(input, at);
  }
  const byStage = new Map<number, Value[]>();
  for (const [value, at] of readIn) byStage.set(at, [...(byStage.get(at) ?? []), value]);
  return byStage;
}

function sizeOf(value: Value): number {
  return elementCount(fixedShape(value));
}

function fixedShape({ name, shape }: Value): readonly number[] {
  if (shape.includes(null)) throw new Error(`${name} has open sizes; stages hand on fixed ones`);
  return shape as readonly number[];
}
