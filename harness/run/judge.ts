import type { SuiteLimit, SuiteLimits } from '../config/suite.js';
import type { GoldenProbe, Noise } from '../golden/bundle.js';
import { type Kind, kindNamed } from '../kinds/index.js';
import {
  type Agreement,
  explainUninformative,
  isInformative,
  judgeAgreement,
  judgeUninformative,
  limitsOf,
} from '../metrics/agreement.js';
import type { CaseResult, Limits, Measurement, OwnError, Shipped, Verdict } from '../result.js';
import type { Execution, Recording } from './execute.js';
import { findFault } from './find-fault.js';
import { findFirstFault } from './localise.js';
import type { PlannedCase } from './plan.js';

export type JudgedCase = Pick<
  CaseResult,
  'verdict' | 'reason' | 'measurements' | 'shipped' | 'firstFault' | 'firstFaultBy' | 'fault' | 'limits'
>;

/** Applies the contract's limits, and a suite's stricter ones, to what `executeCase` measured. */
export function judgeCase(planned: PlannedCase, execution: Execution, limits: SuiteLimits | null): JudgedCase {
  const replaceable = firstReplaced(planned);
  const measurements = planned.probes.map((golden) => {
    const preceded = planned.bundle.probes.indexOf(golden) > replaceable;
    const own = preceded ? judgeOwn(golden, execution.own?.get(golden.name) ?? null, limits) : null;
    return judgeProbe(golden, execution.plain.get(golden.name) ?? null, own, limits);
  });
  const shipped = judgeShipped(planned, execution, limits);
  const judged = measurements.map((found) => withShipped(found, shipped));
  return {
    ...verdictOf(judged),
    measurements: judged,
    shipped,
    ...findFirstFault(judged),
    fault: findFault('infer', judged),
    limits: stricter(limits?.accumulated ?? null, kindNamed('forward')),
  };
}

/** Place of the first complete probe. Only probes after it have an error of their own. */
function firstReplaced({ bundle }: PlannedCase): number {
  const found = bundle.probes.findIndex((probe) => probe.sample === null);
  return found < 0 ? Number.POSITIVE_INFINITY : found;
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
    sampled: golden.sample !== null,
    own,
    worst: recording?.worst ?? null,
  };
  if (recording === null) {
    return {
      ...identity,
      ...nothingMeasured,
      compared: 0,
      verdict: 'missing',
      reason: kindNamed('forward').missing,
    };
  }
  const agreement = judgeRecording(golden, golden.noise, recording, limits?.accumulated ?? null, kindNamed('forward'));
  const figures = figuresOf(recording, agreement);
  if (!agreement.agrees) return { ...identity, ...figures, verdict: 'fail', reason: agreement.reason };
  if (own?.verdict === 'fail') return { ...identity, ...figures, verdict: 'fail', reason: `on its own, ${own.reason}` };
  const reason = explainUninformative(golden, kindNamed('forward'));
  return { ...identity, ...figures, verdict: reason === null ? 'pass' : 'uninformative', reason };
}

/** Null if the port gave nothing in that run. The plain run says whether that is a fault. */
function judgeOwn(golden: GoldenProbe, recording: Recording | null, limits: SuiteLimits | null): OwnError | null {
  if (recording === null) return null;
  const ownNoise = usableOwnNoise(golden);
  const noise = ownNoise ?? golden.noise;
  // The own noise tells whether the golden says something about a layer by itself.
  const agreement = judgeRecording({ ...golden, noise }, noise, recording, limits?.own ?? null, kindNamed('own'));
  const { relRms, maxOverRms, noiseRatio, maxRatio } = figuresOf(recording, agreement);
  if (ownNoise === null) {
    return {
      relRms,
      maxOverRms,
      noiseRatio: null,
      maxRatio: null,
      verdict: 'reported',
      reason: reasonNotFinite(recording),
    };
  }
  const verdict = agreement.agrees ? 'pass' : 'fail';
  return { relRms, maxOverRms, noiseRatio, maxRatio, verdict, reason: agreement.reason };
}

/** Own noise whose limit reaches the golden itself counts as absent (CONTRACT, section 3, "Not informative either"). */
function usableOwnNoise({ ownNoise }: GoldenProbe): Noise | null {
  return ownNoise !== null && kindNamed('own').isInformative(ownNoise.relRms) ? ownNoise : null;
}

function judgeShipped(planned: PlannedCase, execution: Execution, limits: SuiteLimits | null): Shipped | null {
  const golden = planned.probes.find((probe) => probe.name === 'logits');
  if (execution.shipped === null || golden === undefined) return null;
  const logits = judgeProbe(golden, execution.shipped.logits, null, limits);
  const { agreementRelRms } = execution.shipped;
  const agreement = agreementRelRms === null ? null : agreementRelRms / Math.max(golden.noise.relRms, 2 ** -24);
  const limit = limits?.shippedAgreement?.noiseRatio ?? null;
  if (limit === null || (agreement !== null && agreement <= limit)) return { logits, agreement };
  const reason = `it and the graph with probes are ${agreement === null ? 'not comparable' : `${agreement.toPrecision(3)} × the noise apart`}, at most ${limit} × is wanted`;
  return { logits: { ...logits, verdict: 'fail', reason: logits.reason ?? reason }, agreement };
}

/** The logits of the graph that users run count as the logits: if they fail, the probe fails. */
function withShipped(measurement: Measurement, shipped: Shipped | null): Measurement {
  const agrees = (verdict: Measurement['verdict']) => verdict === 'pass' || verdict === 'uninformative';
  if (measurement.name !== 'logits' || shipped === null || !agrees(measurement.verdict)) return measurement;
  if (agrees(shipped.logits.verdict)) return measurement;
  return { ...measurement, verdict: 'fail', reason: `in the graph without probes, ${shipped.logits.reason}` };
}

/** Noise is the golden's own or accumulated one; limits are those of its kind. */
export function judgeRecording(
  golden: GoldenProbe,
  noise: Noise,
  recording: Recording,
  limit: SuiteLimit | null,
  kind: Kind,
): Agreement {
  const wrongShape = `its shape is [${recording.shape.join(', ')}]; [${golden.shape.join(', ')}] is wanted`;
  if (recording.error === null) return { ...nothingMeasured, agrees: false, reason: wrongShape };
  const reason = reasonNotFinite(recording);
  if (reason !== null) return { ...nothingMeasured, agrees: false, reason };
  if (!isInformative(golden, kind)) return judgeUninformative(recording.error, noise);
  return judgeAgreement(recording.error, noise, stricter(limit, kind));
}

/** NaN and Inf fail anywhere in the tensor, also between the sampled elements. */
function reasonNotFinite({ nonFinite }: Recording): string | null {
  return nonFinite === 0 ? null : `${nonFinite} of its elements are NaN or Inf`;
}

export function figuresOf({ error }: Recording, { relRms, maxOverRms, noiseRatio, maxRatio }: Agreement) {
  return { compared: error?.compared ?? 0, relRms, maxOverRms, noiseRatio, maxRatio };
}

export const nothingMeasured = { relRms: null, maxOverRms: null, noiseRatio: null, maxRatio: null };

/** A suite may only lower a limit. It speaks of rms errors; the largest single error keeps the contract's limit. */
export function stricter(limit: SuiteLimit | null, kind: Kind): Limits {
  const contract = limitsOf(kind);
  if (limit === null) return contract;
  return {
    noiseRatio: Math.min(contract.noiseRatio, limit.noiseRatio),
    maxRatio: contract.maxRatio,
    because: limit.because,
  };
}

/**
 * A case in which no informative probe was compared has failed.
 * @param telling those that say something about the port if they agree: learning rates alone do not
 */
export function verdictOf(
  measurements: readonly Measurement[],
  telling: readonly Measurement[] = measurements,
): { verdict: Verdict; reason: string | null } {
  if (measurements.some(({ verdict }) => verdict === 'fail' || verdict === 'missing'))
    return { verdict: 'fail', reason: null };
  if (telling.some(({ verdict }) => verdict === 'pass')) return { verdict: 'pass', reason: null };
  return { verdict: 'fail', reason: 'no informative probe was compared' };
}
