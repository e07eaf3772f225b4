import { type AxisTaps, axisTaps, blockLength } from './axis-taps.js';
import type { Planes } from './planes.js';

/**
 * The mean of resized maps, before it is computed. At the size of a photograph all classes of it take hundreds of megabytes; who
 * wants the best class alone passes a few rows at a time.
 */
export interface Blend {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly terms: readonly BlendTerm[];
  /** What the sum of the terms is divided by. */
  readonly divisor: number;
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
    for (const term of opened) moveTo(term, y);
    for (let c = 0; c < channels; c++) {
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

/**
 * The class with the largest value at each pixel, the lowest one on ties, [h, w]. NaN is never larger.
 *
 * A resized value lies between the neighbours that it is made of. So in a block of pixels most classes are seen to be smaller
 * than another one before any of their values is computed; of ten classes and more, two or so are left.
 */
export function labelBlend(blend: Blend): Uint8Array {
  const { height, width, terms } = blend;
  const labels = new Uint8Array(height * width);
  const opened = terms.map(openTerm);
  const scratch = openScratch(blend);
  for (let y = 0; y < height; y++) {
    // With NaN or Inf among the neighbours nothing is known before.
    let areFinite = true;
    for (const term of opened) areFinite = moveTo(term, y) && areFinite;
    for (let block = 0; block * blockLength < width; block++) {
      const candidates = areFinite ? selectCandidates(blend, opened, block, scratch) : null;
      labelBlock(blend, opened, block, candidates, labels.subarray(y * width, (y + 1) * width), scratch);
    }
  }
  return labels;
}

interface Scratch {
  readonly sums: Float64Array;
  /** Rounded as the reference rounds. */
  readonly values: Values;
  readonly best: Values;
  /** Of each class in a block: no value is larger. */
  readonly bounds: Float64Array;
}

function openScratch(blend: Blend): Scratch {
  const { width, channels } = blend;
  return {
    sums: new Float64Array(width),
    values: newValues(blend, width),
    best: newValues(blend, width),
    bounds: new Float64Array(channels),
  };
}

/** Far more than rounding, far less than what matters: what is left out must be smaller beyond doubt. */
const doubt = 1e-4;

/** Upper bounds of all classes, and the value that one class reaches everywhere in the block. */
function selectCandidates(
  { channels }: Blend,
  opened: readonly OpenedTerm[],
  block: number,
  { bounds }: Scratch,
): number {
  let reached = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < channels; c++) {
    let low = 0;
    let high = 0;
    for (const { lines, width, from, to } of opened) {
      const start = c * width;
      let least = lines[start + from[block]!]!;
      let most = least;
      for (let at = start + from[block]! + 1; at <= start + to[block]!; at++) {
        const value = lines[at]!;
        if (value < least) least = value;
        else if (value > most) most = value;
      }
      low += least;
      high += most;
    }
    bounds[c] = high + doubt * Math.abs(high);
    if (low > reached) reached = low;
  }
  return reached - doubt * Math.abs(reached);
}

function labelBlock(
  { channels, width, divisor }: Blend,
  opened: readonly OpenedTerm[],
  block: number,
  reached: number | null,
  labels: Uint8Array,
  { sums, values, best, bounds }: Scratch,
): void {
  const from = block * blockLength;
  const to = Math.min(from + blockLength, width);
  let isFirst = true;
  for (let c = 0; c < channels; c++) {
    if (reached !== null && bounds[c]! < reached) continue;
    sums.fill(0, from, to);
    for (const term of opened) addBlock(sums, term, c, block);
    for (let x = from; x < to; x++) values[x] = sums[x]! / divisor;
    if (isFirst) {
      best.set(values.subarray(from, to), from);
      labels.fill(c, from, to);
    } else raise(labels, best, values, c, from, to);
    isFirst = false;
  }
}

function raise(labels: Uint8Array, best: Values, values: Values, channel: number, from: number, to: number): void {
  for (let x = from; x < to; x++) {
    if (values[x]! > best[x]!) {
      best[x] = values[x]!;
      labels[x] = channel;
    }
  }
}

type Values = Planes['data'];

function newValues({ terms }: Blend, length: number): Values {
  const isDouble = terms.some(({ planes }) => planes.data instanceof Float64Array);
  return isDouble ? new Float64Array(length) : new Float32Array(length);
}

/** A term at one row of the blend. */
interface OpenedTerm {
  readonly planes: Planes;
  readonly rows: AxisTaps;
  readonly columns: AxisTaps;
  /** Columns before they are resized. */
  readonly width: number;
  /** The row of each class, before columns are resized: [channels, width]. */
  readonly lines: Float64Array;
  /** The first and the last column that a block is made of. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}

function openTerm({ planes, through }: BlendTerm): OpenedTerm {
  const rows = axisTaps([planes.height, ...through.map((size) => size.height)]);
  const columns = axisTaps([planes.width, ...through.map((size) => size.width)]);
  const { first, count, runs, blocks } = columns;
  const ofBlocks = (column: (block: number) => number) =>
    Int32Array.from({ length: blocks.length - 1 }, (_, block) => column(block));
  return {
    planes,
    rows,
    columns,
    width: planes.width,
    lines: new Float64Array(planes.channels * planes.width),
    from: ofBlocks((block) => first[runs[blocks[block]!]!]!),
    to: ofBlocks((block) => first[runs[blocks[block + 1]! - 1]!]! + count - 1),
  };
}

/** Mixes rows, in float64. @returns whether all is finite */
function moveTo({ planes: { channels, height, width, data }, rows, lines }: OpenedTerm, y: number): boolean {
  lines.fill(0);
  for (let t = 0; t < rows.count; t++) {
    const weight = rows.weights[t]![y]!;
    if (weight === 0) continue;
    for (let c = 0; c < channels; c++) {
      const from = (c * height + rows.first[y]! + t) * width;
      const to = c * width;
      for (let x = 0; x < width; x++) lines[to + x]! += weight * data[from + x]!;
    }
  }
  let total = 0;
  for (let at = 0; at < lines.length; at++) total += lines[at]!;
  return Number.isFinite(total);
}

/** Adds one block of one class, its columns mixed: neighbours are read once for all places that share them. */
function addBlock(sums: Float64Array, { columns, lines, width }: OpenedTerm, channel: number, block: number): void {
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
