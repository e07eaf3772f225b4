import { elementCount, sameShape } from '../../../harness/contract/nd-array.js';
import type { Attributes, Value } from '../../../onnx/graph.js';
import type { Builder } from '../graph/builder.js';

export type Shape = readonly number[];

/**
 * Appends nodes of ONNX to a graph of fixed sizes. It leaves out nodes that would do nothing. Binary operators
 * broadcast as NumPy does.
 */
export interface Emitter {
  readonly builder: Builder;
  add(a: Value, b: Value): Value;
  sub(a: Value, b: Value): Value;
  mul(a: Value, b: Value): Value;
  div(a: Value, b: Value): Value;
  /** An operator that keeps the shape of its only input. */
  unary(op: string, x: Value, attributes?: Attributes): Value;
  binary(op: string, a: Value, b: Value): Value;
  scalar(value: number): Value;
  /** A constant that is made when its name is first asked for. */
  table(name: string, shape: Shape, make: () => Float32Array): Value;

  /** Product of the last two axes; the axes before them broadcast. */
  matMul(a: Value, b: Value): Value;
  /** The last two axes swapped. Swapping back gives the value that was swapped. */
  swapLast(x: Value): Value;
  /** What swapLast made x of; null where it did not. */
  swappedFrom(x: Value): Value | null;
  transpose(x: Value, perm: readonly number[]): Value;
  reshape(x: Value, shape: Shape): Value;
  expand(x: Value, shape: Shape): Value;
  /** From `start` to before `end` along an axis. */
  slice(x: Value, axis: number, start: number, end: number): Value;
  /** Every `steps`-th element of each axis from `starts` on, as many as `shape` has. */
  pick(x: Value, starts: Shape, steps: Shape, shape: Shape): Value;
  /** Zeros around `x`: `before` of them along each axis, and after it as many as `shape` needs. */
  pad(x: Value, before: Shape, shape: Shape): Value;
  reverse(x: Value, axis: number): Value;
  concat(xs: readonly Value[], axis: number): Value;
  /** The sum over axes, which stay with size 1: the last axis first, so that float32 adds up few terms at a time. */
  sum(x: Value, axes: readonly number[]): Value;
  /** The largest along an axis, which stays with size 1. */
  max(x: Value, axis: number): Value;
  /** Sums, as `sum`, of the squares. */
  sumOfSquares(x: Value, axes: readonly number[]): Value;

  /** Null where ONNX Runtime has no kernels for it. */
  readonly blocked: BlockedLayout | null;
}

/**
 * Maps in ONNX Runtime's own layout of blocks of 8 or 16 channels, [b, c / block, h, w, block], and its convolutions of
 * them. If the channels are a multiple of 16, the processor's block size need not be known.
 */
export interface BlockedLayout {
  /** A map [b, c, h, w] in blocks. What was made from blocks gives those back. */
  enter(x: Value): Value;
  leave(blocked: Value): Value;
  /** Depthwise, of maps and kernels in blocks. `bias` is [c]. */
  depthwise(x: Value, kernel: Value, bias: Value | null, shape: Shape, attributes: DepthwiseAttributes): Value;
  /** Whether a map was made in blocks. Then it need not be taken out of them. */
  made(x: Value): boolean;
  /** The sum of two maps of one shape if that is less work in blocks, else null. */
  add(a: Value, b: Value): Value | null;
}

/** As ONNX has them. */
export interface DepthwiseAttributes extends Attributes {
  readonly pads: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
}

export const blockedChannels = 16;

export function newEmitter(builder: Builder, options: { readonly blocked: boolean } = { blocked: false }): Emitter {
  const tables = new Map<string, Value>();
  const swapped = new Map<Value, Value>();
  const binary = (op: string, a: Value, b: Value): Value =>
    builder.add(op, [a, b], broadcastShape(shapeOf(a), shapeOf(b)));
  const reduce = (op: string, x: Value, axes: readonly number[]): Value => {
    const shape = shapeOf(x).map((size, axis) => (axes.includes(axis) ? 1 : size));
    return builder.add(op, [x, builder.sizes(axes)], shape, { keepdims: 1 });
  };
  const reduceInStages = (op: string, x: Value, axes: readonly number[]): Value => {
    if (axes.length === 0) return op === 'ReduceSum' ? x : emitter.mul(x, x);
    const last = Math.max(...axes);
    const rest = axes.filter((axis) => axis !== last);
    const first = reduce(op, x, [last]);
    return rest.length === 0 ? first : reduce('ReduceSum', first, rest);
  };
  const emitter: Emitter = {
    builder,
    add: (a, b) => emitter.blocked?.add(a, b) ?? binary('Add', a, b),
    sub: (a, b) => binary('Sub', a, b),
    mul: (a, b) => binary('Mul', a, b),
    div: (a, b) => binary('Div', a, b),
    unary: (op, x, attributes = {}) => builder.add(op, [x], x.shape, attributes),
    binary,
    scalar: (value) => builder.scalar(value),
    table(name, shape, make) {
      const known = tables.get(name);
      if (known !== undefined) return known;
      const made = builder.constant(name, shape, make());
      tables.set(name, made);
      return made;
    },
    matMul(a, b) {
      const [left, right] = [shapeOf(a), shapeOf(b)];
      const leading = broadcastShape(left.slice(0, -2), right.slice(0, -2));
      return builder.add('MatMul', [a, b], [...leading, left.at(-2)!, right.at(-1)!]);
    },
    swapLast(x) {
      const known = swapped.get(x);
      if (known !== undefined) return known;
      const rank = x.shape.length;
      const perm = x.shape.map((_, axis) => (axis === rank - 2 ? rank - 1 : axis === rank - 1 ? rank - 2 : axis));
      const made = emitter.transpose(x, perm);
      swapped.set(x, made);
      swapped.set(made, x);
      return made;
    },
    swappedFrom: (x) => swapped.get(x) ?? null,
    transpose: (x, perm) =>
      builder.add(
        'Transpose',
        [x],
        perm.map((axis) => shapeOf(x)[axis]!),
        { perm },
      ),
    reshape(x, shape) {
      const wanted = withRest(shapeOf(x), shape);
      return sameShape(shapeOf(x), wanted) ? x : builder.add('Reshape', [x, builder.sizes(wanted)], wanted);
    },
    expand: (x, shape) =>
      sameShape(shapeOf(x), shape) ? x : builder.add('Expand', [x, builder.sizes(shape)], [...shape]),
    slice(x, axis, start, end) {
      const shape = shapeOf(x);
      if (start === 0 && end === shape[axis]) return x;
      const sizes = shape.map((size, at) => (at === axis ? end - start : size));
      return builder.add('Slice', [x, ...[start, end, axis].map((at) => builder.sizes([at]))], sizes);
    },
    pick(x, starts, steps, shape) {
      if (sameShape(shapeOf(x), shape)) return x;
      const ends = shape.map((size, axis) => starts[axis]! + (size - 1) * steps[axis]! + 1);
      const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== shapeOf(x)[axis]);
      const lists = [starts, ends, shape.map((_, axis) => axis), steps].map((list) => axes.map((axis) => list[axis]!));
      return builder.add('Slice', [x, ...lists.map(builder.sizes)], shape);
    },
    pad(x, before, shape) {
      if (sameShape(shapeOf(x), shape)) return x;
      const after = shape.map((size, axis) => size - before[axis]! - shapeOf(x)[axis]!);
      return builder.add('Pad', [x, builder.sizes([...before, ...after])], shape);
    },
    reverse(x, axis) {
      // From the last to before "one before the first", which Slice takes as anything below −size.
      const [start, end] = [-1, -1 - x.shape[axis]!];
      return builder.add('Slice', [x, ...[start, end, axis, -1].map((at) => builder.sizes([at]))], x.shape);
    },
    concat(xs, axis) {
      if (xs.length === 1) return xs[0]!;
      const joined = xs.reduce((sum, x) => sum + shapeOf(x)[axis]!, 0);
      const shape = shapeOf(xs[0]!).map((size, at) => (at === axis ? joined : size));
      return builder.add('Concat', xs, shape, { axis });
    },
    max: (x, axis) => reduce('ReduceMax', x, [axis]),
    sum: (x, axes) => reduceInStages('ReduceSum', x, axes),
    sumOfSquares: (x, axes) => reduceInStages('ReduceSumSquare', x, axes),
    blocked: options.blocked ? newBlockedLayout(builder) : null,
  };
  return emitter;
}

function newBlockedLayout(builder: Builder): BlockedLayout {
  const entered = new Map<Value, Value>();
  const left = new Set<Value>();
  const emit = (op: string, inputs: readonly (Value | null)[], shape: Shape, attributes: Attributes): Value =>
    builder.addMany(op, inputs, [{ dtype: 'float32', shape }], attributes, 'com.microsoft.nchwc')[0]!;
  const layout: BlockedLayout = {
    enter(x) {
      const known = entered.get(x) ?? emit('ReorderInput', [x], shapeOf(x), {});
      entered.set(x, known);
      return known;
    },
    leave(blocked) {
      const plain = emit('ReorderOutput', [blocked], shapeOf(blocked), { channels: blocked.shape[1]! });
      entered.set(plain, blocked);
      left.add(plain);
      return plain;
    },
    depthwise: (x, kernel, bias, shape, attributes) =>
      emit('Conv', bias === null ? [x, kernel] : [x, kernel, bias], shape, {
        ...attributes,
        kernel_shape: shapeOf(kernel).slice(2),
        group: shape[1]!,
      }),
    made: (x) => left.has(x),
    add(a, b) {
      const [first, second] = [entered.get(a), entered.get(b)];
      if (first === undefined || second === undefined || !(left.has(a) || left.has(b))) return null;
      return sameShape(shapeOf(a), shapeOf(b)) ? layout.leave(builder.add('Add', [first, second], shapeOf(a))) : null;
    },
  };
  return layout;
}

/** The sizes of a value, all of which must be fixed. */
export function shapeOf(x: Value): Shape {
  const open = x.shape.indexOf(null);
  if (open >= 0) throw new Error(`axis ${open} of ${x.name} is open; training needs fixed sizes`);
  return x.shape as Shape;
}

export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const sizeAt = (shape: Shape, axis: number) => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [left, right] = [sizeAt(a, axis), sizeAt(b, axis)];
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    }
    return Math.max(left, right);
  });
}

/** A size of −1 is what the others leave. */
function withRest(from: Shape, to: Shape): Shape {
  const count = elementCount(from);
  const known = to.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const wanted = to.map((size) => (size === -1 ? count / known : size));
  if (elementCount(wanted) === count) return wanted;
  throw new Error(`[${from.join(', ')}] does not reshape to [${to.join(', ')}]`);
}
