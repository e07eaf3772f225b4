import { invertByProducts } from '../../../models/operators/ridge-inverse.js';
import type { Operators } from '../../../models/operators.js';
import type { Size, Value } from '../../../onnx/graph.js';
import { type BuildContext, parameter } from '../build-context.js';
import type { Builder } from '../graph/builder.js';

type MatrixOperators = Pick<
  Operators<Value>,
  'toTokens' | 'fromTokens' | 'matMul' | 'l2Normalize' | 'norm' | 'ridgeInverse' | 'meanOverPositions' | 'linear'
>;

export function buildMatrixOperators(context: BuildContext): MatrixOperators {
  const { builder } = context;
  /** What was transposed to make a value: transposing that back costs nothing. */
  const transposed = new Map<Value, Value>();
  const products = new Map<Value, readonly [Value, Value]>();
  const transpose = (x: Value): Value => {
    const known = transposed.get(x);
    if (known !== undefined) return known;
    const factors = products.get(x);
    if (factors !== undefined) return matMul(transpose(factors[1]), transpose(factors[0])); // (AB)ᵀ = BᵀAᵀ
    const [b = null, m = null, n = null] = x.shape;
    const result = builder.add('Transpose', [x], [b, n, m], { perm: [0, 2, 1] }); // [b, n, m]
    transposed.set(x, result);
    transposed.set(result, x);
    return result;
  };
  const matMul = (left: Value, right: Value): Value => {
    const shape = [left.shape[0] ?? null, left.shape[1] ?? null, right.shape[2] ?? null];
    const product = builder.add('MatMul', [left, right], shape);
    products.set(product, [left, right]);
    return product;
  };
  return {
    toTokens(x, groups) {
      const perGroup = divide(x.shape[1] ?? null, groups);
      if (perGroup === null) throw new Error('toTokens needs to know the channels');
      const positions = builder.addSizes('Shape', [flatten(builder, x)], 1, { start: 2, end: 3 });
      const wanted = builder.addSizes('Concat', [builder.sizes([-1, perGroup]), positions], 3, { axis: 0 });
      const channelsFirst = builder.add('Reshape', [x, wanted], [times(x.shape[0], groups), perGroup, null]);
      return transpose(channelsFirst); // [b · g, h · w, c / g]
    },
    fromTokens: (tokens, like) =>
      builder.add('Reshape', [transpose(tokens), builder.addSizes('Shape', [like], 4)], like.shape),
    matMul: (a, b, { transposeA = false, transposeB = false } = {}) =>
      matMul(transposeA ? transpose(a) : a, transposeB ? transpose(b) : b),
    l2Normalize(x, { axis, epsilon }) {
      const shape = x.shape.map((size, i) => (i === axis ? 1 : size));
      const norm = builder.add('ReduceL2', [x, builder.sizes([axis])], shape, { keepdims: 1 });
      return builder.add('Div', [x, builder.add('Max', [norm, builder.scalar(epsilon)], shape)], x.shape);
    },
    norm: (x, options) => norm(builder, x, options),
    ridgeInverse: (x, options) => ridgeInverse(builder, x, options),
    meanOverPositions: (x) =>
      builder.add('ReduceMean', [x, builder.sizes([2, 3])], x.shape.slice(0, 2), { keepdims: 0 }),
    linear(x, name) {
      const [weight, bias] = [parameter(context, `${name}.weight`), parameter(context, `${name}.bias`)];
      builder.scope = name;
      return builder.add('Gemm', [x, weight, bias], [x.shape[0] ?? null, weight.shape[1] ?? null]);
    },
  };
}

function norm(builder: Builder, x: Value, { axis, order }: { axis: number; order: 1 | 2 }): Value {
  const shape = x.shape.map((size, i) => (i === axis ? 1 : size));
  return builder.add(order === 1 ? 'ReduceSum' : 'ReduceL2', [x, builder.sizes([axis])], shape, { keepdims: 1 });
}

function ridgeInverse(builder: Builder, x: Value, options: { size: number; ridge: number }): Value {
  const shape = [x.shape[0] ?? null, options.size, options.size];
  const emit = (op: string) => (a: Value, b: Value) => builder.add(op, [a, b], shape);
  const arithmetic = {
    product: emit('MatMul'),
    add: emit('Add'),
    subtract: emit('Sub'),
    scale: (a: Value, by: number) => emit('Mul')(a, builder.scalar(by)),
    diagonal: (value: number) => diagonal(builder, options.size, value),
  };
  return invertByProducts(arithmetic, x, options);
}

/** `value` on the diagonal of [size, size], 0 elsewhere. */
export function diagonal(builder: Builder, size: number, value: number): Value {
  const data = new Float32Array(size * size);
  for (let row = 0; row < size; row++) data[row * (size + 1)] = value;
  return builder.constant(`diagonal/${size}/${value}`, [size, size], data);
}

/** [b, c, h, w] as [b, c, h · w] */
function flatten(builder: Builder, x: Value): Value {
  return builder.add('Reshape', [x, builder.sizes([0, 0, -1])], [x.shape[0] ?? null, x.shape[1] ?? null, null]);
}

function divide(size: Size, by: number): Size {
  return size === null ? null : size / by;
}

function times(size: Size | undefined, by: number): Size {
  return size == null ? null : size * by;
}
