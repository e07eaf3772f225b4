/** Where the places of one axis of a resized map come from: a few neighbours of the map before it, with weights. */
export interface AxisTaps {
  /** How many neighbours each place has. */
  readonly count: number;
  /** The first neighbour of each place. */
  readonly first: Int32Array;
  /** Of each place: of its first neighbour, its second, … */
  readonly weights: readonly Float64Array[];
  /** Where places of one block with the same neighbours begin, and after the last the number of places. */
  readonly runs: Int32Array;
  /** The first run of each block, and after the last the number of runs. */
  readonly blocks: Int32Array;
  /** Places. */
  readonly length: number;
}

/** Places that are looked at together. */
export const blockLength = 32;

/**
 * Bilinear resizing along one axis, half-pixel centres, edges repeated, from size to size: two resizings one after the
 * other are one with three neighbours. Range: `sizes` has the size before, and those that follow. Source:
 * paddle.nn.functional.interpolate(mode='bilinear') of paddlepaddle 3.3.1: ratio and coordinates are float32 there for
 * data of either type, and so they are here.
 */
export function axisTaps(sizes: readonly number[]): AxisTaps {
  const [from = 0, ...through] = sizes;
  let rows: Taps[] = Array.from({ length: from }, (_, at) => new Map([[at, 1]]));
  let before = from;
  for (const to of through) {
    if (to !== before) rows = resizeRows(rows, to);
    before = to;
  }
  const spans = rows.map((taps) => Math.max(...taps.keys()) - Math.min(...taps.keys()) + 1);
  const count = Math.max(...spans);
  const length = rows.length;
  const first = Int32Array.from(rows, (taps) => Math.min(Math.min(...taps.keys()), from - count));
  const weights = Array.from({ length: count }, () => new Float64Array(length));
  for (const [place, taps] of rows.entries())
    for (const [at, weight] of taps) weights[at - first[place]!]![place] = weight;
  const starts = [...first.keys()].filter((place) => place % blockLength === 0 || first[place] !== first[place - 1]);
  const runs = Int32Array.from([...starts, length]);
  const blocks = Int32Array.from(
    [...runs.keys()].filter((run) => run === starts.length || runs[run]! % blockLength === 0),
  );
  return { count, first, weights, runs, blocks, length };
}

/** Neighbour → weight. */
type Taps = ReadonlyMap<number, number>;

function resizeRows(rows: readonly Taps[], to: number): Taps[] {
  const ratio = Math.fround(rows.length / to);
  return Array.from({ length: to }, (_, at) => {
    const source = Math.max(0, Math.fround(ratio * (at + 0.5) - 0.5));
    const lower = Math.floor(source);
    const share = Math.fround(source - lower);
    const mixed = new Map<number, number>();
    const add = (row: Taps, part: number) => {
      for (const [neighbour, weight] of row) mixed.set(neighbour, (mixed.get(neighbour) ?? 0) + part * weight);
    };
    add(rows[lower]!, 1 - share);
    if (share > 0) add(rows[Math.min(lower + 1, rows.length - 1)]!, share);
    return mixed;
  });
}
