import type { GoldenLoss, GoldenProbe, GoldenTraining } from '../golden/bundle.js';
import type { ProbeKind } from '../metrics/agreement.js';

/** One thing that is judged in a train bundle, under the name that results give it. */
export type TrainingTarget = LearningRateTarget | LossTarget | TensorTarget;

export interface LearningRateTarget {
  readonly kind: 'lr';
  readonly name: string;
  readonly step: number;
  readonly golden: number;
}

export interface LossTarget {
  readonly kind: 'loss';
  readonly name: string;
  readonly step: number;
  readonly golden: GoldenLoss;
}

export interface TensorTarget {
  readonly kind: Exclude<ProbeKind, 'infer'>;
  readonly name: string;
  readonly golden: GoldenProbe;
}

/** `lr/0`, `loss/0`, `grads/NAME`, `params/NAME`, `buffers/NAME` (CONTRACT, section 3), in that order, each as in the file. */
export function listTrainingTargets({ expect }: GoldenTraining): readonly TrainingTarget[] {
  const tensors = (['grads', 'params', 'buffers'] as const).flatMap((kind) =>
    expect[kind].map((golden) => ({ kind, name: `${kind}/${golden.name}`, golden })),
  );
  return [
    ...expect.lr.map((golden, step) => ({ kind: 'lr' as const, name: `lr/${step}`, step, golden })),
    ...expect.loss.map((golden, step) => ({ kind: 'loss' as const, name: `loss/${step}`, step, golden })),
    ...tensors,
  ];
}

export function isTensor(target: TrainingTarget): target is TensorTarget {
  return target.kind !== 'lr' && target.kind !== 'loss';
}
