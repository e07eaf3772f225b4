import type { EvalGolden, EvalMetrics, GoldenMode } from '../golden/read-eval-golden.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import type { Confusion } from '../metrics/confusion.js';
import type { Pictures } from '../result/record/case-result.js';

/**
 * Runs the pipeline's own evaluation on a port in its process: reading, transforms, windows, flips and scales,
 * averaging, argmax. `cli` brings it along, since the harness knows no pipeline.
 */
export interface Evaluator {
  /** Loads the golden's weights into the port. */
  load(host: PortHost, golden: EvalGolden): Promise<LoadedEvaluator>;
}

export interface LoadedEvaluator {
  readonly loadMs: number;
  /** All images of the golden's data set in one mode, in its order. */
  run(mode: GoldenMode, onImage: (image: EvaluatedImage) => void): Promise<void>;
  /** What the pipeline makes of the counts of all images: the figures that it prints. */
  measure(confusion: Confusion): EvalMetrics;
  /** The picture that a report shows of an image. */
  draw(shown: ShownImage): Promise<Pictures>;
}

/** One image as the port's evaluation has it; the arrays are the receiver's. */
export interface EvaluatedImage {
  /** Its place in the data set. */
  readonly index: number;
  /** Averaged, [classes, h, w]: what argmax was taken of. */
  readonly logits: Float32Array | Float64Array;
  /** [h, w] */
  readonly labels: Uint8Array;
  readonly confusion: Confusion;
}

export interface ShownImage {
  readonly index: number;
  readonly mode: string;
  /** [h, w] */
  readonly actual: Uint8Array;
  readonly expected: Uint8Array;
  readonly changed: number;
}
