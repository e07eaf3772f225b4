import { type CaseResult, type Measurement, type OwnError, timesNoise } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import type { Excuse, Verdict } from '../result/record/verdict.js';

/**
 * The file of `tipcheck judge --json` (CONTRACT, section 3), with exactly its keys. A figure that is null has a
 * `reason` beside it. What did not run is an `error` here: the contract knows no third way of not passing. What is
 * waived is what it would be without the waiver, with a key `waived` beside it, so that who reads verdicts alone never
 * takes it for a pass.
 */
export function renderJudgeJson(result: Result): string {
  const { partial, cases } = result;
  // `judge` has one for all of its bundles.
  const precision = cases[0]?.goldens.precision;
  const head = { verdict: verdictOf(result), ...(precision !== undefined && { precision }), partial };
  return `${JSON.stringify({ ...head, bundles: cases.map(bundleOf) }, null, 2)}\n`;
}

function verdictOf({ verdict, cases }: Result): ContractVerdict {
  if (verdict !== 'waived') return contractVerdict(verdict);
  return cases.some((found) => caseVerdict(found) === 'error') ? 'error' : 'fail';
}

function bundleOf(found: CaseResult) {
  const { bundle, firstFault, firstFaultBy, fault, measurements, waived, sizes } = found;
  return {
    id: bundle,
    verdict: caseVerdict(found),
    first_fault: firstFault,
    first_fault_by: firstFaultBy,
    fault,
    ...waivedOf(waived),
    ...(sizes !== undefined && {
      sizes: sizes.map(({ what, image, verdict, reason }) => ({ what, image, verdict, reason })),
    }),
    probes: measurements.map(probeOf),
  };
}

/** Without its waivers. */
function caseVerdict({ verdict, waived }: CaseResult): ContractVerdict {
  return verdict === 'waived' && waived !== undefined ? 'error' : contractVerdict(verdict);
}

function probeOf(measurement: Measurement) {
  const { name, verdict, own, reason, waived } = measurement;
  const isolated = own === null ? null : isolatedOf(own);
  return { name, verdict, ...figuresOf(measurement, reason), isolated, ...waivedOf(waived) };
}

function waivedOf(waived: Excuse | undefined) {
  if (waived === undefined) return {};
  const { inheritsFrom, ...excuse } = waived;
  return { waived: { ...excuse, inherits_from: inheritsFrom } };
}

function isolatedOf(own: OwnError) {
  const notJudged = own.verdict === 'reported' ? 'the bundle has no own_noise for it' : null;
  return figuresOf(own, own.reason ?? notJudged);
}

function figuresOf(measured: Measurement | OwnError, reason: string | null) {
  const { relRms, maxOverRms } = measured;
  const noiseRatio = timesNoise(measured);
  const figures = { rel_rms: finite(relRms), max_over_rms: finite(maxOverRms), noise_ratio: finite(noiseRatio) };
  if (!Object.values(figures).includes(null)) return figures;
  return { ...figures, reason: reason ?? 'it is not finite' };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

type ContractVerdict = 'pass' | 'fail' | 'error';

function contractVerdict(verdict: Verdict): ContractVerdict {
  if (verdict === 'not-run') return 'error';
  return verdict === 'waived' ? 'fail' : verdict;
}
