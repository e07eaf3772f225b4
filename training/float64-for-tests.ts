import { elementCount } from '../harness/contract/nd-array.js';
import { type Float64Tensor, float64Tensor } from '../models/float64-for-tests.js';
import type { TensorOperators } from './tensor-operators.js';

/** The operators of losses and optimisers in float64, for tests only. */
export const float64TensorOperators: TensorOperators<Float64Tensor> = {
  shape: (x) => x.shape,
  scalar: (value) => float64Tensor([], () => value),
  vector: (values) => float64Tensor([values.length], (at) => values[at]!),
  add: (a, b) => binary(a, b, (x, y) => x + y),
  sub: (a, b) => binary(a, b, (x, y) => x - y),
  mul: (a, b) => binary(a, b, (x, y) => x * y),
  div: (a, b) => binary(a, b, (x, y) => x / y),
  maximum: (a, b) => binary(a, b, Math.max),
  minimum: (a, b) => binary(a, b, Math.min),
  sqrt: ({ shape, data }) => ({ shape, data: data.map(Math.sqrt) }),
  softmax: (x) => overRows(x, (row) => row.map((value) => Math.exp(value) / sum(row.map(Math.exp)))),
  logSoftmax: (x) => overRows(x, (row) => row.map((value) => value - Math.log(sum(row.map(Math.exp))))),
  sumLast: (x) =>
    float64Tensor(x.shape.slice(0, -1), (at) => sum(x.data.subarray(at * x.shape.at(-1)!, (at + 1) * x.shape.at(-1)!))),
  reshape: ({ data }, shape) => {
    const known = elementCount(shape.filter((extent) => extent >= 0));
    return { shape: shape.map((extent) => (extent < 0 ? data.length / known : extent)), data };
  },
  swapLast({ shape, data }) {
    const [b = 0, m = 0, n = 0] = shape;
    return float64Tensor(
      [b, n, m],
      (at) => data[Math.floor(at / (m * n)) * m * n + (at % m) * n + (Math.floor(at / m) % n)]!,
    );
  },
  gather: (x, indices) => float64Tensor(indices.shape, (at) => x.data[indices.data[at]!]!),
  oneHot: (labels, classes) =>
    float64Tensor([...labels.shape, classes], (at) => (labels.data[Math.floor(at / classes)] === at % classes ? 1 : 0)),
  isLabel: (labels, label) => float64Tensor(labels.shape, (at) => (labels.data[at] === label ? 1 : 0)),
  replaceLabel: (labels, from, to) =>
    float64Tensor(labels.shape, (at) => (labels.data[at] === from ? to : labels.data[at]!)),
  less: (a, b) => binary(a, b, (x, y) => (x < y ? 1 : 0)),
  largest(x, k) {
    const order = Array.from(x.data.keys()).sort((a, b) => x.data[b]! - x.data[a]!);
    return float64Tensor([k], (at) => order[at]!);
  },
};

/** Broadcasts as NumPy does. */
function binary(a: Float64Tensor, b: Float64Tensor, f: (x: number, y: number) => number): Float64Tensor {
  const rank = Math.max(a.shape.length, b.shape.length);
  const padded = (shape: readonly number[]) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [left, right] = [padded(a.shape), padded(b.shape)];
  const shape = left.map((extent, axis) => Math.max(extent, right[axis]!));
  const place = (extents: readonly number[], flat: number) => {
    let [at, stride, rest] = [0, 1, flat];
    for (let axis = rank - 1; axis >= 0; axis--) {
      at += extents[axis] === 1 ? 0 : (rest % shape[axis]!) * stride;
      stride *= extents[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return at;
  };
  return float64Tensor(shape, (flat) => f(a.data[place(left, flat)]!, b.data[place(right, flat)]!));
}

function overRows({ shape, data }: Float64Tensor, f: (row: Float64Array) => Float64Array): Float64Tensor {
  const width = shape.at(-1)!;
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += width) result.set(f(data.subarray(start, start + width)), start);
  return { shape, data: result };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
