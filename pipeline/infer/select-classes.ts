import type { Blend } from './blend.js';
import type { TiledTerm } from './tiled-term.js';

/** What is kept from tile to tile. */
export interface Scratch {
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

export function openScratch({ width, channels, terms }: Blend): Scratch {
  return {
    isDouble: terms.some(({ planes }) => planes.data instanceof Float64Array),
    sums: new Float64Array(width),
    best: new Float64Array(width),
    bounds: new Float64Array(channels),
    candidates: new Uint8Array(channels),
    inRow: new Uint8Array(channels),
  };
}

/** All classes are candidates. @returns how many */
export function selectAll({ candidates }: Scratch): number {
  for (let c = 0; c < candidates.length; c++) candidates[c] = c;
  return candidates.length;
}

/**
 * Leaves out what nowhere in the tile reaches what one class everywhere does. @returns how many candidates there are
 */
export function selectInTile(tiled: readonly TiledTerm[], block: number, scratch: Scratch): number {
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
export function selectInRow(tiled: readonly TiledTerm[], block: number, count: number, scratch: Scratch): number {
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
