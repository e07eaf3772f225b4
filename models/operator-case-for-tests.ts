import type { Operators } from './operators.js';

/** One operator on small tensors: engines are held to its values, and those that train to its gradients. */
export interface OperatorCase {
  /** What is special about it; empty where nothing is. */
  readonly name: string;
  /** Shapes of what is differentiated by, in the order in which `run` takes them. */
  readonly inputs: readonly (readonly number[])[];
  /** Parameters by name, differentiated by, too. */
  readonly parameters?: Readonly<Record<string, readonly number[]>>;
  /** Kept flags: not differentiated by. */
  readonly draws?: Readonly<Record<string, readonly number[]>>;
  /** Registered buffers: not differentiated by. */
  readonly buffers?: Readonly<Record<string, readonly number[]>>;
  /** Running statistics: read in evaluation alone, and positive. */
  readonly statistics?: Readonly<Record<string, readonly number[]>>;
  /** Keeps the values away from where the operator has no derivative or none that is bounded. */
  readonly range?: readonly [lo: number, hi: number];
  run<T>(ops: Operators<T>, inputs: readonly T[]): T;
}

/** Of a small feature map: two samples of four channels. */
export const mapShape = [2, 4, 5, 6];
