import { paddingSides, reachOf } from '../../../models/conv-options.js';
import type { ConvOptions } from '../../../models/operators.js';
import { convolveInParts } from '../conv-in-parts.js';
import { convolveDilated } from '../dilation.js';
import type { Tensor1D, Tensor4D, TensorFlowJs } from '../tensorflow-js.js';
import type { FoldedKernels } from './folded-kernels.js';
import type { Conv, LazyMap, Leaf, LeafBody, Term } from './lazy-map.js';
import { allRows, inputRows, largestRow, type Rows } from './rows.js';
import type { Vector, VectorStore } from './vector.js';

export interface Evaluator {
  /** The map with all its scales and its shift. The caller frees it. */
  whole(map: LazyMap): Tensor4D;
}

export interface EvaluatorContext {
  readonly tf: TensorFlowJs;
  readonly kernels: FoldedKernels;
  readonly vectors: VectorStore;
  /**
   * Convolutions over maps that were never stored are computed some rows at a time, so that the maps between stay in
   * the processor's cache. This is how many bytes of the largest map. Null: all rows at once, for devices with memory
   * of their own.
   */
  readonly bytesAtATime: number | null;
}

/** A tensor, and whether it was made for the caller, who then frees it. */
interface Held {
  readonly tensor: Tensor4D;
  readonly owned: boolean;
}

/** Each step computes the rows above and below its own anew, so it takes at least this many. */
const leastRows = 4;

export function createEvaluator({ tf, kernels, vectors, bytesAtATime }: EvaluatorContext): Evaluator {
  return {
    whole(map) {
      const held = combine(map.terms, map.shift, allRows(map));
      return held.owned ? held.tensor : tf.clone(held.tensor);
    },
  };

  /** Σ scale · leaf + shift. The shift goes into the bias of a convolution where there is one. */
  function combine(terms: readonly Term[], shift: Vector | null, rows: Rows): Held {
    const bearer = shift === null ? undefined : terms.find(({ leaf }) => isLazyConv(leaf));
    const parts = terms.map((term) => scaled(term, term === bearer ? shift : null, rows));
    const [first, ...rest] = parts;
    if (first === undefined) throw new Error('a map without terms');
    const sum = rest.length === 0 ? first : using(parts, (tensors) => tf.addN(tensors) as Tensor4D);
    if (shift === null || bearer !== undefined) return sum;
    return using([sum], ([x]) => tf.add(x!, kernels.tensor(shift)));
  }

  function scaled({ leaf, scale }: Term, shift: Vector | null, rows: Rows): Held {
    if (isLazyConv(leaf)) return convolve(leaf, leaf.body as Conv, scale, shift, rows);
    const plain = leafRows(leaf, rows);
    return scale === null ? plain : using([plain], ([x]) => tf.mul(x!, kernels.tensor(scale)));
  }

  /** The leaf itself, without the scale of its term. */
  function leafRows(leaf: Leaf, rows: Rows): Held {
    if (leaf.body.kind !== 'tensor' && leaf.consumers > 1) store(leaf);
    const { body } = leaf;
    switch (body.kind) {
      case 'tensor':
        return sliceRows(body.tensor, rows);
      case 'conv':
        return convolve(leaf, body, null, null, rows);
      case 'gelu':
        return gelu(body.input, rows);
      case 'product':
        return using([valueRows(body.a, rows), valueRows(body.b, rows)], ([a, b]) => tf.mul(a!, b!));
      case 'settled':
        return valueRows(body.input, rows);
      case 'resized':
        return resize(leaf, body, rows);
    }
  }

  function store(leaf: Leaf): void {
    const held = leafRows({ ...leaf, consumers: 1 }, allRows(leaf));
    const tensor = held.owned ? held.tensor : tf.clone(held.tensor);
    leaf.owner.push(tensor);
    leaf.body = { kind: 'tensor', tensor };
  }

  function valueRows(map: LazyMap, rows: Rows): Held {
    return combine(map.terms, map.shift, rows);
  }

  function gelu(input: LazyMap, rows: Rows): Held {
    const half = vectors.uniform(Math.SQRT1_2, input.shape[3]);
    const terms = input.terms.map(({ leaf, scale }) => ({ leaf, scale: vectors.times(scale, half) }));
    const u = combine(terms, input.shift === null ? null : vectors.times(input.shift, half), rows);
    const erf = tf.erf(u.tensor);
    const factor = tf.add(erf, 1) as Tensor4D;
    erf.dispose();
    return using([u, { tensor: factor, owned: true }], ([x, y]) => tf.mul(x!, y!));
  }

  function resize(leaf: Leaf, { input, alignCorners }: Extract<LeafBody, { kind: 'resized' }>, rows: Rows): Held {
    const [, height, width] = leaf.shape;
    const whole = using([valueRows(input, allRows(input))], ([x]) =>
      tf.image.resizeBilinear(x!, [height, width], alignCorners, !alignCorners),
    );
    return rows.from === 0 && rows.to === height ? whole : using([whole], ([x]) => slice(x!, rows));
  }

  /** scale · conv(input) + shift, by rows where what lies between is large. */
  function convolve(leaf: Leaf, body: Conv, scale: Vector | null, shift: Vector | null, rows: Rows): Held {
    const height = rows.to - rows.from;
    const step = rowsAtATime(body, height);
    if (step >= height) return convolveRows(leaf, body, scale, shift, rows);
    const parts: Held[] = [];
    for (let from = rows.from; from < rows.to; from += step) {
      parts.push(convolveRows(leaf, body, scale, shift, { from, to: Math.min(from + step, rows.to) }));
    }
    return using(parts, (tensors) => tf.concat(tensors, 1));
  }

  function rowsAtATime(body: Conv, height: number): number {
    if (bytesAtATime === null) return height;
    const bytes = body.options.stride[0] * largestRow(body.input) * Float32Array.BYTES_PER_ELEMENT;
    if (bytes * height <= bytesAtATime) return height;
    return Math.max(Math.floor(bytesAtATime / bytes), leastRows);
  }

  function convolveRows(leaf: Leaf, body: Conv, scale: Vector | null, shift: Vector | null, rows: Rows): Held {
    const { input, name, options } = body;
    const depthwise = options.groups > 1;
    const { left, right } = paddingSides(options);
    const window = inputRows(leaf, body, reachOf(kernels.extent(name), options)[0], rows);
    const single = input.terms.length === 1 ? input.terms[0]! : null;
    const source = single === null ? combine(input.terms, null, window.rows) : leafRows(single.leaf, window.rows);
    const parts = kernels.parts(name, depthwise, single?.scale ?? null, scale);
    const through = input.shift === null ? null : kernels.shiftThrough(name, input.shift, scale, vectors.vector);
    const bias = vectors.plus(through, shift);
    const padded = { ...options, padding: [window.above, left, window.below, right] as const };
    return using([source], ([map]) =>
      convolveDilated(tf, map!, name, padded, (x, undilated) => {
        const part = (some: Tensor4D, filter: Tensor4D, first: boolean) =>
          convolveFused(some, filter, undilated, depthwise, first ? bias : null);
        return convolveInParts(tf, x, parts, part);
      }),
    );
  }

  function convolveFused(
    x: Tensor4D,
    filter: Tensor4D,
    options: ConvOptions,
    depthwise: boolean,
    bias: Vector | null,
  ): Tensor4D {
    const { top, left, bottom, right } = paddingSides(options);
    const padding: Padding = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    // The types of the fused operators lack explicit padding; the operators have it.
    return (depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d)({
      x,
      filter,
      strides: [...options.stride],
      pad: padding as unknown as 'valid',
      ...(bias === null ? {} : { bias: kernels.tensor(bias) as Tensor1D }),
    });
  }

  function sliceRows(tensor: Tensor4D, rows: Rows): Held {
    if (rows.from === 0 && rows.to === tensor.shape[1]) return { tensor, owned: false };
    return { tensor: slice(tensor, rows), owned: true };
  }

  function slice(tensor: Tensor4D, { from, to }: Rows): Tensor4D {
    const [b, , w, c] = tensor.shape;
    return tf.slice(tensor, [0, from, 0, 0], [b, to - from, w, c]);
  }
}

type Padding = [[number, number], [number, number], [number, number], [number, number]];

/** Applies `f` and frees what was made for it alone. */
function using(inputs: readonly Held[], f: (tensors: Tensor4D[]) => Tensor4D): Held {
  const tensor = f(inputs.map((input) => input.tensor));
  for (const input of inputs) if (input.owned) input.tensor.dispose();
  return { tensor, owned: true };
}

function isLazyConv(leaf: Leaf): boolean {
  return leaf.body.kind === 'conv' && leaf.consumers <= 1;
}
