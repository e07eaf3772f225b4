import { elementCount } from '../harness/contract/nd-array.js';
import type { Phase } from './model-definition.js';

/** A tensor in float64, in C order; feature maps are [b, c, h, w]. */
export interface Float64Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** What operators in float64 read. */
export interface Float64Context {
  readonly phase: Phase;
  /** A parameter, buffer or draw. Throws where it is not given. */
  get(name: string): Float64Tensor;
}

export function float64Tensor(shape: readonly number[], value: (at: number) => number): Float64Tensor {
  return { shape, data: Float64Array.from({ length: elementCount(shape) }, (_, at) => value(at)) };
}

/** x · weight + bias, per channel, with the parameters of the layer `name`. */
export function affine(context: Float64Context, x: Float64Tensor, name: string): Float64Tensor {
  const [weight, bias] = [context.get(`${name}.weight`).data, context.get(`${name}.bias`).data];
  return mapAt(x.shape, (at, flat) => x.data[flat]! * weight[at[1]!]! + bias[at[1]!]!);
}

/** (x − mean) / √(var + ε), both over the elements that `members` gives the same text. */
export function normalised(
  x: Float64Tensor,
  members: (at: readonly number[]) => string,
  epsilon: number,
): Float64Tensor {
  const groups = new Map<string, number[]>();
  eachPlace(x.shape, (at, flat) => {
    const key = members(at);
    groups.set(key, [...(groups.get(key) ?? []), flat]);
  });
  const data = new Float64Array(x.data.length);
  for (const places of groups.values()) {
    const mean = places.reduce((sum, flat) => sum + x.data[flat]!, 0) / places.length;
    const variance = places.reduce((sum, flat) => sum + (x.data[flat]! - mean) ** 2, 0) / places.length;
    for (const flat of places) data[flat] = (x.data[flat]! - mean) / Math.sqrt(variance + epsilon);
  }
  return { shape: x.shape, data };
}

export function eachOf(x: Float64Tensor, f: (v: number) => number): Float64Tensor {
  return { shape: x.shape, data: x.data.map(f) };
}

export function mapAt(shape: readonly number[], f: (at: readonly number[], flat: number) => number): Float64Tensor {
  const data = new Float64Array(elementCount(shape));
  eachPlace(shape, (at, flat) => {
    data[flat] = f(at, flat);
  });
  return { shape, data };
}

export function read({ shape, data }: Float64Tensor, at: readonly number[]): number {
  return data[at.reduce((flat, place, axis) => flat * shape[axis]! + place, 0)]!;
}

export function dimensions({ shape }: Float64Tensor): [b: number, c: number, h: number, w: number] {
  if (shape.length !== 4) throw new Error(`[${shape.join(', ')}] is not a feature map`);
  return shape as unknown as [number, number, number, number];
}

function eachPlace(shape: readonly number[], visit: (at: readonly number[], flat: number) => void): void {
  const count = elementCount(shape);
  for (let flat = 0; flat < count; flat++) {
    const at: number[] = [];
    for (let rest = flat, axis = shape.length - 1; axis >= 0; axis--) {
      at.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    visit(at, flat);
  }
}
