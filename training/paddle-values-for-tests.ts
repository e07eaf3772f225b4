import { readPackageText } from '../harness/support/package-root.js';
import type { Section } from './section.js';

/** What the real PaddleSeg gives, made by oracle/training_values.py. */
export const paddleValues: {
  readonly schedules: readonly {
    readonly section: Section;
    readonly iters: number;
    readonly rates: readonly number[];
  }[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** One entry a step. */
  readonly gradients: readonly Readonly<Record<string, readonly number[]>>[];
  /** Parameters after the steps, with the schedule PolynomialDecay from 0.01 to 0 in four. */
  readonly optimizers: readonly {
    readonly section: Section;
    readonly parameters: Readonly<Record<string, readonly number[]>>;
  }[];
  /** [b, c, h, w] */
  readonly shape: readonly [number, number, number, number];
  readonly logits: readonly number[];
  readonly label: readonly number[];
  readonly losses: readonly {
    readonly section: Section;
    readonly value: number;
    readonly gradient: readonly number[];
  }[];
} = JSON.parse(readPackageText('training/paddle-values.json'));
