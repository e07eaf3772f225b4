import type { EngineReport } from '../../harness/contract/engine-report.js';
import type { Segmentation } from '../evaluate/measure-segmentation.js';
import type { Spread } from '../evaluate/spread.js';

/** What `train --json` holds, of the first rank. */
export interface TrainRecord {
  readonly engine: EngineReport;
  readonly ranks: number;
  readonly weights: string;
  /** Hashes of the parameters before the first iteration. */
  readonly start: Readonly<Record<string, string>>;
  readonly batchSize: number;
  readonly iterations: number;
  /** Of each iteration, this rank's share; NaN and Inf are null. */
  readonly losses: readonly number[];
  /** Of each evaluation: its mIoU, and how many images were looked at. */
  readonly mIoUs: readonly number[];
  readonly evaluated: readonly number[];
  /** Of each window of --log_iters. */
  readonly windows: readonly { readonly batchCost: number; readonly readerCost: number }[];
  readonly peakRssMb: number;
}

/** What `val --json` holds, of the first rank. NaN is null. */
export interface ValRecord extends Omit<Segmentation, 'mIoU' | 'Acc'> {
  readonly engine: EngineReport;
  readonly mIoU: number | null;
  readonly Acc: number | null;
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly bases: string;
  readonly absent: string;
  /** Of several evaluations with random bases. */
  readonly seed?: number;
  readonly spread?: Spread;
  /** Rows are labels, columns predictions. */
  readonly confusion: readonly (readonly number[])[];
  readonly images: readonly { readonly image: string; readonly confusion: readonly (readonly number[])[] }[];
}

/** What `infer --json` holds. */
export interface InferRecord {
  readonly engine: EngineReport;
  readonly images: readonly { readonly name: string; readonly mask: string; readonly shape: readonly number[] }[];
  /** Logits of the first images, .npy files. */
  readonly logits: readonly string[];
  /** The same images' logits with weights and pictures moved by up to an ulp: a list for each draw. */
  readonly rounded: readonly (readonly string[])[];
  readonly figures: Readonly<Record<string, number>>;
}
