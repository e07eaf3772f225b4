import type { CaseResult, Measurement, OwnError, Result, Verdict } from '../result.js';

/**
 * The file of `tipcheck judge --json` (CONTRACT, section 3), with exactly its keys. A figure that is null has a `reason`
 * beside it. What did not run is an `error` here: the contract knows no third way of not passing.
 */
export function renderJudgeJson(result: Result): string {
  const { verdict, partial, cases } = result;
  return `${JSON.stringify({ verdict: contractVerdict(verdict), partial, bundles: cases.map(bundleOf) }, null, 2)}\n`;
}

function bundleOf({ bundle, verdict, firstFault, firstFaultBy, measurements }: CaseResult) {
  return {
    id: bundle,
    verdict: contractVerdict(verdict),
    first_fault: firstFault,
    first_fault_by: firstFaultBy,
    probes: measurements.map(probeOf),
  };
}

function probeOf({ name, verdict, own, reason, ...figures }: Measurement) {
  return { name, verdict, ...figuresOf(figures, reason), isolated: own === null ? null : isolatedOf(own) };
}

function isolatedOf(own: OwnError) {
  const notJudged = own.verdict === 'reported' ? 'the bundle has no own_noise for it' : null;
  return figuresOf(own, own.reason ?? notJudged);
}

function figuresOf(
  { relRms, maxOverRms, noiseRatio }: Pick<Measurement, 'relRms' | 'maxOverRms' | 'noiseRatio'>,
  reason: string | null,
) {
  const figures = { rel_rms: finite(relRms), max_over_rms: finite(maxOverRms), noise_ratio: finite(noiseRatio) };
  if (!Object.values(figures).includes(null)) return figures;
  return { ...figures, reason: reason ?? 'it is not finite' };
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function contractVerdict(verdict: Verdict): 'pass' | 'fail' | 'error' {
  return verdict === 'not-run' ? 'error' : verdict;
}
