/** Buffers of the reference: never seeded (CONTRACT, section 2). */
const bufferLeaves: ReadonlySet<string> = new Set(['_mean', '_variance', 'bases']);

/**
 * Whether a name of state_dict() is a buffer (`_mean`, `_variance`, a registered `bases`), which has no seeded value.
 */
export function isBuffer(name: string): boolean {
  return bufferLeaves.has(leafOf(name));
}

/** lo and hi of a parameter's values. */
export type ValueRange = readonly [low: number, high: number];

/**
 * A parameter's value in scheme `uniform/1` (CONTRACT, section 2), or null for a buffer. Shapes: the parameter's own,
 * flat in C order. Range: keeps every activation near 1: ∓ sqrt(3 / fan-in) for weights, 0.25..0.75 for a layer scale,
 * 0.5..1.5 for a norm's weight, −0.25..0.25 for a bias.
 */
export function seededParameter(seed: number, name: string, shape: readonly number[]): Float32Array | null {
  const range = valueRange(name, shape);
  return range && uniformParameter(seed, name, shape, range);
}

/** The same in a stated range (scheme `uniform/2`; CONTRACT, section 4). */
export function uniformParameter(
  seed: number,
  name: string,
  shape: readonly number[],
  [low, high]: ValueRange,
): Float32Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const values = new Float32Array(count);
  const width = high - low;
  const key = seed | 0;
  // mix() is written out: a call per value costs a third of the speed where V8 does not inline it.
  for (let i = 0, h = fnv1a(name); i < count; i++, h = (h + golden32) | 0) {
    let x = h ^ (h >>> 16);
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    x ^= (x >>> 16) ^ key;
    x ^= x >>> 16;
    x = Math.imul(x, 0x7feb352d);
    x ^= x >>> 15;
    x = Math.imul(x, 0x846ca68b);
    x ^= x >>> 16;
    values[i] = low + width * ((x >>> 8) * 2 ** -24);
  }
  return values;
}

/** `count` float64 in [0, 1), each a multiple of 2^-24, fixed by seed, name and index. */
export function uniform(seed: number, name: string, count: number): Float64Array {
  const values = new Float64Array(count);
  const key = seed | 0;
  for (let i = 0, h = fnv1a(name); i < count; i++, h = (h + golden32) | 0) {
    values[i] = (mix(mix(h) ^ key) >>> 8) * 2 ** -24;
  }
  return values;
}

/** `count` standard normal numbers, of two of `uniform` each (Box and Muller, 1958). Range: −5.8 to 5.8. */
export function normal(seed: number, name: string, count: number): Float64Array {
  const numbers = uniform(seed, name, 2 * count);
  return Float64Array.from(
    { length: count },
    (_, i) => Math.sqrt(-2 * Math.log(1 - numbers[2 * i]!)) * Math.cos(2 * Math.PI * numbers[2 * i + 1]!),
  );
}

/**
 * Flat NCHW positions of a sampled probe of `total` elements: floor(u · total), u = uniform(seed, name, count).
 * Repeats are fine (CONTRACT, section 1).
 */
export function samplePositions(seed: number, name: string, count: number, total: number): Float64Array {
  const positions = uniform(seed, name, count);
  for (let i = 0; i < count; i++) positions[i] = Math.floor(positions[i]! * total);
  return positions;
}

/** FNV-1a over the UTF-8 bytes, 32 bits, unsigned. */
export function fnv1a(name: string): number {
  let h = 0x811c9dc5;
  for (const byte of Buffer.from(name, 'utf8')) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

/** 2^32 over the golden ratio: the step from one index to the next. */
const golden32 = 0x9e3779b9;

function mix(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}

function valueRange(name: string, shape: readonly number[]): ValueRange | null {
  if (isBuffer(name)) return null;
  const fanIn = shape.length === 4 ? shape[1]! * shape[2]! * shape[3]! : shape.length === 2 ? shape[0]! : null;
  if (fanIn !== null) return [-Math.sqrt(3 / fanIn), Math.sqrt(3 / fanIn)];
  if (name.includes('layer_scale')) return [0.25, 0.75];
  if (leafOf(name) === 'weight') return [0.5, 1.5];
  return [-0.25, 0.25];
}

function leafOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
