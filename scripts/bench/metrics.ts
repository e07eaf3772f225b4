import { measureLabelFlips } from '../../harness/metrics/label-flips.js';
import { measureTensorError } from '../../harness/metrics/tensor-error.js';

export interface MetricsRow {
  readonly name: string;
  /** Bytes of port and golden read per second. */
  readonly gigabytesPerSecond: number;
}

/** How fast the comparisons stream, in bytes read of both sides; the best of seven rounds over 64 MB. */
export function benchMetrics(): MetricsRow[] {
  const shape = [1, 16, 512, 1024];
  const golden = Float32Array.from({ length: 16 * 512 * 1024 }, (_, i) => Math.sin(i));
  const actual = golden.map((value) => value * (1 + 1e-7));
  const comparisons = {
    'tensor error': () => measureTensorError(actual, golden, 0.7),
    'label flips': () => measureLabelFlips(actual, golden, shape),
  };
  return Object.entries(comparisons).map(([name, compare]) => {
    let bestMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 7; round++) {
      const startedAt = performance.now();
      compare();
      bestMs = Math.min(bestMs, performance.now() - startedAt);
    }
    return { name, gigabytesPerSecond: (2 * golden.byteLength) / bestMs / 1e6 };
  });
}
