import { blockLength } from './axis-taps.js';
import { addBlock, type Blend, mixRows, type OpenedTerm, openTerm } from './blend.js';

/**
 * The class with the largest value at each pixel, the lowest one on ties, [h, w]. NaN is never larger.
 *
 * A resized value lies between the neighbours that it is made of. So in a tile of pixels most classes are seen to be
 * smaller than another one before any of their values is computed: inside of an object one is left, at its edge two or
 * so.
 */
export function labelBlend(blend: Blend): Uint8Array {
  if (blend.labels !== undefined) return blend.labels;
  const { height, width, terms } = blend;
  const labels = new Uint8Array(height * width);
  const tiled = terms.map((term) => tileTerm(openTerm(term)));
  const scratch = openScratch(blend);
  let top = 0;
  for (const bottom of endBands(tiled[0]!.term)) {
    // With NaN or Inf among the neighbours nothing is known before.
    let areFinite = true;
    for (const term of tiled) areFinite = enclose(term, top, bottom) && areFinite;
    for (let block = 0; block * blockLength < width; block++) {
      const count = areFinite ? selectInTile(tiled, block, scratch) : selectAll(scratch);
      const tile = { top, bottom, block, areFinite };
      if (count === 1) fillTile(labels, width, tile, scratch.candidates[0]!);
      else labelTile(blend, tiled, tile, count, labels, scratch);
    }
    top = bottom;
  }
  return labels;
}

/** Rows that have the same neighbours in the first term, a few at a time. */
function endBands({ rows: { first, length } }: OpenedTerm): number[] {
  const ends: number[] = [];
  for (let top = 0, y = 1; y <= length; y++) {
    if (y < length && first[y] === first[top] && y - top < bandLength) continue;
    ends.push(y);
    top = y;
  }
  return ends;
}

const bandLength = 16;

/** A term, and between which values its neighbours of one band lie. */
interface TiledTerm {
  readonly term: OpenedTerm;
  /** [channels, width] */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The first and the last column that a block is made of. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

function tileTerm(term: OpenedTerm): TiledTerm {
  const { first, count, runs, blocks } = term.columns;
  const ofBlocks = (column: (block: number) => number) =>
    Int32Array.from({ length: blocks.length - 1 }, (_, block) => column(block));
  return {
    term,
    low: new Float64Array(term.lines.length),
    high: new Float64Array(term.lines.length),
    from: ofBlocks((block) => first[runs[blocks[block]!]!]!),
    to: ofBlocks((block) => first[runs[blocks[block + 1]! - 1]!]! + count - 1),
  };
}

/** @returns whether all neighbours are finite */
function enclose({ term, low, high }: TiledTerm, top: number, bottom: number): boolean {
  const { channels, height, width, data } = term.planes;
  const { first, count } = term.rows;
  const firstRow = first[top]!;
  const lastRow = first[bottom - 1]! + count - 1;
  let total = 0;
  for (let c = 0; c < channels; c++) {
    const line = c * width;
    for (let row = firstRow; row <= lastRow; row++) {
      const from = (c * height + row) * width;
      for (let x = 0; x < width; x++) {
        const value = data[from + x]!;
        total += value;
        if (row === firstRow || value < low[line + x]!) low[line + x] = value;
        if (row === firstRow || value > high[line + x]!) high[line + x] = value;
      }
    }
  }
  return Number.isFinite(total);
}

interface Scratch {
  /** Whether values are rounded to float64, not float32. */
  readonly isDouble: boolean;
  readonly sums: Float64Array;
  /** The largest value at each place of a row so far. */
  readonly best: Float64Array;
  /** Of each class that is looked at: no value is larger. */
  readonly bounds: Float64Array;
  /** Classes that may be the largest somewhere in a tile, in their order. */
  readonly candidates: Uint8Array;
  /** Those of them that may be so in one row of it. */
  readonly inRow: Uint8Array;
}

function openScratch({ width, channels, terms }: Blend): Scratch {
  return {
    isDouble: terms.some(({ planes }) => planes.data instanceof Float64Array),
    sums: new Float64Array(width),
    best: new Float64Array(width),
    bounds: new Float64Array(channels),
    candidates: new Uint8Array(channels),
    inRow: new Uint8Array(channels),
  };
}

function selectAll({ candidates }: Scratch): number {
  for (let c = 0; c < candidates.length; c++) candidates[c] = c;
  return candidates.length;
}

/**
 * Leaves out what nowhere in the tile reaches what one class everywhere does. @returns how many candidates there are
 */
function selectInTile(tiled: readonly TiledTerm[], block: number, scratch: Scratch): number {
  const { bounds, candidates } = scratch;
  selectAll(scratch);
  let reached = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < bounds.length; c++) {
    let lowest = 0;
    let highest = 0;
    for (const { term, low, high, from, to } of tiled) {
      const start = c * term.width;
      lowest += leastOf(low, start + from[block]!, start + to[block]!);
      highest += mostOf(high, start + from[block]!, start + to[block]!);
    }
    bounds[c] = highest;
    if (lowest > reached) reached = lowest;
  }
  return keep(candidates, candidates.length, bounds, reached, candidates);
}

/** The same for one row of a tile, whose lines are mixed. */
function selectInRow(tiled: readonly TiledTerm[], block: number, count: number, scratch: Scratch): number {
  const { bounds, candidates, inRow } = scratch;
  let reached = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < count; at++) {
    let lowest = 0;
    let highest = 0;
    for (const { term, from, to } of tiled) {
      const start = candidates[at]! * term.width;
      lowest += leastOf(term.lines, start + from[block]!, start + to[block]!);
      highest += mostOf(term.lines, start + from[block]!, start + to[block]!);
    }
    bounds[at] = highest;
    if (lowest > reached) reached = lowest;
  }
  return keep(candidates, count, bounds, reached, inRow);
}

/** Far more than rounding, far less than what matters: what is left out must be smaller beyond doubt. */
const doubt = 1e-4;

function keep(classes: Uint8Array, count: number, bounds: Float64Array, reached: number, into: Uint8Array): number {
  const wanted = reached - doubt * Math.abs(reached);
  let kept = 0;
  for (let at = 0; at < count; at++)
    if (bounds[at]! + doubt * Math.abs(bounds[at]!) >= wanted) into[kept++] = classes[at]!;
  return kept;
}

function leastOf(values: Float64Array, first: number, last: number): number {
  let least = values[first]!;
  for (let at = first + 1; at <= last; at++) if (values[at]! < least) least = values[at]!;
  return least;
}

function mostOf(values: Float64Array, first: number, last: number): number {
  let most = values[first]!;
  for (let at = first + 1; at <= last; at++) if (values[at]! > most) most = values[at]!;
  return most;
}

/** Rows `top` to before `bottom`, and one block of columns. */
interface Tile {
  readonly top: number;
  readonly bottom: number;
  readonly block: number;
  readonly areFinite: boolean;
}

function fillTile(labels: Uint8Array, width: number, { top, bottom, block }: Tile, only: number): void {
  const from = block * blockLength;
  const to = Math.min(from + blockLength, width);
  for (let y = top; y < bottom; y++) labels.fill(only, y * width + from, y * width + to);
}

function labelTile(
  blend: Blend,
  tiled: readonly TiledTerm[],
  { top, bottom, block, areFinite }: Tile,
  count: number,
  labels: Uint8Array,
  scratch: Scratch,
): void {
  const { candidates, inRow } = scratch;
  for (let y = top; y < bottom; y++) {
    for (const { term, from, to } of tiled)
      for (let at = 0; at < count; at++) mixRows(term, candidates[at]!, y, from[block]!, to[block]!);
    if (areFinite) labelRow(blend, tiled, y, block, inRow, selectInRow(tiled, block, count, scratch), labels, scratch);
    else labelRow(blend, tiled, y, block, candidates, count, labels, scratch);
  }
}

/** One row of a tile. */
function labelRow(
  { width, divisor }: Blend,
  tiled: readonly TiledTerm[],
  y: number,
  block: number,
  classes: Uint8Array,
  count: number,
  labels: Uint8Array,
  { sums, best, isDouble }: Scratch,
): void {
  const from = block * blockLength;
  const to = Math.min(from + blockLength, width);
  const row = y * width;
  for (let x = from; x < to; x++) labels[row + x] = classes[0]!;
  for (let at = 0; at < count && count > 1; at++) {
    for (let x = from; x < to; x++) sums[x] = 0;
    for (let term = 0; term < tiled.length; term++) addBlock(sums, tiled[term]!.term, classes[at]!, block);
    // What is compared is rounded as the reference rounds it.
    if (isDouble) for (let x = from; x < to; x++) sums[x]! /= divisor;
    else for (let x = from; x < to; x++) sums[x] = Math.fround(sums[x]! / divisor);
    if (at === 0) for (let x = from; x < to; x++) best[x] = sums[x]!;
    else raise(labels, row, sums, best, classes[at]!, from, to);
  }
}

function raise(
  labels: Uint8Array,
  row: number,
  values: Float64Array,
  best: Float64Array,
  channel: number,
  from: number,
  to: number,
): void {
  for (let x = from; x < to; x++) {
    if (values[x]! > best[x]!) {
      best[x] = values[x]!;
      labels[row + x] = channel;
    }
  }
}
