import type { Verdict } from './verdict.js';

/** One port's evaluation of a data set, in every mode. */
export interface EvaluationResult {
  readonly classNames: readonly string[];
  readonly images: number;
  readonly modes: readonly ModeResult[];
  /** Of some images, those with the most changed pixels first. */
  readonly pictures: readonly Pictures[];
}

/** One mode of testing: single, flip, … */
export interface ModeResult {
  readonly name: string;
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly pixels: number;
  /** Pixels whose class differs from the golden's. */
  readonly changed: number;
  /** Changed pixels that the port's measured logit error cannot change. */
  readonly unexplained: number;
  /** Largest measured error of an averaged logit; null where it is not finite. */
  readonly maxLogitError: number | null;
  readonly actual: ModeMetrics;
  readonly expected: ModeMetrics;
  /** Classes that labels or predictions have. */
  readonly presentClasses: number;
  /** Whether both mIoUs are equal within `bound`: two one-sided tests over a paired bootstrap of images. */
  readonly equivalence: {
    readonly verdict: 'equivalent' | 'different' | 'inconclusive';
    /** 90 %, of actual − expected. */
    readonly interval: readonly [low: number, high: number] | null;
    readonly bound: number;
  };
  readonly durationMs: number;
}

export interface ModeMetrics {
  readonly mIoU: number | null;
  /** Null for a class that is absent. */
  readonly classIou: readonly (number | null)[];
  /** Rows are labels, columns predictions. */
  readonly confusion: readonly (readonly number[])[];
}

/** One image: each picture a data URI of a PNG. */
export interface Pictures {
  readonly image: string;
  readonly mode: string;
  readonly input: string;
  readonly truth: string;
  readonly expected: string;
  readonly actual: string;
  /** Where actual and expected differ. */
  readonly difference: string;
  /** `#rrggbb` of each class; what is ignored is black. */
  readonly colours: readonly string[];
  readonly changed: number;
}
