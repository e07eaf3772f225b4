import type { Float32NdArray } from '../harness/contract/nd-array.js';
import type { Phase } from './model-definition.js';
import type { OperatorCase } from './operator-case-for-tests.js';

/** What a port's `operators-for-tests.js` exports as `engine`: test/operators.test.ts holds it to all cases. */
export interface OperatorEngine {
  /** Why it cannot run here, as tests say it; null where it can. Loads nothing. */
  missing(): string | null;
  open(): Promise<readonly OperatorWay[]>;
}

/** One way in which an engine runs operators. */
export interface OperatorWay {
  readonly name: string;
  readonly phase: Phase;
  /** Of the largest error, over the rms of what is expected. */
  readonly limit: number;
  /** Operators of what is drawn or kept alone, by name: no gradient goes back through them. */
  readonly stops?: readonly string[];
  /** Cases that it does not take, by name, and what it says to them. */
  readonly refuses?: Readonly<Record<string, string>>;
  run(operatorCase: OperatorCase, given: Given): Promise<Outcome>;
}

/** Feature maps are [b, c, h, w]. */
export interface Given {
  /** Inputs as `0`, `1`, … beside parameters, buffers, draws and statistics. */
  readonly arrays: ReadonlyMap<string, Float32NdArray>;
  /** What is differentiated is Σ weights · output. */
  readonly weights: Float32NdArray;
}

export interface Outcome {
  readonly output: ArrayLike<number>;
  /** By input or parameter, in training; a gradient that is not there is 0. */
  readonly gradients?: ReadonlyMap<string, ArrayLike<number>>;
}
