import { totalmem } from 'node:os';
import type { StepResult } from '../../harness/result.js';

export interface Work {
  readonly kind: string;
  readonly port: string;
  /** Pixels of a batch, of one rank. */
  readonly pixels: number;
  readonly ranks: number;
  readonly iterations: number;
  /** Parameters of the model. */
  readonly parameters: number;
}

/**
 * Peaks of one rank that trains MSCAN_T on 2×256×256 pixels, on two cores (`tipcheck train --json`): ort 961 MB, tfjs 2198 MB, of which
 * a process holds 250 and 600 before its first step. What a step keeps grows with the pixels, and with the model about as the root
 * of its parameters does. PaddleSeg's tools/train.py with Paddle 3.3.1: 680 MB of 2×128×128 and 1095 MB of 2×256×256 pixels.
 */
const measured = {
  ort: { baseMb: 250, mbPerPixel: 711 / 131_072, secondsPerPixel: 4e-6 },
  tfjs: { baseMb: 600, mbPerPixel: 1598 / 131_072, secondsPerPixel: 1.5e-5 },
  paddleseg: { baseMb: 540, mbPerPixel: 415 / 98_304, secondsPerPixel: 3.2e-5 },
} as const;

const mscanTParameters = 4.3e6;
/** Inference keeps no tensor for a backward pass: 757 and 1034 MB for 1024×2048 pixels (docs/benchmarks.md). */
const inferenceShare = 0.05;

/** Rough: what a row takes on a machine of two cores. */
export function estimateWork(work: Work): NonNullable<StepResult['estimate']> {
  // Ports of the user's are taken for as large as the largest of ours.
  const { port } = work;
  const { baseMb, mbPerPixel, secondsPerPixel } = measured[port === 'ort' || port === 'paddleseg' ? port : 'tfjs'];
  const scale = Math.sqrt(work.parameters / mscanTParameters);
  const share = work.kind === 'train' ? 1 : inferenceShare;
  return {
    seconds: Math.round(secondsPerPixel * work.pixels * work.iterations * work.ranks * scale * share) + 5,
    memoryMb: Math.round(work.ranks * (baseMb + mbPerPixel * work.pixels * scale * share)),
  };
}

/** Of this machine, or what its container may have. */
export function memoryLimitMb(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return (constrained !== undefined && constrained > 0 ? Math.min(constrained, total) : total) / 2 ** 20;
}
