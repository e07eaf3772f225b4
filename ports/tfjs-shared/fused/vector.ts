/**
 * Numbers per channel that follow from parameters alone, in float64: they are worked out once per model and rounded
 * once, when they become part of a kernel or a bias. `key` says how they were made, so equal keys mean equal numbers.
 */
export interface Vector {
  readonly key: string;
  values(): Float64Array;
}

/** Keeps what was computed by its key. */
export interface VectorStore {
  vector(key: string, length: number, at: (channel: number) => number): Vector;
  uniform(value: number, length: number): Vector;
  times(a: Vector | null, b: Vector | null): Vector | null;
  plus(a: Vector | null, b: Vector | null): Vector | null;
}

export function storeVectors(): VectorStore {
  const known = new Map<string, Float64Array>();
  const define = (key: string, compute: () => Float64Array): Vector => ({
    key,
    values() {
      const found = known.get(key);
      if (found !== undefined) return found;
      const made = compute();
      known.set(key, made);
      return made;
    },
  });
  const combine = (symbol: string, a: Vector, b: Vector, join: (x: number, y: number) => number): Vector =>
    define(`(${a.key}${symbol}${b.key})`, () => {
      const right = b.values();
      return a.values().map((left, channel) => join(left, right[channel]!));
    });
  return {
    vector: (key, length, at) => define(key, () => Float64Array.from({ length }, (_, channel) => at(channel))),
    uniform: (value, length) => define(`${value}[${length}]`, () => new Float64Array(length).fill(value)),
    times: (a, b) => (a === null ? b : b === null ? a : combine('*', a, b, (x, y) => x * y)),
    plus: (a, b) => (a === null ? b : b === null ? a : combine('+', a, b, (x, y) => x + y)),
  };
}
