import { elementCount } from '../harness/contract/nd-array.js';
import type { Operators } from './operators.js';
import { paddingSides } from './padding.js';

/** A tensor in float64, in C order; feature maps are [b, c, h, w]. */
export interface Float64Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function float64Tensor(shape: readonly number[], value: (at: number) => number): Float64Tensor {
  return { shape, data: Float64Array.from({ length: elementCount(shape) }, (_, at) => value(at)) };
}

/**
 * The operators as their definitions say, one element at a time, in float64 and in training: what engines are compared
 * with on small shapes, for tests only. Written from the formulas, so that it shares no line with an engine.
 */
export function float64Operators(given: ReadonlyMap<string, Float64Tensor>): Operators<Float64Tensor> {
  const get = (name: string): Float64Tensor => {
    const found = given.get(name);
    if (found === undefined) throw new Error(`${name} is not given`);
    return found;
  };
  const affine = (x: Float64Tensor, name: string, members: (at: readonly number[]) => string, epsilon: number) => {
    const [weight, bias] = [get(`${name}.weight`).data, get(`${name}.bias`).data];
    const normal = normalised(x, members, epsilon);
    return mapAt(x.shape, (at, flat) => normal[flat]! * weight[at[1]!]! + bias[at[1]!]!);
  };
  const tokensOf = (x: Float64Tensor, groups: number): Float64Tensor => {
    const [b, c, h, w] = dimensions(x);
    const width = c / groups;
    return mapAt([b * groups, h * w, width], ([outer, place, channel]) =>
      read(x, [Math.floor(outer! / groups), (outer! % groups) * width + channel!, Math.floor(place! / w), place! % w]),
    );
  };
  return {
    conv2d(x, name, options) {
      const kernel = get(`${name}.weight`);
      const bias = options.bias ? get(`${name}.bias`).data : null;
      const [b, , h, w] = dimensions(x);
      const [out, inner, kh, kw] = dimensions(kernel);
      const { top, left, bottom, right } = paddingSides(options);
      const [down, across] = options.stride;
      const height = Math.floor((h + top + bottom - kh) / down) + 1;
      const width = Math.floor((w + left + right - kw) / across) + 1;
      return mapAt([b, out, height, width], ([image, output, row, column]) => {
        let sum = bias === null ? 0 : bias[output!]!;
        const first = Math.floor(output! / (out / options.groups)) * inner;
        for (let i = 0; i < inner; i++) {
          for (let y = 0; y < kh; y++) {
            for (let z = 0; z < kw; z++) {
              const [sourceRow, sourceColumn] = [row! * down + y - top, column! * across + z - left];
              if (sourceRow < 0 || sourceRow >= h || sourceColumn < 0 || sourceColumn >= w) continue;
              sum += read(x, [image!, first + i, sourceRow, sourceColumn]) * read(kernel, [output!, i, y, z]);
            }
          }
        }
        return sum;
      });
    },
    batchNorm: (x, name, { epsilon }) => affine(x, name, ([, channel]) => `${channel}`, epsilon),
    layerNorm: (x, name, { epsilon }) => affine(x, name, ([b, , h, w]) => `${b} ${h} ${w}`, epsilon),
    groupNorm(x, name, { groups, epsilon }) {
      const perGroup = dimensions(x)[1] / groups;
      return affine(x, name, ([b, channel]) => `${b} ${Math.floor(channel! / perGroup)}`, epsilon);
    },
    scaleChannels: (x, name) => mapAt(x.shape, (at, flat) => x.data[flat]! * get(name).data[at[1]!]!),
    gelu: (x, options) =>
      eachOf(x, options?.approximate === 'tanh' ? geluTanh : (v) => (v * (1 + erf(v / Math.SQRT2))) / 2),
    relu: (x) => eachOf(x, (v) => Math.max(v, 0)),
    softmax(x) {
      const last = x.shape.at(-1)!;
      return mapAt(x.shape, (_, flat) => {
        const start = flat - (flat % last);
        const row = x.data.subarray(start, start + last);
        return Math.exp(x.data[flat]!) / row.reduce((sum, v) => sum + Math.exp(v), 0);
      });
    },
    add: (a, b) => mapAt(a.shape, (_, flat) => a.data[flat]! + b.data[flat]!),
    mul: (a, b) => mapAt(a.shape, (_, flat) => a.data[flat]! * b.data[flat]!),
    div: (a, b) => mapAt(a.shape, (_, flat) => a.data[flat]! / b.data[flat]!),
    addScalar: (x, scalar) => eachOf(x, (v) => v + scalar),
    concatChannels(xs) {
      const sources = xs.flatMap((x) => Array.from({ length: dimensions(x)[1] }, (_, channel) => ({ x, channel })));
      const [b, , h, w] = dimensions(xs[0]!);
      return mapAt([b, sources.length, h, w], ([image, at, row, column]) =>
        read(sources[at!]!.x, [image!, sources[at!]!.channel, row!, column!]),
      );
    },
    resizeBilinear(x, like, { alignCorners }) {
      const [b, c, h, w] = dimensions(x);
      const [, , height, width] = dimensions(like);
      const source = (at: number, from: number, to: number) =>
        alignCorners ? (to === 1 ? 0 : (at * (from - 1)) / (to - 1)) : Math.max(((at + 0.5) * from) / to - 0.5, 0);
      return mapAt([b, c, height, width], ([image, channel, row, column]) => {
        const [y, z] = [source(row!, h, height), source(column!, w, width)];
        const at = (i: number, j: number) => read(x, [image!, channel!, Math.min(i, h - 1), Math.min(j, w - 1)]);
        const [i, j] = [Math.floor(y), Math.floor(z)];
        const [fy, fz] = [y - i, z - j];
        return (
          (1 - fy) * ((1 - fz) * at(i, j) + fz * at(i, j + 1)) + fy * ((1 - fz) * at(i + 1, j) + fz * at(i + 1, j + 1))
        );
      });
    },
    toTokens: tokensOf,
    fromTokens(tokens, like, groups) {
      const [, c, , w] = dimensions(like);
      const width = c / groups;
      return mapAt(like.shape, ([image, channel, row, column]) =>
        read(tokens, [image! * groups + Math.floor(channel! / width), row! * w + column!, channel! % width]),
      );
    },
    matMul(a, b, { transposeA = false, transposeB = false } = {}) {
      const [batch = 0, rows = 0, inner = 0] = transposeA ? [a.shape[0]!, a.shape[2]!, a.shape[1]!] : a.shape;
      const columns = transposeB ? b.shape[1]! : b.shape[2]!;
      return mapAt([batch, rows, columns], ([outer, row, column]) => {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = transposeA ? [outer!, k, row!] : [outer!, row!, k];
          const right = transposeB ? [outer!, column!, k] : [outer!, k, column!];
          sum += read(a, left) * read(b, right);
        }
        return sum;
      });
    },
    l2Normalize: (x, { axis, epsilon }) =>
      mapAt(x.shape, (at, flat) => {
        let squares = 0;
        for (let k = 0; k < x.shape[axis]!; k++)
          squares +=
            read(
              x,
              at.map((place, i) => (i === axis ? k : place)),
            ) ** 2;
        return x.data[flat]! / Math.max(Math.sqrt(squares), epsilon);
      }),
    draw: get,
    buffer: get,
    repeatForBatch(x, like) {
      const batch = dimensions(like)[0];
      const [s = 0, ...rest] = x.shape;
      return mapAt([s * batch, ...rest], ([outer, ...inner]) => read(x, [Math.floor(outer! / batch), ...inner]));
    },
    probe: (_name, x) => x,
    scope: (body) => body(),
    training: {
      dropPath: (x, name, { rate, call }) =>
        mapAt(x.shape, ([image], flat) => (x.data[flat]! * read(get(name), [call, image!])) / (1 - rate)),
      dropout2d: (x, name, { rate }) =>
        mapAt(
          x.shape,
          ([image, channel], flat) => (x.data[flat]! * read(get(name), [0, image!, channel!])) / (1 - rate),
        ),
    },
  };
}

/** (x − mean) / √(var + ε), both over the elements that `members` gives the same text. */
function normalised(x: Float64Tensor, members: (at: readonly number[]) => string, epsilon: number): Float64Array {
  const groups = new Map<string, number[]>();
  eachPlace(x.shape, (at, flat) => {
    const key = members(at);
    groups.set(key, [...(groups.get(key) ?? []), flat]);
  });
  const normal = new Float64Array(x.data.length);
  for (const places of groups.values()) {
    const mean = places.reduce((sum, flat) => sum + x.data[flat]!, 0) / places.length;
    const variance = places.reduce((sum, flat) => sum + (x.data[flat]! - mean) ** 2, 0) / places.length;
    for (const flat of places) normal[flat] = (x.data[flat]! - mean) / Math.sqrt(variance + epsilon);
  }
  return normal;
}

function geluTanh(v: number): number {
  return 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
}

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)). Range: right to 1e-13 for |x| up to 3. */
function erf(x: number): number {
  let [power, sum] = [x, x];
  for (let n = 1; n < 80; n++) {
    power *= -(x * x) / n;
    sum += power / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function eachOf(x: Float64Tensor, f: (v: number) => number): Float64Tensor {
  return { shape: x.shape, data: x.data.map(f) };
}

function mapAt(shape: readonly number[], f: (at: readonly number[], flat: number) => number): Float64Tensor {
  const data = new Float64Array(elementCount(shape));
  eachPlace(shape, (at, flat) => {
    data[flat] = f(at, flat);
  });
  return { shape, data };
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

function read({ shape, data }: Float64Tensor, at: readonly number[]): number {
  return data[at.reduce((flat, place, axis) => flat * shape[axis]! + place, 0)]!;
}

function dimensions({ shape }: Float64Tensor): [number, number, number, number] {
  if (shape.length !== 4) throw new Error(`[${shape.join(', ')}] is not a feature map`);
  return shape as unknown as [number, number, number, number];
}
