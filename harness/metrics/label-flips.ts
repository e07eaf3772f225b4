import type { Meaning } from '../result/record/case-result.js';
import type { Accumulator, Metric } from './metric.js';

export interface LabelFlipsContext {
  /** Classes: the logits are [b, channels, h, w]. */
  readonly channels: number;
  /** h · w. */
  readonly pixelsPerImage: number;
}

/**
 * What an error means for the label map: argmax over the classes, the lowest index on ties. Chunks are whole images.
 * A pixel can change at an error of max|e| if its golden margin (best minus second best) is at most twice that.
 * Null if a logit is not finite, if there is only one class, or if nothing was compared: then nothing can be said.
 */
export const labelFlips: Metric<LabelFlipsContext, Float32Array, Meaning | null> = {
  name: 'label-flips',
  begin: (context) => new LabelFlipsAccumulator(context),
};

/** Logits [b, c, h, w] of a port and the golden's. */
export function measureLabelFlips(
  actual: Float32Array,
  expected: Float32Array,
  shape: readonly number[],
): Meaning | null {
  const [, channels, height, width] = shape;
  if (shape.length !== 4 || channels === undefined || height === undefined || width === undefined) return null;
  const accumulator = labelFlips.begin({ channels, pixelsPerImage: height * width });
  accumulator.add(actual, expected);
  return accumulator.end();
}

/**
 * Lives from `begin` to `end`. Holds a margin and a flag for each pixel, since the largest error is known only at the
 * end.
 */
class LabelFlipsAccumulator implements Accumulator<Float32Array, Meaning | null> {
  readonly #context: LabelFlipsContext;
  readonly #images: { readonly margins: Float64Array; readonly changed: Uint8Array }[] = [];
  #maxLogitError = 0;
  #finite = true;

  constructor(context: LabelFlipsContext) {
    this.#context = context;
  }

  add(actual: Float32Array, expected: Float32Array): void {
    const perImage = this.#context.channels * this.#context.pixelsPerImage;
    if (actual.length !== expected.length || actual.length % perImage !== 0) {
      throw new RangeError(
        `Cannot compare ${actual.length} logits with ${expected.length}; whole images of ${perImage} are wanted`,
      );
    }
    for (let i = 0; i < actual.length; i++) {
      const error = Math.abs(actual[i]! - expected[i]!);
      // Written so that NaN takes the branch.
      if (!(error <= this.#maxLogitError)) {
        this.#maxLogitError = error;
        if (!Number.isFinite(error)) this.#finite = false;
      }
    }
    if (!this.#finite) return;
    for (let start = 0; start < actual.length; start += perImage) {
      this.#addImage(actual.subarray(start, start + perImage), expected.subarray(start, start + perImage));
    }
  }

  #addImage(actual: Float32Array, expected: Float32Array): void {
    const { channels, pixelsPerImage } = this.#context;
    const actualTop = topTwo(actual, channels, pixelsPerImage);
    const expectedTop = topTwo(expected, channels, pixelsPerImage);
    const margins = new Float64Array(pixelsPerImage);
    const changed = new Uint8Array(pixelsPerImage);
    for (let p = 0; p < pixelsPerImage; p++) {
      margins[p] = expectedTop.best[p]! - expectedTop.second[p]!;
      changed[p] = actualTop.label[p] === expectedTop.label[p] ? 0 : 1;
    }
    this.#images.push({ margins, changed });
  }

  end(): Meaning | null {
    if (!this.#finite || this.#images.length === 0 || this.#context.channels < 2) return null;
    const reach = 2 * this.#maxLogitError;
    const meaning = { changed: 0, canChange: 0, unexplained: 0, smallestMargin: Number.POSITIVE_INFINITY };
    for (const { margins, changed } of this.#images) {
      for (let p = 0; p < margins.length; p++) {
        const margin = margins[p]!;
        const can = margin <= reach;
        if (margin < meaning.smallestMargin) meaning.smallestMargin = margin;
        meaning.changed += changed[p]!;
        if (can) meaning.canChange++;
        else meaning.unexplained += changed[p]!;
      }
    }
    const pixels = this.#images.length * this.#context.pixelsPerImage;
    return { pixels, ...meaning, maxLogitError: this.#maxLogitError };
  }
}

interface TopTwo {
  readonly label: Uint16Array;
  readonly best: Float32Array;
  readonly second: Float32Array;
}

/** The largest and second largest logit of each pixel of a [c, h·w] image, plane by plane. */
function topTwo(logits: Float32Array, channels: number, pixels: number): TopTwo {
  const label = new Uint16Array(pixels);
  const best = logits.slice(0, pixels);
  const second = new Float32Array(pixels).fill(Number.NEGATIVE_INFINITY);
  for (let c = 1; c < channels; c++) {
    const plane = c * pixels;
    for (let p = 0; p < pixels; p++) {
      const logit = logits[plane + p]!;
      if (logit > best[p]!) {
        second[p] = best[p]!;
        best[p] = logit;
        label[p] = c;
      } else if (logit > second[p]!) {
        second[p] = logit;
      }
    }
  }
  return { label, best, second };
}
