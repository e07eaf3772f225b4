import type { GoldenProbe } from '../golden/bundle.js';
import { type Agreement, contractLimits, judgeAgreement, judgeUninformative } from '../metrics/agreement.js';
import type { CaseResult, Measurement, OwnError, Shipped, Verdict } from '../result.js';
import type { Execution, Recording } from './execute.js';
import { findFirstFault } from './localise.js';
import type { PlannedCase, SuiteLimits } from './plan.js';

export type JudgedCase = Pick<
  CaseResult,
  'verdict' | 'reason' | 'measurements' | 'shipped' | 'firstFault' | 'firstFaultBy' | 'limits'
>;

/** Applies the contract's limits, and a suite's stricter ones, to what `executeCase` measured. */
export function judgeCase(planned: PlannedCase, execution: Execution, limits: SuiteLimits | null): JudgedCase {
  const measurements = planned.probes.map((golden) => {
    const own = ownErrorOf(planned, golden, execution, limits);
    return judgeProbe(golden, execution.plain.get(golden.name) ?? null, own, limits);
  });
  const shipped = judgeShipped(planned, execution, limits);
  const judged = shipped === null ? measurements : measurements.map((found) => withShipped(found, shipped));
  return {
    ...verdictOf(judged),
    measurements: judged,
    shipped,
    ...findFirstFault(judged),
    limits: {
      ...contractLimits,
      noiseRatio: limits?.accumulated?.noiseRatio ?? contractLimits.noiseRatio,
      because: limits?.accumulated?.because ?? contractLimits.because,
    },
  };
}

function judgeProbe(
  golden: GoldenProbe,
  recording: Recording | null,
  own: OwnError | null,
  limits: SuiteLimits | null,
): Measurement {
  const identity = {
    name: golden.name,
    shape: golden.shape,
    compared: golden.value.length,
    sampled: golden.sample !== null,
    own,
  };
  const nothing = { compared: 0, relRms: null, maxOverRms: null, noiseRatio: null, maxRatio: null };
  if (recording === null) {
    return { ...identity, ...nothing, verdict: 'missing', reason: 'the port recorded no such probe' };
  }
  const agreement = agreementOf(golden, golden.noise, recording, limits?.accumulated?.noiseRatio ?? null);
  const figures = figuresOf(agreement);
  if (!golden.informative) {
    return { ...identity, ...figures, verdict: agreement.agrees ? 'uninformative' : 'fail', reason: agreement.reason };
  }
  if (own?.verdict === 'fail' && agreement.agrees) {
    return { ...identity, ...figures, verdict: 'fail', reason: `its own error fails: ${own.reason ?? ''}` };
  }
  return { ...identity, ...figures, verdict: agreement.agrees ? 'pass' : 'fail', reason: agreement.reason };
}
