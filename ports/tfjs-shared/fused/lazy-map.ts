import type { ConvOptions } from '../../../models/operators.js';
import type { Tensor, Tensor4D } from '../tensorflow-js.js';
import type { Vector, VectorStore } from './vector.js';

export type ShapeNhwc = readonly [batch: number, height: number, width: number, channels: number];

/** A feature map that may not have been computed yet: Σ scaleᵢ · leafᵢ + shift, scales and shift per channel. */
export interface LazyMap {
  readonly kind: 'map';
  readonly shape: ShapeNhwc;
  readonly terms: readonly Term[];
  readonly shift: Vector | null;
}

export interface Term {
  readonly leaf: Leaf;
  /** Null: 1 everywhere. */
  readonly scale: Vector | null;
}

/** What a map is made of. A leaf with more than one consumer is computed once and becomes a tensor. */
export interface Leaf {
  readonly shape: ShapeNhwc;
  body: LeafBody;
  consumers: number;
  /** Who frees the tensor that the leaf becomes. */
  readonly owner: Tensor[];
}

export type LeafBody =
  | { readonly kind: 'tensor'; readonly tensor: Tensor4D }
  /** Without its bias, which is the map's shift. */
  | { readonly kind: 'conv'; readonly input: LazyMap; readonly name: string; readonly options: ConvOptions }
  /** u · (1 + erf u) with u = input · √½: GELU up to a factor of √½, which the next layer takes. */
  | { readonly kind: 'gelu'; readonly input: LazyMap }
  /** A map with its scales and its shift, for consumers that cannot take those upon themselves. */
  | { readonly kind: 'settled'; readonly input: LazyMap }
  | { readonly kind: 'product'; readonly a: LazyMap; readonly b: LazyMap }
  | { readonly kind: 'resized'; readonly input: LazyMap; readonly alignCorners: boolean };

export type Conv = Extract<LeafBody, { kind: 'conv' }>;
export type Resized = Extract<LeafBody, { kind: 'resized' }>;

export function mapOf(leaf: Leaf, scale: Vector | null = null, shift: Vector | null = null): LazyMap {
  return { kind: 'map', shape: leaf.shape, terms: [{ leaf, scale }], shift };
}

/** A new leaf counts as a consumer of the leaves it is made of. */
export function leafOf(shape: ShapeNhwc, body: LeafBody, owner: Tensor[]): Leaf {
  for (const input of inputsOf(body)) for (const { leaf } of input.terms) leaf.consumers++;
  return { shape, body, consumers: 0, owner };
}

export function inputsOf(body: LeafBody): readonly LazyMap[] {
  switch (body.kind) {
    case 'tensor':
      return [];
    case 'product':
      return [body.a, body.b];
    default:
      return [body.input];
  }
}

/** a + b; a leaf that both hold is there once, with its scales added. */
export function sumOf(vectors: VectorStore, a: LazyMap, b: LazyMap): LazyMap {
  const terms = [...a.terms];
  for (const term of b.terms) {
    const at = terms.findIndex(({ leaf }) => leaf === term.leaf);
    if (at < 0) terms.push(term);
    else terms[at] = { leaf: term.leaf, scale: addScales(vectors, terms[at]!.scale, term.scale, a.shape[3]) };
  }
  return { kind: 'map', shape: a.shape, terms, shift: vectors.plus(a.shift, b.shift) };
}

/** scale · x + shift */
export function affineOf(vectors: VectorStore, x: LazyMap, scale: Vector, shift: Vector | null): LazyMap {
  return {
    ...x,
    terms: x.terms.map((term) => ({ leaf: term.leaf, scale: vectors.times(term.scale, scale) })),
    shift: vectors.plus(x.shift === null ? null : vectors.times(x.shift, scale), shift),
  };
}

function addScales(vectors: VectorStore, a: Vector | null, b: Vector | null, channels: number): Vector | null {
  const one = vectors.uniform(1, channels);
  return vectors.plus(a ?? one, b ?? one);
}
