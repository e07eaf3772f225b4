import { elementCount } from '../../../harness/contract/nd-array.js';
import type { Graph, Node, Value } from '../../../onnx/graph.js';
import { isAllReduce } from '../graph/all-reduce.js';
import { broadcastShape, type Shape, shapeOf } from './emitter.js';

/** ONNX's operators in plain float64, written for clarity: what gradients are compared with. Slow. */
export function evaluateGraph(graph: Graph, feeds: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> {
  const { done, value } = evaluateUpToSums(graph, feeds).next();
  if (done === true) return value;
  throw new Error('the graph sums over ranks');
}

/** The graphs of ranks that run together, by their feeds. */
export function evaluateRanks(
  graphs: readonly Graph[],
  feeds: readonly ReadonlyMap<string, Float64Array>[],
): readonly Map<string, Float64Array>[] {
  const ranks = graphs.map((graph, rank) => evaluateUpToSums(graph, feeds[rank]!));
  let states = ranks.map((rank) => rank.next());
  for (;;) {
    const results = states.flatMap(({ done, value }) => (done === true ? [value] : []));
    if (results.length === ranks.length) return results;
    const shares = states.map(({ value }) => value as Float64Array);
    const total = shares[0]!.map((_, at) => shares.reduce((sum, share) => sum + share[at]!, 0));
    states = ranks.map((rank) => rank.next(total));
  }
}

/** Gives each share of a sum over ranks, and goes on with the total. */
function* evaluateUpToSums(
  graph: Graph,
  feeds: ReadonlyMap<string, Float64Array>,
): Generator<Float64Array, Map<string, Float64Array>, Float64Array> {
  const known = new Map<Value, Float64Array>(graph.inputs.map((input) => [input, feeds.get(input.name)!]));
  const read = (value: Value | null): Tensor => {
    if (value === null) throw new Error('an input is left out');
    const data = value.constant === null ? known.get(value) : Float64Array.from(value.constant as Float32Array, Number);
    if (data === undefined) throw new Error(`${value.name} is not computed yet`);
    if (data.length !== elementCount(shapeOf(value))) throw new Error(`${value.name} has ${data.length} elements`);
    return { shape: shapeOf(value), data };
  };
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(read);
    const results = isAllReduce(node) ? [yield inputs[0]!.data] : evaluate(node, inputs);
    for (const [at, output] of node.outputs.entries()) known.set(output, results[at]!);
  }
  return new Map([...graph.outputs].map(([name, value]) => [name, read(value).data]));
}

interface Tensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

function evaluate(node: Node, inputs: readonly Tensor[]): Float64Array[] {
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor];
  const output = shapeOf(node.outputs[0]!);
  const unary = unaries[node.op];
  if (unary !== undefined) return [a.data.map(unary)];
  const binary = binaries[node.op];
  if (binary !== undefined) {
    return [fill(broadcastShape(a.shape, b.shape), (at) => binary(readAt(a, at), readAt(b, at)))];
  }
  switch (node.op) {
    case 'Reshape':
      return [a.data];
    case 'Identity':
      return [a.data];
    case 'Expand':
      return [fill(output, (at) => readAt(a, at))];
    case 'Transpose': {
      const perm = node.attributes.perm as readonly number[];
      return [fill(output, (at) => readAt(a, scatter(perm, at)))];
    }
    case 'Slice': {
      const [starts, , axes, steps] = inputs.slice(1).map(({ data }) => [...data]);
      return [
        fill(output, (at) =>
          readAt(
            a,
            at.map((place, axis) => picked(place, axis)),
          ),
        ),
      ];
      function picked(place: number, axis: number): number {
        const entry = axes!.indexOf(axis);
        if (entry < 0) return place;
        const start = starts![entry]! < 0 ? starts![entry]! + a.shape[axis]! : starts![entry]!;
        return start + place * (steps?.[entry] ?? 1);
      }
    }
    case 'Pad':
      return [
        fill(output, (at) => {
          const inside = at.map((place, axis) => place - b.data[axis]!);
          return inside.every((place, axis) => place >= 0 && place < a.shape[axis]!) ? readAt(a, inside) : 0;
        }),
      ];
    case 'Concat': {
      const axis = node.attributes.axis as number;
      return [fill(output, (at) => readJoined(inputs, axis, at))];
    }
    case 'ReduceMax':
      return [reduce(a, b.data, output, Math.max, Number.NEGATIVE_INFINITY)];
    case 'ReduceSum':
      return [reduce(a, b.data, output, (sum, x) => sum + x)];
    case 'ReduceSumSquare':
      return [reduce(a, b.data, output, (sum, x) => sum + x * x)];
    case 'MatMul':
      return [matMul(a, b, output)];
    case 'Softmax':
      return [overRows(a, (row) => softmax(row))];
    case 'LogSoftmax':
      return [overRows(a, (row) => softmax(row).map(Math.log))];
    case 'Gather':
      return [b.data.map((index) => a.data[index]!)];
    case 'ScatterElements': {
      const result = a.data.slice();
      for (const [at, index] of b.data.entries()) result[index] = c.data[at]!;
      return [result];
    }
    case 'TopK': {
      const order = [...a.data.keys()].sort((i, j) => a.data[j]! - a.data[i]!).slice(0, b.data[0]);
      return [Float64Array.from(order, (i) => a.data[i]!), Float64Array.from(order)];
    }
    case 'Conv':
      return [convolve(node, a, b, c, output)];
    case 'ConvTranspose':
      return [convolveBack(node, a, b, output)];
    default:
      throw new Error(`${node.op} has no reference`);
  }
}

const unaries: Readonly<Record<string, (x: number) => number>> = {
  Log: Math.log,
  Neg: (x) => -x,
  Abs: Math.abs,
  Exp: Math.exp,
  Sqrt: Math.sqrt,
  Relu: (x) => Math.max(x, 0),
  Tanh: Math.tanh,
  // With alpha and beta ½, as gelu has it.
  HardSigmoid: (x) => Math.min(Math.max(0.5 * x + 0.5, 0), 1),
  Erf: erf,
};

const binaries: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
};

/** Its Taylor series: for |x| ≤ 3 right to 1e-13. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Calls `value` with the place of each element. */
function fill(shape: Shape, value: (at: readonly number[]) => number): Float64Array {
  const result = new Float64Array(elementCount(shape));
  for (let flat = 0; flat < result.length; flat++) result[flat] = value(placeOf(flat, shape));
  return result;
}

function placeOf(flat: number, shape: Shape): number[] {
  const at = new Array<number>(shape.length);
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return at;
}

/** The element at a place of a shape that this one broadcasts to. */
function readAt({ shape, data }: Tensor, at: readonly number[]): number {
  const skipped = at.length - shape.length;
  return data[shape.reduce((flat, size, axis) => flat * size + (size === 1 ? 0 : at[axis + skipped]!), 0)]!;
}

function scatter(perm: readonly number[], at: readonly number[]): number[] {
  const from = new Array<number>(at.length);
  for (const [i, axis] of perm.entries()) from[axis] = at[i]!;
  return from;
}

function readJoined(parts: readonly Tensor[], axis: number, at: readonly number[]): number {
  let place = at[axis]!;
  for (const part of parts) {
    if (place < part.shape[axis]!) {
      return readAt(
        part,
        at.map((value, i) => (i === axis ? place : value)),
      );
    }
    place -= part.shape[axis]!;
  }
  throw new Error('beyond what is joined');
}

function reduce(
  x: Tensor,
  axes: Float64Array,
  output: Shape,
  join: (known: number, x: number) => number,
  start = 0,
): Float64Array {
  const result = new Float64Array(elementCount(output)).fill(start);
  for (const [flat, value] of x.data.entries()) {
    const at = placeOf(flat, x.shape).map((place, axis) => (axes.includes(axis) ? 0 : place));
    const place = flatOf(output, at);
    result[place] = join(result[place]!, value);
  }
  return result;
}

function matMul(a: Tensor, b: Tensor, output: Shape): Float64Array {
  const inner = a.shape.at(-1)!;
  return fill(output, (at) => {
    const leading = at.slice(0, -2);
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum += readAt(a, [...leading, at.at(-2)!, k]) * readAt(b, [...leading, k, at.at(-1)!]);
    }
    return sum;
  });
}

function overRows({ shape, data }: Tensor, map: (row: Float64Array) => Float64Array): Float64Array {
  const size = shape.at(-1)!;
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += size) result.set(map(data.subarray(start, start + size)), start);
  return result;
}

function softmax(row: Float64Array): Float64Array {
  const powers = row.map((x) => Math.exp(x - Math.max(...row)));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}

interface Step {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly weight: readonly number[];
}

function convolve(node: Node, x: Tensor, weight: Tensor, bias: Tensor | undefined, output: Shape): Float64Array {
  const result = { shape: output, data: new Float64Array(elementCount(output)) };
  if (bias !== undefined) result.data.set(fill(output, (at) => bias.data[at[1]!]!));
  for (const { from, to, weight: tap } of stepsOf(node, x.shape, weight.shape, output)) {
    result.data[flatOf(output, to)]! += readAt(x, from) * weight.data[flatOf(weight.shape, tap)]!;
  }
  return result.data;
}

/** The same steps, the other way. */
function convolveBack(node: Node, gradient: Tensor, weight: Tensor, input: Shape): Float64Array {
  const result = new Float64Array(elementCount(input));
  for (const { from, to, weight: tap } of stepsOf(node, input, weight.shape, gradient.shape)) {
    result[flatOf(input, from)]! +=
      gradient.data[flatOf(gradient.shape, to)]! * weight.data[flatOf(weight.shape, tap)]!;
  }
  return result;
}

/** Which element of the input meets which of the kernel for which of the output. */
function* stepsOf({ attributes }: Node, input: Shape, weight: Shape, output: Shape): Generator<Step> {
  const list = (name: string, otherwise: readonly number[]) => (attributes[name] as number[] | undefined) ?? otherwise;
  const [strides, dilations, pads] = [list('strides', [1, 1]), list('dilations', [1, 1]), list('pads', [0, 0, 0, 0])];
  const group = (attributes.group as number | undefined) ?? 1;
  const [, inner = 1] = weight;
  for (let flat = 0; flat < elementCount(output); flat++) {
    const to = placeOf(flat, output);
    for (let tap = 0; tap < elementCount(weight.slice(1)); tap++) {
      const [i, s, t] = placeOf(tap, weight.slice(1)) as [number, number, number];
      const y = to[2]! * strides[0]! + s * dilations[0]! - pads[0]!;
      const x = to[3]! * strides[1]! + t * dilations[1]! - pads[1]!;
      if (y < 0 || y >= input[2]! || x < 0 || x >= input[3]!) continue;
      const channel = Math.floor(to[1]! / (output[1]! / group)) * inner + i;
      yield { from: [to[0]!, channel, y, x], to, weight: [to[1]!, i, s, t] };
    }
  }
}

function flatOf(shape: Shape, at: readonly number[]): number {
  return at.reduce((flat, place, axis) => flat * shape[axis]! + place, 0);
}
