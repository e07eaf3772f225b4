import type { OpenedTerm } from './blend.js';

/** A term, and between which values its neighbours of one band lie. */
export interface TiledTerm {
  readonly term: OpenedTerm;
  /** [channels, width] */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** The first and the last column that a block is made of. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export function tileTerm(term: OpenedTerm): TiledTerm {
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

/** Notes the least and the largest neighbours of rows `top` to before `bottom`. @returns whether all are finite */
export function enclose({ term, low, high }: TiledTerm, top: number, bottom: number): boolean {
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
