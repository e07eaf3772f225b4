import { blockLength } from './axis-taps.js';
import { addBlock, type Blend, mixRows, type OpenedTerm, openTerm } from './blend.js';
import { openScratch, type Scratch, selectAll, selectInRow, selectInTile } from './select-classes.js';
import { enclose, type TiledTerm, tileTerm } from './tiled-term.js';

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
