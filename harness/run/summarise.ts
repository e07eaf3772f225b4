import { goldensId } from '../golden/list-shipped.js';
import { limitsId } from '../kinds/index.js';
import { blameOf, type CaseResult, culpritOf, type Measurement } from '../result/record/case-result.js';
import type { Result, WaiverUse } from '../result/record/result.js';
import type { Verdict } from '../result/record/verdict.js';
import { describeMachine } from '../support/describe-machine.js';
import { packageVersion } from '../support/package-root.js';
import { renderCount } from '../support/render-count.js';
import { describeCulprit } from './describe-culprit.js';
import { cautionsOfWaivers, faultsOfWaivers } from './review-waivers.js';

export interface RunContext {
  readonly runId: string;
  readonly startedAt: Date;
  readonly command: readonly string[];
  readonly suite: string | null;
  readonly partial: boolean;
  /** What became of the run's waivers. */
  readonly waivers?: readonly WaiverUse[];
}

/** Joins the cases of a run into its Result. A run without a case has failed: it compared nothing. */
export function summariseRun(cases: readonly CaseResult[], context: RunContext): Result {
  const { startedAt, ...rest } = context;
  return {
    format: 'tipcheck-result/2',
    limits: limitsId,
    goldens: goldensId,
    tipcheckVersion: packageVersion,
    ...rest,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    machine: describeMachine(),
    verdict: verdictOfRun(cases, context.waivers),
    summary: summaryOf(cases, context.waivers),
    cases,
  };
}

/**
 * The verdict of a whole run. A stale or expired waiver fails it. So does a run in which everything is waived and
 * nothing was compared.
 */
export function verdictOfRun(cases: readonly CaseResult[], waivers?: readonly WaiverUse[]): Verdict {
  const joined = joinVerdicts(cases.map(({ verdict }) => verdict));
  if (joined === 'error') return joined;
  if (faultsOfWaivers(waivers).length > 0) return 'fail';
  const compared = cases.some(({ measurements }) => measurements.some((one) => one.compared > 0));
  return joined === 'waived' && !compared ? 'fail' : joined;
}

/** `error` goes before `fail`, `fail` before `not-run`, `not-run` before `waived`. Nothing at all is a failure. */
export function joinVerdicts(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['error', 'fail', 'not-run', 'waived'] as const) if (verdicts.includes(verdict)) return verdict;
  return verdicts.length === 0 ? 'fail' : 'pass';
}

/** CONTRACT, section 3: 0 agrees, 1 disagrees, 3 could not run. A waived run is 0, and every report says so. */
export function exitCodeOfVerdict(verdict: Verdict): 0 | 1 | 3 {
  return exitCodes[verdict];
}

const exitCodes: Readonly<Record<Verdict, 0 | 1 | 3>> = { pass: 0, waived: 0, fail: 1, error: 3, 'not-run': 3 };

function summaryOf(cases: readonly CaseResult[], waivers?: readonly WaiverUse[]): string {
  if (cases.length === 0) return 'Nothing was compared.';
  const worst = worstOf(cases);
  const parts = [
    countsOf(cases),
    ...(worst === null ? [] : [describeWorst(worst)]),
    ...faultsOfWaivers(waivers),
    ...cautionsOfWaivers(waivers),
  ];
  const formats = [...new Set(cases.flatMap(({ goldens }) => goldens.precision ?? []))];
  const judgedBy = formats.length === 0 ? '' : `By the noise of ${formats.join(' and ')}, `;
  return `${judgedBy}${parts.join('; ')}.`;
}

function worstOf(cases: readonly CaseResult[]): CaseResult | null {
  const order: readonly Verdict[] = ['error', 'fail', 'not-run'];
  return order.flatMap((verdict) => cases.filter((found) => found.verdict === verdict))[0] ?? null;
}

function describeWorst(found: CaseResult): string {
  const { id, reason, verdict, measurements } = found;
  const culprit = culpritOf(found);
  if (culprit === null) return `${id}: ${reason ?? verdict}`;
  const others = measurements.filter((one) => one.name !== culprit && isFaulty(one)).length;
  const more = others === 0 ? '' : `, and on their own ${others} more are at fault`;
  return `${id} ${describeCulprit(found, culprit)}${more}`;
}

/** Not waived, and at fault on its own. */
function isFaulty(measurement: Measurement): boolean {
  return measurement.waived === undefined && blameOf(measurement) === 'faulty';
}

function countsOf(cases: readonly CaseResult[]): string {
  const passed = cases.filter(({ verdict }) => verdict === 'pass').length;
  const all = cases.flatMap(({ measurements }) => measurements);
  const compared = all.filter((one) => one.compared > 0).length;
  const waived =
    all.filter((one) => one.waived !== undefined).length + cases.filter((one) => one.waived !== undefined).length;
  const known = waived === 0 ? '' : `, ${waived} ${waived === 1 ? 'failure' : 'failures'} waived`;
  return `${passed} of ${cases.length} cases agree with the reference, ${renderCount(compared, 'probe')} compared${known}`;
}
