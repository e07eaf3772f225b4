import { totalmem } from 'node:os';
import { namedPorts } from '../../harness/hosts/read-ports.js';
import type { StepResult } from '../../harness/result/record/tipc-run.js';
import type { Estimates } from '../../harness/setup/port-about.js';
import { paddleSegPort } from './runner-names.js';

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
 * Of PaddleSeg's tools/train.py with Paddle 3.3.1, one rank with MSCAN_T on two cores: peaks of 680 MB of 2×128×128
 * pixels and 1095 MB of 2×256×256. Inference at 512×1024 and 1024×2048 (docs/benchmarks.md): 577 and 1163 MB; the
 * former takes 1744 ms.
 */
const paddleSegEstimates: Estimates = {
  train: { baseMb: 540, mbPerPixel: 415 / 98_304, secondsPerPixel: 3.2e-5 },
  infer: { baseMb: 382, mbPerPixel: 586 / 1_572_864, secondsPerPixel: 1.744 / 524_288 },
};

const mscanTParameters = 4.3e6;
/** What starting a process and loading weights takes. */
const startSeconds = 5;

/**
 * Rough: what a row takes on a machine of two cores. What a step keeps grows with the pixels, and with the model about
 * as the root of its parameters does.
 */
export function estimateWork({ kind, port, pixels, ranks, iterations, parameters }: Work): Estimate {
  const of = estimatesOf(port)[kind];
  const scale = Math.sqrt(parameters / mscanTParameters);
  return {
    seconds: Math.round(of.secondsPerPixel * pixels * iterations * ranks * scale) + startSeconds,
    memoryMb: Math.round(ranks * (of.baseMb + of.mbPerPixel * pixels * scale)),
  };
}

/** Ports that were not measured, the user's among them, are taken for as large as the largest of ours. */
function estimatesOf(port: string): Estimates {
  if (port === paddleSegPort) return paddleSegEstimates;
  const measured = namedPorts.flatMap(({ name, estimates }) => (estimates === null ? [] : [{ name, estimates }]));
  const largest = [...measured].sort((a, b) => b.estimates.train.baseMb - a.estimates.train.baseMb)[0];
  return (measured.find(({ name }) => name === port) ?? largest!).estimates;
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
