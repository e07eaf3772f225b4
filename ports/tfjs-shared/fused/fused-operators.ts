import type { Float32NdArray } from '../../../harness/contract/nd-array.js';
import { scaledSize } from '../../../models/operators/resize-by-ratio.js';
import type { Operators } from '../../../models/operators.js';
import { geluTanh } from '../gelu.js';
import { groupNorm, layerNorm } from '../norms.js';
import type { ProbeRecorder } from '../probe-recorder.js';
import type { Tensor, Tensor1D, Tensor4D, TensorFlowJs } from '../tensorflow-js.js';
import { tokenOperators } from '../token-operators.js';
import { convolvedShape, isPointwise, validateGroups } from './conv-shape.js';
import { downloadResized } from './download-resized.js';
import { createEvaluator } from './evaluate.js';
import type { FoldedKernels } from './folded-kernels.js';
import { affineOf, type LazyMap, type Leaf, type LeafBody, leafOf, mapOf, type ShapeNhwc, sumOf } from './lazy-map.js';
import type { Vector, VectorStore } from './vector.js';

export interface FusedContext {
  readonly tf: TensorFlowJs;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  readonly kernels: FoldedKernels;
  readonly vectors: VectorStore;
  readonly recorder: ProbeRecorder;
  readonly draws: ReadonlyMap<string, Tensor>;
  readonly bytesAtATime: number | null;
  /** An array of so many elements for what a sink takes, which may give the same one again. */
  readonly place: (elements: number) => Float32Array;
}

/** A feature map, perhaps not computed yet, or tokens. */
export type Value = LazyMap | Tokens;

interface Tokens {
  readonly kind: 'tokens';
  readonly tensor: Tensor;
}

export interface FusedOperators extends Operators<Value> {
  /** The image, [b, h, w, c], which stays the caller's. */
  input(image: Tensor4D): Value;
  /** Computes the result where no probe has asked for it, and frees all that was kept. */
  finish(result: Value): void;
}

/**
 * The operators as users run them: norms with fixed statistics, scales, biases and sums are worked into the
 * convolutions around them, and what lies between convolutions is never stored whole. Equal to the plain ones but for
 * rounding.
 */
export function fusedOperators(context: FusedContext): FusedOperators {
  const { tf, weights, kernels, vectors, recorder, draws, place } = context;
  const evaluator = createEvaluator(context);
  const tokenOps = tokenOperators(tf);
  const { plain } = tokenOps;
  let owner: Tensor[] = [];
  const recorded = new WeakSet<LazyMap>();
  /** Maps that one consumer needed with their shift: others then take the same. */
  const settled = new WeakMap<LazyMap, Leaf>();

  const own = <X extends Tensor>(tensor: X): X => {
    owner.push(tensor);
    return tensor;
  };
  const lazy = (shape: ShapeNhwc, body: LeafBody) => leafOf(shape, body, owner);
  const stored = (tensor: Tensor4D): LazyMap => mapOf(lazy(tensor.shape, { kind: 'tensor', tensor: own(tensor) }));
  const tokens = (tensor: Tensor): Tokens => ({ kind: 'tokens', tensor: own(tensor) });
  /** `f` of the map as a tensor, which is freed at once. */
  const apply = <X extends Tensor>(x: Value, f: (tensor: Tensor4D) => X): X => {
    const tensor = evaluator.whole(asMap(x));
    const result = f(tensor);
    tensor.dispose();
    return result;
  };
  const unary = (x: Value, f: <X extends Tensor>(tensor: X) => X): Value =>
    x.kind === 'tokens' ? tokens(f(x.tensor)) : stored(apply(x, f));
  const binary = (
    a: Value,
    b: Value,
    ofTokens: (a: Tensor, b: Tensor) => Tensor,
    ofMaps: (a: LazyMap, b: LazyMap) => LazyMap,
  ): Value => (a.kind === 'tokens' ? tokens(ofTokens(a.tensor, asTokens(b))) : ofMaps(a, asMap(b)));
  const numbers = (name: string): Float32Array => {
    const array = weights.get(name);
    if (array === undefined) throw new Error(`the model reads ${name}, which is none of its parameters`);
    return array.data;
  };
  const vectorOf = (name: string): Vector => {
    const data = numbers(name);
    return vectors.vector(name, data.length, (channel) => data[channel]!);
  };
  const parameter = (name: string): Tensor1D => kernels.tensor(vectorOf(name));
  const affine = (name: string) => ({ weight: parameter(`${name}.weight`), bias: parameter(`${name}.bias`) });

  return {
    input: (image) => mapOf(lazy(image.shape, { kind: 'tensor', tensor: image })),
    finish(result) {
      if (result.kind === 'map' && !recorded.has(result)) evaluator.whole(result).dispose();
      tf.dispose(owner);
      owner = [];
    },
    conv2d(x, name, options) {
      const given = settledBefore(asMap(x));
      // A shift in front of a padded convolution cannot go behind it: the padding is 0, not the shift.
      const input = given.shift === null || isPointwise(kernels.extent(name), options) ? given : settle(given);
      const [outputs = 0] = weights.get(`${name}.weight`)?.shape ?? [];
      validateGroups(name, options, input.shape[3]);
      const leaf = lazy(convolvedShape(input.shape, outputs, kernels.extent(name), options), {
        kind: 'conv',
        input,
        name,
        options,
      });
      return mapOf(leaf, null, options.bias ? vectorOf(`${name}.bias`) : null);
    },
    batchNorm(x, name, { epsilon }) {
      const [weight, bias, mean, variance] = ['weight', 'bias', '_mean', '_variance'].map((part) =>
        numbers(`${name}.${part}`),
      ) as [Float32Array, Float32Array, Float32Array, Float32Array];
      const scaleAt = (channel: number) => weight[channel]! / Math.sqrt(variance[channel]! + epsilon);
      const scale = vectors.vector(`${name}.scale(${epsilon})`, weight.length, scaleAt);
      const shift = vectors.vector(
        `${name}.shift(${epsilon})`,
        weight.length,
        (channel) => bias[channel]! - mean[channel]! * scaleAt(channel),
      );
      return affineOf(vectors, asMap(x), scale, shift);
    },
    layerNorm: (x, name, { epsilon }) => stored(apply(x, (map) => layerNorm(tf, map, affine(name), epsilon))),
    groupNorm: (x, name, options) => stored(apply(x, (map) => groupNorm(tf, map, affine(name), options))),
    scaleChannels: (x, name) => affineOf(vectors, asMap(x), vectorOf(name), null),

    gelu(x, options) {
      if (options?.approximate === 'tanh') return stored(apply(x, (map) => geluTanh(tf, map)));
      const input = asMap(x);
      const leaf = lazy(input.shape, { kind: 'gelu', input });
      return mapOf(leaf, vectors.uniform(Math.SQRT1_2, input.shape[3]));
    },
    relu: (x) => unary(x, tf.relu),
    softmax: (x, options) => tokens(plain.softmax(asTokens(x), options)),
    add: (a, b) => binary(a, b, tf.add, (left, right) => sumOf(vectors, settledBefore(left), settledBefore(right))),
    mul: (a, b) => binary(a, b, tf.mul, product),
    div: (a, b) => tokens(tf.div(asTokens(a), asTokens(b))),
    addScalar: (x, scalar) => unary(x, (tensor) => tf.add(tensor, scalar)),
    concatChannels(xs) {
      const maps = xs.map((x) => evaluator.whole(asMap(x)));
      const joined = stored(tf.concat(maps, 3));
      tf.dispose(maps);
      return joined;
    },
    resizeBilinear(x, like, { alignCorners }) {
      const input = asMap(x);
      const [, height, width] = asMap(like).shape;
      const [b, , , c] = input.shape;
      return mapOf(lazy([b, height, width, c], { kind: 'resized', input, alignCorners }));
    },
    resizeByRatio(x, ratio, { alignCorners }) {
      const input = asMap(x);
      const [b, h, w, c] = input.shape;
      const shape: ShapeNhwc = [b, scaledSize(h, ratio), scaledSize(w, ratio), c];
      return mapOf(lazy(shape, { kind: 'resized', input, alignCorners }));
    },

    toTokens: (x, groups) => tokens(apply(x, (map) => tokenOps.toTokens(map, groups))),
    fromTokens: (x, like, groups) => stored(tokenOps.fromTokens(asTokens(x), asMap(like).shape, groups)),
    matMul: (a, b, options) => tokens(plain.matMul(asTokens(a), asTokens(b), options)),
    l2Normalize: (x, options) => tokens(plain.l2Normalize(asTokens(x), options)),
    norm: (x, options) => tokens(plain.norm(asTokens(x), options)),
    ridgeInverse: (x, options) => tokens(plain.ridgeInverse(asTokens(x), options)),
    detach: (x) => x,
    meanOverPositions: (x) => tokens(apply(x, tokenOps.meanOverPositions)),
    linear: (x, name) => tokens(tokenOps.linear(asTokens(x), parameter(`${name}.weight`), parameter(`${name}.bias`))),
    draw(name) {
      const drawn = draws.get(name);
      if (drawn === undefined) throw new Error(`the model draws ${name}, which it does not declare`);
      return { kind: 'tokens', tensor: drawn };
    },
    buffer(name) {
      const { data, shape } = weights.get(name)!;
      return tokens(tf.tensor(data, [...shape], 'float32'));
    },
    repeatForBatch: (x, like) => tokens(tokenOps.repeatForBatch(asTokens(x), asMap(like).shape[0])),
    probe(name, x) {
      const names = recorder.namesOf(name);
      if (names.length === 0) return x;
      if (x.kind === 'tokens') return tokens(tf.clone(recorder.record(names, x.tensor)));
      const map = asMap(x);
      const [term] = map.terms;
      if (recorder.wants(names) && term?.leaf.body.kind === 'resized' && map.terms.length === 1) {
        recorder.recordNchw(names, downloadResized(tf, evaluator, map.shape, term.leaf.body, place));
        recorded.add(map);
        return x;
      }
      return stored(apply(x, (map) => tf.clone(recorder.record(names, map))));
    },
    scope(body) {
      const outer = owner;
      owner = [];
      const inner = owner;
      try {
        const result = body();
        owner = outer;
        return result.kind === 'tokens' ? tokens(tf.clone(result.tensor)) : stored(evaluator.whole(result));
      } finally {
        owner = outer;
        tf.dispose(inner);
      }
    },
  };

  function settle(map: LazyMap): LazyMap {
    const leaf = lazy(map.shape, { kind: 'settled', input: map });
    settled.set(map, leaf);
    return mapOf(leaf);
  }

  function settledBefore(map: LazyMap): LazyMap {
    const leaf = settled.get(map);
    return leaf === undefined ? map : mapOf(leaf);
  }

  function product(a: LazyMap, b: LazyMap): LazyMap {
    const [term] = b.terms;
    if (b.terms.length !== 1 || term === undefined || b.shift !== null) {
      return mapOf(lazy(a.shape, { kind: 'product', a, b }));
    }
    // The scale of one factor moves to what follows.
    return mapOf(lazy(a.shape, { kind: 'product', a, b: mapOf(term.leaf) }), term.scale);
  }
}

function asMap(x: Value): LazyMap {
  if (x.kind !== 'map') throw new Error('a feature map is wanted, not tokens');
  return x;
}

function asTokens(x: Value): Tensor {
  if (x.kind !== 'tokens') throw new Error('tokens are wanted, not a feature map');
  return x.tensor;
}
