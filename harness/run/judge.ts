import type { SuiteLimit, SuiteLimits } from '../config/suite.js';
import type { FoundProbe } from '../contract/port.js';
import type { GoldenProbe, Noise } from '../golden/bundle.js';
import { figuresOf, type Kind, kindNamed, stricterLimits } from '../kinds/index.js';
import {
  type Agreement,
  explainUninformative,
  isInformative,
  judgeAgreement,
  judgeUninformative,
  keepsNothing,
} from '../metrics/agreement.js';
import { findFault } from '../result/find-fault.js';
import {
  blameOf,
  type CaseResult,
  isWithin,
  type Measurement,
  type OwnError,
  type Shipped,
  type TriedSize,
} from '../result/record/case-result.js';
import type { Verdict } from '../result/record/verdict.js';
import type { Execution, ShippedOutput } from './execute.js';
import { type FoundProbes, findTooFew, ownNoiseOf } from './find-probes.js';
import { findFirstFault } from './localise.js';
import type { PlannedCase } from './plan.js';
import type { Recording } from './recording.js';
import { type Repeats, withSpread } from './repeat.js';
import { findFailingSize } from './try-sizes.js';

export type JudgedCase = Pick<
  CaseResult,
  'verdict' | 'reason' | 'measurements' | 'shipped' | 'firstFault' | 'firstFaultBy' | 'fault' | 'runs' | 'sizes'
>;

const forward = kindNamed('forward');
const ownKind = kindNamed('own');
const shippedKind = kindNamed('shipped');

/** Applies the contract's limits, and a suite's stricter ones, to what `executeCase` measured. */
export function judgeCase(planned: PlannedCase, execution: Execution, limits: SuiteLimits | null): JudgedCase {
  const { found, repeats, sizes } = execution;
  const replaceable = firstReplaced(planned, found);
  const ownNoises = found === null ? null : ownNoiseOf(planned.bundle.probes, found);
  const measurements = planned.probes.map((golden) => {
    const { name } = golden;
    const preceded = planned.bundle.probes.indexOf(golden) > replaceable && ownNoises?.get(name) !== null;
    const ownGolden = ownNoises === null ? golden : { ...golden, ownNoise: ownNoises.get(name) ?? null };
    const own = preceded ? judgeOwn(ownGolden, execution.own?.get(name) ?? null, limits) : null;
    const judged = judgeProbe(golden, execution.plain.get(name) ?? null, own, limits);
    const measured = withSpread(judged, repeats?.plain.get(name), spreadJudge(golden));
    return found === null ? measured : withPlace(measured, found.get(name));
  });
  const shipped = execution.shipped.map((output) => judgeOutput(output, limits, repeats?.shipped));
  const judged = measurements.map((found) => shipped.reduce(withShipped, found));
  return {
    ...withSizes(found === null ? verdictOf(judged) : verdictOfFound(judged), sizes),
    measurements: judged,
    shipped: worstOf(shipped),
    ...(found === null ? findFirstFault(judged) : firstFaultOfFound(judged)),
    fault: findFault(judged),
    ...(repeats !== null && { runs: repeats.runs }),
    ...(sizes.length > 0 && { sizes }),
  };
}

/** A suite's stricter limit is not of how far runs are apart. */
function spreadJudge(golden: GoldenProbe) {
  return (found: Recording) => judgeRecording(golden, golden.noise, found, null, forward);
}

/** Whether a layer's own error is above its limit. The first that is replaced has none. */
export function ownErrorJudge({ bundle }: PlannedCase, limits: SuiteLimits | null) {
  const replaceable = firstReplaced({ bundle }, null);
  return (golden: GoldenProbe, recording: Recording | undefined): boolean =>
    bundle.probes.indexOf(golden) > replaceable && judgeOwn(golden, recording ?? null, limits)?.verdict === 'fail';
}

/** Place of the first complete probe that has a tensor. Only probes after it have an error of their own. */
function firstReplaced({ bundle }: Pick<PlannedCase, 'bundle'>, found: FoundProbes | null): number {
  const first = bundle.probes.findIndex(
    ({ name, sample }) => sample === null && (found === null || found.get(name)?.tensor != null),
  );
  return first < 0 ? Number.POSITIVE_INFINITY : first;
}

/** What was found of a probe whose tensor was looked for. A fused one has none, and says nothing. */
function withPlace(measured: Measurement, place: FoundProbe | undefined): Measurement {
  if (place === undefined) return measured;
  if (place.tensor !== null) {
    const { name: _name, ...found } = place;
    return { ...measured, found };
  }
  if (place.lacking === 'fused') return { ...measured, verdict: 'uninformative', reason: 'fused' };
  const where = place.after === null ? '' : `; the fault lies after ${place.after}, the last before it that agrees`;
  return { ...measured, reason: `no tensor of the file has its values, nor nearly${where}` };
}

/** Behind a probe that is lost own errors begin anew: the first of them need not be the first fault. */
function firstFaultOfFound(measurements: readonly Measurement[]): ReturnType<typeof findFirstFault> {
  const first = measurements.find((one) => one.verdict === 'missing' || blameOf(one) === 'faulty');
  return first?.verdict === 'missing'
    ? { firstFault: first.name, firstFaultBy: 'accumulated' }
    : findFirstFault(measurements);
}

function verdictOfFound(measurements: readonly Measurement[]): ReturnType<typeof verdictOf> {
  const judged = verdictOf(measurements);
  const reason = findTooFew(measurements);
  return judged.verdict === 'pass' && reason !== null ? { verdict: 'fail', reason } : judged;
}

/** A file that declares what it cannot do does not pass. What fails otherwise keeps its own reason. */
function withSizes(judged: ReturnType<typeof verdictOf>, sizes: readonly TriedSize[]): ReturnType<typeof verdictOf> {
  const reason = findFailingSize(sizes);
  return judged.verdict === 'pass' && reason !== null ? { verdict: 'fail', reason } : judged;
}

function judgeProbe(
  golden: GoldenProbe,
  recording: Recording | null,
  own: OwnError | null,
  limits: SuiteLimits | null,
): Measurement {
  const identity = {
    kind: forward.name,
    name: golden.name,
    shape: golden.shape,
    sampled: golden.sample !== null,
    own,
    worst: recording?.worst ?? null,
  };
  if (recording === null) {
    return {
      ...identity,
      ...nothingMeasured(forward, limits?.accumulated ?? null),
      compared: 0,
      verdict: 'missing',
      reason: forward.missing,
    };
  }
  const agreement = judgeRecording(golden, golden.noise, recording, limits?.accumulated ?? null, forward);
  const figures = measuredOf(recording, agreement);
  if (!agreement.agrees) return { ...identity, ...figures, verdict: 'fail', reason: agreement.reason };
  if (own?.verdict === 'fail') return { ...identity, ...figures, verdict: 'fail', reason: `on its own, ${own.reason}` };
  const reason = explainUninformative(golden, forward);
  return { ...identity, ...figures, verdict: reason === null ? 'pass' : 'uninformative', reason };
}

/** Null if the port gave nothing in that run. The plain run says whether that is a fault. */
function judgeOwn(golden: GoldenProbe, recording: Recording | null, limits: SuiteLimits | null): OwnError | null {
  if (recording === null) return null;
  const ownNoise = usableOwnNoise(golden);
  const noise = ownNoise ?? golden.noise;
  // The own noise tells whether the golden says something about a layer by itself.
  const agreement = judgeRecording({ ...golden, noise }, noise, recording, limits?.own ?? null, ownKind);
  const { relRms, maxOverRms, figures } = agreement;
  const measured = { kind: ownKind.name, relRms, maxOverRms };
  if (ownNoise === null) {
    const unlimited = ownKind.limits.map((one) => ({ ...one, limit: null, because: null }));
    const reported = figuresOf({ limits: unlimited }, {});
    return { ...measured, figures: reported, verdict: 'reported', reason: reasonNotFinite(recording) };
  }
  return { ...measured, figures, verdict: agreement.agrees ? 'pass' : 'fail', reason: agreement.reason };
}

/** Own noise whose limit reaches the golden itself counts as absent (CONTRACT, section 3, "Not informative either"). */
function usableOwnNoise(golden: GoldenProbe): Noise | null {
  const { ownNoise } = golden;
  return ownNoise !== null && !keepsNothing(golden) && ownKind.isInformative(ownNoise.relRms) ? ownNoise : null;
}

/** The worst of the outputs: one that fails, else the one on which the two graphs are the furthest apart. */
function worstOf(shipped: readonly Shipped[]): Shipped | null {
  const apart = ({ figures }: Shipped) => figures[0]?.value ?? Number.POSITIVE_INFINITY;
  const furthest = [...shipped].sort((a, b) => apart(b) - apart(a));
  return furthest.find(({ logits }) => !agrees(logits)) ?? furthest[0] ?? null;
}

function judgeOutput(
  { golden, recording, agreementRelRms }: ShippedOutput,
  limits: SuiteLimits | null,
  spreads: Repeats['shipped'] | undefined,
): Shipped {
  const judged = judgeProbe(golden, recording, null, limits);
  const logits = withSpread(judged, spreads?.get(golden.name), spreadJudge(golden));
  const apart = agreementRelRms === null ? null : agreementRelRms / Math.max(golden.noise.relRms, 2 ** -24);
  const kept = stricterLimits(shippedKind, limits?.shippedAgreement ?? null);
  const agreement = { kind: shippedKind.name, figures: figuresOf({ limits: kept }, { apart }) };
  if (isWithin(agreement)) return { logits, ...agreement };
  const reason = `it and the graph with probes are ${apart === null ? 'not comparable' : `${apart.toPrecision(3)} × the noise apart`}, at most ${kept[0]!.limit} × is wanted`;
  return { logits: { ...logits, verdict: 'fail', reason: logits.reason ?? reason }, ...agreement };
}

/** An output of the graph that users run counts as the probe: if it fails, the probe fails. */
function withShipped(measurement: Measurement, shipped: Shipped): Measurement {
  if (measurement.name !== shipped.logits.name || !agrees(measurement) || agrees(shipped.logits)) return measurement;
  return { ...measurement, verdict: 'fail', reason: `in the graph without probes, ${shipped.logits.reason}` };
}

function agrees({ verdict }: Measurement): boolean {
  return verdict === 'pass' || verdict === 'uninformative';
}

/** Noise is the golden's own or accumulated one; limits are those of its kind, and a suite's stricter one. */
export function judgeRecording(
  golden: GoldenProbe,
  noise: Noise,
  recording: Recording,
  limit: SuiteLimit | null,
  kind: Kind,
): Agreement {
  const wrongShape = `its shape is [${recording.shape.join(', ')}]; [${golden.shape.join(', ')}] is wanted`;
  const reason = recording.error === null ? wrongShape : reasonNotFinite(recording);
  if (reason !== null) return { ...nothingMeasured(kind, limit), agrees: false, reason };
  if (!isInformative(golden, kind)) {
    const judged = judgeUninformative(recording.error!, noise, kind);
    return keepsNothing(golden) ? { ...judged, agrees: true, reason: null } : judged;
  }
  return judgeAgreement(recording.error!, noise, stricterLimits(kind, limit));
}

/** NaN and Inf fail anywhere in the tensor, also between the sampled elements. */
function reasonNotFinite({ nonFinite }: Recording): string | null {
  return nonFinite === 0 ? null : `${nonFinite} of its elements are NaN or Inf`;
}

export function measuredOf({ error }: Recording, { relRms, maxOverRms, figures }: Agreement) {
  return { compared: error?.compared ?? 0, relRms, maxOverRms, figures };
}

export function nothingMeasured(kind: Kind, limit: SuiteLimit | null = null) {
  return { relRms: null, maxOverRms: null, figures: figuresOf({ limits: stricterLimits(kind, limit) }, {}) };
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
