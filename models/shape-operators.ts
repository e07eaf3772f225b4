import { sameShape } from '../harness/contract/nd-array.js';
import type { Phase } from './model-definition.js';
import type { ConvOptions, Operators, TrainingOperators } from './operators.js';
import { paddingSides } from './padding.js';

export type Shape = readonly number[];

/** What a forward did, seen by shapes alone. */
export interface ShapeLog {
  /** Probes in the order in which they were recorded. */
  readonly probes: [name: string, shape: Shape][];
  /** Parameters that were read. */
  readonly parameters: Set<string>;
  readonly draws: Set<string>;
}

/**
 * Operators that compute nothing but shapes, and throw where shapes do not fit: a model is checked without an engine.
 * `parameters` and `draws` are what the model declares; reading another, or in another shape, throws.
 */
export function shapeOperators(
  parameters: ReadonlyMap<string, Shape>,
  draws: ReadonlyMap<string, Shape>,
  phase: Phase = 'infer',
): { ops: Operators<Shape>; log: ShapeLog } {
  const log: ShapeLog = { probes: [], parameters: new Set(), draws: new Set() };
  const read = (name: string): Shape => {
    log.parameters.add(name);
    return declared(parameters, name);
  };
  const readPerChannel = (x: Shape, name: string, parts: readonly string[]): Shape => {
    for (const part of parts) expectShape(read(`${name}.${part}`), [channelsOf(x)], `${name}.${part}`);
    return x;
  };
  const draw = (name: string): Shape => {
    log.draws.add(name);
    return declared(draws, name);
  };
  const training: TrainingOperators<Shape> = {
    dropPath(x, name, { call }) {
      expectShape(draw(name), [2, map(x)[0]], name);
      if (call !== 0 && call !== 1) throw new Error(`${name} has no call ${call}`);
      return x;
    },
    dropout2d(x, name) {
      expectShape(draw(name), [1, ...map(x).slice(0, 2)], name);
      return x;
    },
  };
  const ops: Operators<Shape> = {
    conv2d(x, name, options) {
      const weight = read(`${name}.weight`);
      if (options.bias) expectShape(read(`${name}.bias`), weight.slice(0, 1), `${name}.bias`);
      return convolved(x, weight, name, options);
    },
    batchNorm: (x, name) => readPerChannel(x, name, ['weight', 'bias', '_mean', '_variance']),
    layerNorm: (x, name) => readPerChannel(x, name, ['weight', 'bias']),
    groupNorm(x, name, { groups }) {
      divide(channelsOf(x), groups, name);
      return readPerChannel(x, name, ['weight', 'bias']);
    },
    scaleChannels(x, name) {
      expectShape(read(name), [channelsOf(x), 1, 1], name);
      return x;
    },
    gelu: (x) => x,
    relu: (x) => x,
    softmax: (x) => x,
    add: equal,
    mul: equal,
    div: equal,
    addScalar: (x) => x,
    concatChannels: (xs) => joined(xs),
    resizeBilinear: (x, like) => [...map(x).slice(0, 2), ...map(like).slice(2)],
    toTokens: (x, groups) => tokensOf(x, groups),
    fromTokens(tokens, like, groups) {
      expectShape(tokens, tokensOf(like, groups), 'the tokens');
      return like;
    },
    matMul: (a, b, options = {}) => product(a, b, options),
    l2Normalize: (x) => x,
    draw,
    buffer: (name) => read(name),
    repeatForBatch: (x, like) => [x[0]! * map(like)[0], ...x.slice(1)],
    probe(name, x) {
      log.probes.push([name, map(x)]);
      return x;
    },
    scope: (body) => body(),
    ...(phase === 'train' ? { training } : {}),
  };
  return { ops, log };
}

function convolved(x: Shape, weight: Shape, name: string, options: ConvOptions): Shape {
  const { stride, groups } = options;
  const { top, left, bottom, right } = paddingSides(options);
  const [b, c, h, w] = map(x);
  const [out, inner, kernelHeight, kernelWidth] = map(weight);
  if (inner !== divide(c, groups, name)) throw new Error(`${name} takes ${inner * groups} channels; ${c} are given`);
  divide(out, groups, name);
  const extent = (padded: number, kernel: number, step: number) => Math.floor((padded - kernel) / step) + 1;
  return [b, out, extent(h + top + bottom, kernelHeight, stride[0]), extent(w + left + right, kernelWidth, stride[1])];
}

function equal(a: Shape, b: Shape): Shape {
  expectShape(b, a, 'the second operand');
  return a;
}

function joined(xs: readonly Shape[]): Shape {
  const [first, ...rest] = xs.map(map);
  if (first === undefined) throw new Error('nothing to join');
  for (const x of rest) expectShape([x[0], x[2], x[3]], [first[0], first[2], first[3]], 'what is joined');
  return [first[0], xs.reduce((sum, x) => sum + channelsOf(x), 0), first[2], first[3]];
}

function tokensOf(x: Shape, groups: number): Shape {
  const [b, c, h, w] = map(x);
  return [b * groups, h * w, divide(c, groups, 'the tokens')];
}

function product(a: Shape, b: Shape, options: { transposeA?: boolean; transposeB?: boolean }): Shape {
  const oriented = ([batch = 0, m = 0, n = 0]: Shape, flip = false): [number, number, number] =>
    flip ? [batch, n, m] : [batch, m, n];
  const [batch, rows, inner] = oriented(a, options.transposeA);
  const right = oriented(b, options.transposeB);
  expectShape(right, [batch, inner, right[2]], 'the right factor');
  return [batch, rows, right[2]];
}

function declared(shapes: ReadonlyMap<string, Shape>, name: string): Shape {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`${name} is read and not declared`);
  return shape;
}

function channelsOf(x: Shape): number {
  return map(x)[1];
}

function map(x: Shape): [number, number, number, number] {
  if (x.length !== 4) throw new Error(`[${x.join(', ')}] is not a feature map`);
  return x as unknown as [number, number, number, number];
}

function divide(channels: number, groups: number, name: string): number {
  if (channels % groups !== 0) throw new Error(`${name}: ${channels} channels do not make ${groups} groups`);
  return channels / groups;
}

function expectShape(actual: Shape, expected: Shape, name: string): void {
  if (!sameShape(actual, expected)) {
    throw new Error(`${name} is [${actual.join(', ')}]; [${expected.join(', ')}] is wanted`);
  }
}
