import { paddingSides } from '../../../models/conv-options.js';
import { type Conv, inputsOf, type LazyMap, type Leaf } from './lazy-map.js';

/** Rows [from, to) of a map. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

export function allRows({ shape: [, height] }: { shape: LazyMap['shape'] }): Rows {
  return { from: 0, to: height };
}

/**
 * Rows of the input that rows of a convolution need, and the rows of padding above and below. `reach` is how many rows
 * one row needs.
 */
export function inputRows(
  { shape }: Leaf,
  { input, options }: Conv,
  reach: number,
  rows: Rows,
): { rows: Rows; above: number; below: number } {
  const height = input.shape[1];
  const { top, bottom } = paddingSides(options);
  if (rows.from === 0 && rows.to === shape[1]) return { rows: { from: 0, to: height }, above: top, below: bottom };
  const [stride] = options.stride;
  const from = rows.from * stride - top;
  const to = (rows.to - 1) * stride - top + reach;
  const clipped = { from: Math.max(from, 0), to: Math.min(to, height) };
  return { rows: clipped, above: clipped.from - from, below: to - clipped.to };
}

/** Elements, per row of this map, of the largest map below that will not be stored; 0 if all are. */
export function largestRow(map: LazyMap): number {
  return Math.max(...map.terms.map(({ leaf }) => largestRowOf(leaf)));
}

function largestRowOf({ body, consumers, shape: [batch, , width, channels] }: Leaf): number {
  if (body.kind === 'tensor' || body.kind === 'resized' || consumers > 1) return 0;
  const stride = body.kind === 'conv' ? body.options.stride[0] : 1;
  return Math.max(batch * width * channels, ...inputsOf(body).map((input) => stride * largestRow(input)));
}
