import type { SuiteLimits } from '../config/suite.js';
import type { GoldenTraining } from '../golden/bundle.js';
import { kindNamed } from '../kinds/index.js';
import {
  type Agreement,
  explainUninformative,
  isInformativeLoss,
  judgeLearningRate,
  judgeLoss,
} from '../metrics/agreement.js';
import { findFault } from '../result/find-fault.js';
import type { Measurement } from '../result/record/case-result.js';
import type { TrainingExecution } from './execute-training.js';
import { type JudgedCase, judgeRecording, measuredOf, nothingMeasured, verdictOf } from './judge.js';
import { findFirstFault } from './localise.js';
import type { PlannedCase } from './plan.js';
import type { Recording } from './recording.js';
import type { LearningRateTarget, LossTarget, TensorTarget, TrainingTarget } from './training-targets.js';

/** Applies the contract's limits of each kind, and a suite's stricter ones, to what `executeTraining` measured. */
export function judgeTraining(
  planned: PlannedCase,
  training: GoldenTraining,
  execution: TrainingExecution,
  limits: SuiteLimits | null,
): JudgedCase {
  const largest = Math.max(...training.expect.loss.map(({ noise }) => noise));
  const noiseOf = ({ golden }: LossTarget) => (training.lossNoise === 'largest' ? largest : golden.noise);
  const measurements = planned.targets.map((target) => judgeTarget(target, execution, noiseOf, limits));
  return {
    ...verdictOf(
      measurements,
      measurements.filter((_, at) => kindNamed(planned.targets[at]!.kind).tells),
    ),
    measurements,
    shipped: null,
    ...findFirstFault(measurements),
    fault: findFault(measurements),
  };
}

function judgeTarget(
  target: TrainingTarget,
  { steps, recordings }: TrainingExecution,
  noiseOf: (target: LossTarget) => number,
  limits: SuiteLimits | null,
): Measurement {
  switch (target.section) {
    case 'lr':
      return judgeScalar(target, steps[target.step]?.learningRate, (actual) =>
        judgeLearningRate(actual, target.golden),
      );
    case 'loss':
      return judgeLossTarget(target, steps[target.step]?.loss, noiseOf(target));
    default:
      return judgeTensor(target, recordings.get(target.name) ?? null, limits);
  }
}

function judgeLossTarget(target: LossTarget, actual: number | undefined, noise: number): Measurement {
  const { value } = target.golden;
  const judged = judgeScalar(target, actual, (given) => judgeLoss(given, value, noise, kindNamed(target.kind)));
  if (judged.verdict !== 'pass' || isInformativeLoss(value, noise)) return judged;
  return { ...judged, verdict: 'uninformative', reason: `its limit reaches the loss itself, ${value}` };
}

function judgeScalar(
  { kind, name }: LearningRateTarget | LossTarget,
  actual: number | undefined,
  judge: (actual: number) => Agreement,
): Measurement {
  const identity = { kind, name, shape: [], sampled: false, own: null, worst: null };
  if (actual === undefined) {
    const { missing: reason } = kindNamed(kind);
    return { ...identity, ...nothingMeasured(kindNamed(kind)), compared: 0, verdict: 'missing', reason };
  }
  const { agrees, ...figures } = judge(actual);
  return { ...identity, ...figures, compared: 1, verdict: agrees ? 'pass' : 'fail' };
}

function judgeTensor(
  { kind: kindName, name, golden }: TensorTarget,
  recording: Recording | null,
  limits: SuiteLimits | null,
): Measurement {
  const { shape, sample } = golden;
  const kind = kindNamed(kindName);
  const limit = limits?.accumulated ?? null;
  const identity = {
    kind: kindName,
    name,
    shape,
    sampled: sample !== null,
    own: null,
    worst: recording?.worst ?? null,
  };
  if (recording === null) {
    return { ...identity, ...nothingMeasured(kind, limit), compared: 0, verdict: 'missing', reason: kind.missing };
  }
  const agreement = judgeRecording(golden, golden.noise, recording, limit, kind);
  const figures = measuredOf(recording, agreement);
  if (!agreement.agrees) return { ...identity, ...figures, verdict: 'fail', reason: agreement.reason };
  const reason = explainUninformative(golden, kind);
  return { ...identity, ...figures, verdict: reason === null ? 'pass' : 'uninformative', reason };
}
