import type { Meaning } from '../result.js';

/**
 * What an error of the logits means for the label map.
 *
 * Shapes: logits [b, classes, h, w], both. A pixel's class is the first of its largest logits, as the reference's argmax gives
 * it. A pixel can change where its golden margin, the largest logit minus the next, is at most twice the largest error of all.
 */
export function measureLabelFlips(actual: Float32Array, golden: Float32Array, shape: readonly number[]): Meaning {
  const [batch = 0, classes = 0, height = 0, width = 0] = shape;
  const maxLogitError = largestError(actual, golden);
  const plane = height * width;
  let changed = 0;
  let canChange = 0;
  let unexplained = 0;
  let smallestMargin = Number.POSITIVE_INFINITY;
  for (let image = 0; image < batch; image++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      const base = image * classes * plane + pixel;
      const expected = topTwo(golden, base, classes, plane);
      const margin = expected.margin;
      const possible = margin <= 2 * maxLogitError;
      if (possible) canChange += 1;
      if (margin < smallestMargin) smallestMargin = margin;
      if (topTwo(actual, base, classes, plane).label !== expected.label) {
        changed += 1;
        if (!possible) unexplained += 1;
      }
    }
  }
  return { pixels: batch * plane, changed, canChange, unexplained, maxLogitError, smallestMargin };
}

function topTwo(logits: Float32Array, base: number, classes: number, plane: number): { label: number; margin: number } {
  let label = 0;
  let best = logits[base]!;
  let second = Number.NEGATIVE_INFINITY;
  for (let index = 1; index < classes; index++) {
    const value = logits[base + index * plane]!;
    if (value > best) {
      second = best;
      best = value;
      label = index;
    } else if (value > second) second = value;
  }
  return { label, margin: best - second };
}

function largestError(actual: Float32Array, golden: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - golden[i]!);
    if (!(error <= largest)) largest = error;
  }
  return largest;
}
