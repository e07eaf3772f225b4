import type { GivenResult } from '../../harness/contract/port.js';
import { type AxisTaps, axisTaps, blockLength } from './axis-taps.js';
import type { Planes } from './planes.js';

/**
 * The mean of resized maps, before it is computed. At the size of a photograph all classes of it take hundreds of
 * megabytes; who wants the best class alone passes a few rows at a time.
 */
export interface Blend {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly terms: readonly BlendTerm[];
  /** What the sum of the terms is divided by. */
  readonly divisor: number;
  /**
   * Class numbers [h, w] of a network that gives no logits, and what it gives: the terms are that, before sizes were
   * turned back.
   */
  readonly labels?: Uint8Array;
  readonly gives?: GivenResult;
}

export interface BlendTerm {
  readonly planes: Planes;
  /** Sizes that it is resized to, one after the other; the last, or its own where there is none, is the blend's. */
  readonly through: readonly Size[];
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Planes as they are. */
export function plainBlend(planes: Planes): Blend {
  const { channels, height, width } = planes;
  return { channels, height, width, terms: [{ planes, through: [] }], divisor: 1 };
}

/** The whole of it, float64 if a term is, else float32. */
export function computeBlend(blend: Blend): Planes {
  const { channels, height, width, terms, divisor } = blend;
  const [only] = terms;
  if (terms.length === 1 && divisor === 1 && staysAsItIs(only!)) return only!.planes;
  const data = newValues(blend, channels * height * width);
  const opened = terms.map(openTerm);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      for (const term of opened) mixRows(term, c, y, 0, term.width - 1);
      sums.fill(0);
      for (const term of opened)
        for (let block = 0; block * blockLength < width; block++) addBlock(sums, term, c, block);
      const row = (c * height + y) * width;
      for (let x = 0; x < width; x++) data[row + x] = sums[x]! / divisor;
    }
  }
  return { channels, height, width, data };
}

function staysAsItIs({ planes, through }: BlendTerm): boolean {
  return through.every(({ height, width }) => height === planes.height && width === planes.width);
}

type Values = Planes['data'];

function newValues({ terms }: Blend, length: number): Values {
  const isDouble = terms.some(({ planes }) => planes.data instanceof Float64Array);
  return isDouble ? new Float64Array(length) : new Float32Array(length);
}

/** A term at one row of the blend. */
export interface OpenedTerm {
  readonly planes: Planes;
  readonly rows: AxisTaps;
  readonly columns: AxisTaps;
  /** Columns before they are resized. */
  readonly width: number;
  /** The row of each class, before columns are resized: [channels, width]. */
  readonly lines: Float64Array;
}

export function openTerm({ planes, through }: BlendTerm): OpenedTerm {
  return {
    planes,
    rows: axisTaps([planes.height, ...through.map((size) => size.height)]),
    columns: axisTaps([planes.width, ...through.map((size) => size.width)]),
    width: planes.width,
    lines: new Float64Array(planes.channels * planes.width),
  };
}

/** Mixes the rows of one class into its line, columns `from` to `to`, in float64. */
export function mixRows(
  { planes: { height, width, data }, rows, lines }: OpenedTerm,
  channel: number,
  y: number,
  from: number,
  to: number,
): void {
  const line = channel * width;
  let isFirst = true;
  for (let t = 0; t < rows.count; t++) {
    const weight = rows.weights[t]![y]!;
    if (weight === 0) continue;
    const row = (channel * height + rows.first[y]! + t) * width;
    if (isFirst) for (let x = from; x <= to; x++) lines[line + x] = weight * data[row + x]!;
    else for (let x = from; x <= to; x++) lines[line + x]! += weight * data[row + x]!;
    isFirst = false;
  }
}

/** Adds one block of one class, its columns mixed: neighbours are read once for all places that share them. */
export function addBlock(
  sums: Float64Array,
  { columns, lines, width }: OpenedTerm,
  channel: number,
  block: number,
): void {
  const { count, first, weights, runs, blocks } = columns;
  const [one, two, three] = weights as [Float64Array, Float64Array?, Float64Array?];
  if (count === 2 && runs.length > shortRuns * columns.length) {
    addPairs(sums, runs[blocks[block]!]!, runs[blocks[block + 1]!]!, columns, lines, channel * width);
    return;
  }
  for (let run = blocks[block]!; run < blocks[block + 1]!; run++) {
    const from = runs[run]!;
    const to = runs[run + 1]!;
    const at = channel * width + first[from]!;
    if (two === undefined) addOne(sums, from, to, one, lines[at]!);
    else if (three === undefined) addTwo(sums, from, to, one, lines[at]!, two, lines[at + 1]!);
    else addThree(sums, from, to, one, lines[at]!, two, lines[at + 1]!, three, lines[at + 2]!);
    for (let t = 3; t < count; t++) addOne(sums, from, to, weights[t]!, lines[at + t]!);
  }
}

/** Runs a place: from a photograph to one of nearly its size, few places share their neighbours. */
const shortRuns = 0.3;

function addPairs(
  sums: Float64Array,
  from: number,
  to: number,
  { first, weights: [one, two] }: AxisTaps,
  lines: Float64Array,
  start: number,
): void {
  for (let x = from; x < to; x++) {
    const at = start + first[x]!;
    sums[x]! += one![x]! * lines[at]! + two![x]! * lines[at + 1]!;
  }
}

function addOne(sums: Float64Array, from: number, to: number, w: Float64Array, a: number): void {
  for (let x = from; x < to; x++) sums[x]! += w[x]! * a;
}

function addTwo(
  sums: Float64Array,
  from: number,
  to: number,
  one: Float64Array,
  a: number,
  two: Float64Array,
  b: number,
): void {
  for (let x = from; x < to; x++) sums[x]! += one[x]! * a + two[x]! * b;
}

function addThree(
  sums: Float64Array,
  from: number,
  to: number,
  one: Float64Array,
  a: number,
  two: Float64Array,
  b: number,
  three: Float64Array,
  c: number,
): void {
  for (let x = from; x < to; x++) sums[x]! += one[x]! * a + two[x]! * b + three[x]! * c;
}
