import type { GoldenPrediction } from '../golden/read-eval-golden.js';
import { measureTensorError, type TensorError } from './tensor-error.js';

/** What a port's evaluation gave for one image. */
export interface Prediction {
  /** The averaged logits at the golden's sampled positions. */
  readonly logits: Float32Array;
  /** [h, w] */
  readonly labels: Uint8Array;
}

export interface PredictionError {
  readonly pixels: number;
  /** Pixels whose class differs from the golden's. */
  readonly changed: number;
  /** Pixels that changed although no error of the measured size can change them, in reading order. */
  readonly unexplained: readonly ChangedPixel[];
  /** Largest absolute error at the sampled positions. */
  readonly maxLogitError: number;
  /** Pixels with a margin of at most twice this are explained. */
  readonly countedError: number;
  readonly logits: TensorError;
}

export interface ChangedPixel {
  readonly position: number;
  readonly actual: number;
  readonly expected: number;
  /** Null where it is larger than the golden tells. */
  readonly margin: number | null;
}

/**
 * Compares one image's prediction with the golden's. An error of e in each logit changes a pixel only if the margin
 * between best and second best is at most 2 e. The measured error counts as at least the reference's own. Throws a
 * RangeError where sizes differ.
 */
export function measurePrediction(actual: Prediction, expected: GoldenPrediction): PredictionError {
  const { labels, close, margins } = expected;
  if (actual.labels.length !== labels.length || actual.logits.length !== expected.logits.length)
    throw new RangeError(
      `Cannot compare ${actual.labels.length} labels and ${actual.logits.length} logits with ${labels.length} and ${expected.logits.length}`,
    );
  const logits = measureTensorError(actual.logits, expected.logits, expected.logitsRms);
  const maxLogitError = logits.maxOverRms * expected.logitsRms;
  const countedError = Math.max(maxLogitError, expected.noise.maxOverRms * expected.logitsRms);
  const unexplained: ChangedPixel[] = [];
  let changed = 0;
  let next = 0;
  for (let position = 0; position < labels.length; position++) {
    if (actual.labels[position] === labels[position]) continue;
    changed++;
    while (next < close.length && close[next]! < position) next++;
    const margin = close[next] === position ? margins[next]! : null;
    const explained = margin !== null && margin <= 2 * countedError;
    if (!explained)
      unexplained.push({ position, actual: actual.labels[position]!, expected: labels[position]!, margin });
  }
  return { pixels: labels.length, changed, unexplained, maxLogitError, countedError, logits };
}
