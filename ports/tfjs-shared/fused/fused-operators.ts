import type { Float32NdArray } from '../../../harness/support/nd-array.js';
import type { ConvOptions, Operators } from '../../../models/operators.js';
import { paddingSides } from '../../../models/padding.js';
import { geluTanh } from '../gelu.js';
import { groupNorm, layerNorm } from '../norms.js';
import type { ProbeRecorder } from '../probe-recorder.js';
import type { Tensor, Tensor1D, Tensor4D, TensorFlowJs } from '../tensorflow-js.js';
import { tokenOperators } from '../token-operators.js';
import { createEvaluator } from './evaluate.js';
import type { FoldedKernels } from './folded-kernels.js';
import { affineOf, type LazyMap, type LeafBody, leafOf, mapOf, type ShapeNhwc, sumOf } from './lazy-map.js';
import type { Vector, VectorStore } from './vector.js';

export interface FusedContext {
  readonly tf: TensorFlowJs;
  readonly weights: ReadonlyMap<string, Float32NdArray>;
  readonly kernels: FoldedKernels;
  readonly vectors: VectorStore;
  readonly recorder: ProbeRecorder;
  readonly draws: ReadonlyMap<string, Tensor>;
  readonly bytesAtATime: number | null;
}

/** A feature map, perhaps not computed yet, or tokens. */
export type Value = LazyMap | Tokens;

interface Tokens {
  readonly kind: 'tokens';
  readonly tensor: Tensor;
}

/**
 * The operators as users run them: norms with fixed statistics, scales, biases and sums are worked into the convolutions
 * around them, and what lies between convolutions is never stored whole. Equal to the plain ones but for rounding.
 */
export function fusedOperators(context: FusedContext): Operators<Value> & { input(image: Tensor4D): Value } {
  const { tf, weights, kernels, vectors, recorder, draws } = context;
  const evaluator = createEvaluator(context);
  const tokenOps = tokenOperators(tf);
  let owner: Tensor[] = [];

  const own = <X extends Tensor>(tensor: X): X => {
    owner.push(tensor);
    return tensor;
  };
  const lazy = (shape: ShapeNhwc, body: LeafBody) => leafOf(shape, body, owner);
  const stored = (tensor: Tensor4D): LazyMap => mapOf(lazy(tensor.shape, { kind: 'tensor', tensor: own(tensor) }));
  const tokens = (tensor: Tensor): Tokens => ({ kind: 'tokens', tensor: own(tensor) });
  /** The map as a tensor that belongs to the present scope. */
  const whole = (x: Value): Tensor4D => own(evaluator.whole(asMap(x)));
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
    conv2d(x, name, options) {
      const input = asMap(x);
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
    layerNorm: (x, name, { epsilon }) => stored(layerNorm(tf, whole(x), affine(name), epsilon)),
    groupNorm: (x, name, options) => stored(groupNorm(tf, whole(x), affine(name), options)),
    scaleChannels: (x, name) => affineOf(vectors, asMap(x), vectorOf(name), null),

    gelu(x, options) {
      if (options?.approximate === 'tanh') return stored(geluTanh(tf, whole(x)));
      const input = asMap(x);
      const leaf = lazy(input.shape, { kind: 'gelu', input });
      return mapOf(leaf, vectors.uniform(Math.SQRT1_2, input.shape[3]));
    },
    relu: (x) => stored(tf.relu(whole(x))),
    softmax: (x) => tokens(tf.softmax(asTokens(x))),
    add: (a, b) => binary(a, b, tf.add, (left, right) => sumOf(vectors, left, right)),
    mul: (a, b) => binary(a, b, tf.mul, product),
    div: (a, b) => tokens(tf.div(asTokens(a), asTokens(b))),
    addScalar: (x, scalar) => tokens(tf.add(asTokens(x), scalar)),
    concatChannels: (xs) => stored(tf.concat(xs.map(whole), 3)),
    resizeBilinear(x, like, { alignCorners }) {
      const input = asMap(x);
      const [, height, width] = asMap(like).shape;
      const [b, , , c] = input.shape;
      return mapOf(lazy([b, height, width, c], { kind: 'resized', input, alignCorners }));
    },

    toTokens: (x, groups) => tokens(tokenOps.toTokens(whole(x), groups)),
    fromTokens: (x, like, groups) => stored(tokenOps.fromTokens(asTokens(x), asMap(like).shape, groups)),
    matMul: (a, b, options) => tokens(tokenOps.matMul(asTokens(a), asTokens(b), options)),
    l2Normalize: (x, options) => tokens(tokenOps.l2Normalize(asTokens(x), options)),
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
      if (!recorder.concerns(name)) return x;
      const map = asMap(x);
      const [term] = map.terms;
      if (recorder.wants(name) && term?.leaf.body.kind === 'resized' && map.terms.length === 1) {
        recordResized(name, map, term.leaf.body);
        return x;
      }
      return stored(recorder.record(name, whole(x)));
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

  function product(a: LazyMap, b: LazyMap): LazyMap {
    const [term] = b.terms;
    if (b.terms.length !== 1 || term === undefined || b.shift !== null) {
      return mapOf(lazy(a.shape, { kind: 'product', a, b }));
    }
    // The scale of one factor moves to what follows.
    return mapOf(lazy(a.shape, { kind: 'product', a, b: mapOf(term.leaf) }), term.scale);
  }

  /** The last map is wanted as [b, c, h, w], so each channel is resized as an image of its own. */
  function recordResized(name: string, map: LazyMap, body: Extract<LeafBody, { kind: 'resized' }>): void {
    const [b, height, width, c] = map.shape;
    const [, h, w] = body.input.shape;
    const small = whole(body.input);
    const resized = tf.tidy(() => {
      const planes = tf.reshape(tf.transpose(small, [0, 3, 1, 2]), [b * c, h, w, 1]) as Tensor4D;
      const large = tf.image.resizeBilinear(planes, [height, width], body.alignCorners, !body.alignCorners);
      return tf.reshape(large, [b, c, height, width]) as Tensor4D;
    });
    recorder.recordNchw(name, own(resized));
  }
}

function convolvedShape(
  [b, h, w]: ShapeNhwc,
  outputs: number,
  extent: readonly [number, number],
  options: ConvOptions,
): ShapeNhwc {
  const { top, left, bottom, right } = paddingSides(options);
  const [vertical, horizontal] = options.stride;
  const along = (padded: number, kernel: number, step: number) => Math.floor((padded - kernel) / step) + 1;
  const [kernelHeight, kernelWidth] = extent;
  return [
    b,
    along(h + top + bottom, kernelHeight, vertical),
    along(w + left + right, kernelWidth, horizontal),
    outputs,
  ];
}

function validateGroups(name: string, { groups }: ConvOptions, channels: number): void {
  if (groups !== 1 && groups !== channels) {
    throw new Error(`${name} has ${groups} groups of ${channels} channels; 1 or ${channels} are implemented`);
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
