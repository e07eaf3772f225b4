import type { GoldenLoss, GoldenProbe, GoldenTraining } from '../golden/bundle.js';

/**
 * One thing that is judged in a train bundle, under the name that results give it; `kind` is a file of harness/kinds.
 */
export type TrainingTarget = LearningRateTarget | LossTarget | TensorTarget;

export interface LearningRateTarget {
  readonly section: 'lr';
  readonly kind: string;
  readonly name: string;
  readonly step: number;
  readonly golden: number;
}

export interface LossTarget {
  readonly section: 'loss';
  readonly kind: string;
  readonly name: string;
  readonly step: number;
  readonly golden: GoldenLoss;
}

export interface TensorTarget {
  readonly section: 'grads' | 'params' | 'buffers';
  readonly kind: string;
  readonly name: string;
  readonly golden: GoldenProbe;
}

/**
 * `lr/0`, `loss/0`, `grads/NAME`, `params/NAME`, `buffers/NAME` (CONTRACT, section 3), in that order, each as in the
 * file.
 */
export function listTrainingTargets({ expect }: GoldenTraining): readonly TrainingTarget[] {
  const tensors = (['grads', 'params', 'buffers'] as const).flatMap((section) =>
    expect[section].map((golden) => ({
      section,
      kind: kindOfSection[section],
      name: `${section}/${golden.name}`,
      golden,
    })),
  );
  return [
    ...expect.lr.map((golden, step) => ({
      ...{ section: 'lr' as const, kind: 'rate' },
      ...{ name: `lr/${step}`, step, golden },
    })),
    ...expect.loss.map((golden, step) => ({
      ...{ section: 'loss' as const, kind: step === 0 ? 'loss' : 'later-loss' },
      ...{ name: `loss/${step}`, step, golden },
    })),
    ...tensors,
  ];
}

const kindOfSection = { grads: 'gradient', params: 'parameter', buffers: 'buffer' } as const;

export function isTensor(target: TrainingTarget): target is TensorTarget {
  return target.section !== 'lr' && target.section !== 'loss';
}
