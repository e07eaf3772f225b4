import { totalmem } from 'node:os';
import type { StepResult } from '../../harness/result/result.js';

export type Estimate = NonNullable<StepResult['estimate']>;

export interface Work {
  readonly kind: 'train' | 'infer';
  readonly port: string;
  /** Pixels of a batch, of one rank. */
  readonly pixels: number;
  readonly ranks: number;
  /** Batches of each rank. */
  readonly iterations: number;
  /** Parameters of the model. */
  readonly parameters: number;
}

/**
 * Peaks of one rank with MSCAN_T, on two cores. Training, 2×256×256 pixels (`tipcheck train --json`): ort 961 MB, tfjs 2198 MB, of which a
 * process holds 250 and 600 before its first step; PaddleSeg's tools/train.py with Paddle 3.3.1: 680 MB of 2×128×128 and 1095 MB of
 * 2×256×256. Inference at 512×1024 and 1024×2048 (docs/benchmarks.md): ort 362 and 757 MB, tfjs 660 and 1034, Paddle 577 and 1163; 226, 751
 * and 1744 ms of the former. What a step keeps grows with the pixels, and with the model about as the root of its parameters does.
 */
const measured = {
  train: {
    ort: { baseMb: 250, mbPerPixel: 711 / 131_072, secondsPerPixel: 4e-6 },
    tfjs: { baseMb: 600, mbPerPixel: 1598 / 131_072, secondsPerPixel: 1.5e-5 },
    paddleseg: { baseMb: 540, mbPerPixel: 415 / 98_304, secondsPerPixel: 3.2e-5 },
  },
  infer: {
    ort: { baseMb: 230, mbPerPixel: 395 / 1_572_864, secondsPerPixel: 0.226 / 524_288 },
    tfjs: { baseMb: 535, mbPerPixel: 374 / 1_572_864, secondsPerPixel: 0.751 / 524_288 },
    paddleseg: { baseMb: 382, mbPerPixel: 586 / 1_572_864, secondsPerPixel: 1.744 / 524_288 },
  },
} as const;

const mscanTParameters = 4.3e6;
/** What starting a process and loading weights takes. */
const startSeconds = 5;

/** Rough: what a row takes on a machine of two cores. */
export function estimateWork({ kind, port, pixels, ranks, iterations, parameters }: Work): Estimate {
  // Ports of the user's are taken for as large as the largest of ours.
  const of = measured[kind][port === 'ort' || port === 'paddleseg' ? port : 'tfjs'];
  const scale = Math.sqrt(parameters / mscanTParameters);
  return {
    seconds: Math.round(of.secondsPerPixel * pixels * iterations * ranks * scale) + startSeconds,
    memoryMb: Math.round(ranks * (of.baseMb + of.mbPerPixel * pixels * scale)),
  };
}

/** What is done one after the other: times add up, and the largest of the processes must fit. */
export function joinEstimates(estimates: readonly Estimate[]): Estimate {
  return {
    seconds: estimates.reduce((sum, { seconds }) => sum + seconds, 0),
    memoryMb: Math.max(0, ...estimates.map(({ memoryMb }) => memoryMb)),
  };
}

/** Of this machine, or what its container may have. */
export function memoryLimitMb(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return (constrained !== undefined && constrained > 0 ? Math.min(constrained, total) : total) / 2 ** 20;
}
