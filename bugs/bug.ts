import type { Float32NdArray } from '../harness/contract/nd-array.js';
import type { ModelSection, TrainRequest } from '../harness/contract/port.js';
import type { Operators } from '../models/operators.js';
import type { EvaluationSteps } from '../pipeline/tools/evaluator.js';
import type { Tape } from '../ports/ort/gradients/tape.js';

/** A mistake that people make when they port a network, and where the judge must go red with it. */
export interface Bug {
  readonly what: string;
  /** A place for each golden that shows it; `Showing.layer` can make it several. */
  readonly shows: readonly [Showing, ...Showing[]];
  /** Replaces some of the operators. */
  readonly operators?: <T>(ops: Operators<T>) => Partial<Operators<T>>;
  /** Changes the model's own constants. */
  readonly model?: (section: ModelSection) => ModelSection;
  /** Changes a weight as it is loaded. */
  readonly weight?: (weight: Float32NdArray) => Float32NdArray;
  /** Changes what a training is asked for. */
  readonly training?: (request: TrainRequest) => TrainRequest;
  /** Changes the gradients that `layer` sends back. Only for ort, which differentiates by rules of ours. */
  readonly tape?: (tape: Tape, layer: string) => Tape;
  /** Replaces steps of the evaluation. */
  readonly pipeline?: EvaluationSteps;
}

/** Bundles of one forward each. */
export type InferGolden = 'segnext-t' | 'lpsnet-m' | 'van-b0' | 'van-stress';

/** What the judge names first, of the results of one golden. */
export type Showing =
  /**
   * The first sublayer that computes with what is changed: what a reader of the reference would point at. `bits`: those
   * that the judge says products are rounded to; absent: it says nothing of them.
   */
  | { readonly golden: InferGolden; readonly first: RegExp; readonly bits?: 10 | 7 }
  /**
   * In the order of results: rates, losses, gradients, parameters, statistics.
   * `cause`: the kind of the likely cause. `layer`: the one that a bug of the tape stands in.
   */
  | { readonly golden: 'segnext-t-train'; readonly first: RegExp; readonly cause: string; readonly layer?: string }
  | { readonly golden: 'street'; readonly mode: 'single' | 'flip' | 'slide'; readonly first: RegExp };

/** The showings of a bug in one golden. */
export function showingsIn<Golden extends Showing['golden']>({ shows }: Bug, golden: Golden) {
  return shows.filter((showing): showing is Extract<Showing, { golden: Golden }> => showing.golden === golden);
}
