import { renderBaselineFinding, summariseBaseline } from '../reporters/explain-baseline.js';
import type { CaseResult } from '../result/record/case-result.js';
import type { BaselineResult, Result } from '../result/record/result.js';
import { UserError } from '../support/errors.js';
import { type BaselineLimits, defaultFactor, judgeBaseline } from './judge-baseline.js';
import { readSoundRun } from './read-run.js';
import { joinVerdicts } from './summarise.js';

export interface BaselineOptions {
  readonly baseline?: string;
  readonly factor?: number;
}

/** An earlier run, read and found sound. */
export interface Baseline {
  readonly result: Result;
  readonly limits: BaselineLimits;
}

/** Before anything runs, so that a baseline that cannot be used costs nothing. */
export async function readBaseline({ baseline, factor }: BaselineOptions): Promise<Baseline | null> {
  if (baseline === undefined && factor === undefined) return null;
  if (baseline === undefined)
    throw new UserError('Cannot use --factor without --baseline: there is nothing to grow from; both are wanted');
  const { result } = await readSoundRun(baseline, 'hold a run against');
  return { result, limits: limitsOf(factor) };
}

export function limitsOf(factor: number | undefined): BaselineLimits {
  return factor === undefined || factor === defaultFactor.factor
    ? defaultFactor
    : { factor, because: '--factor asked for it' };
}

/**
 * The run with what it is beside its baseline, which counts in its verdict.
 * @param isAsked whether the run was asked for a case of the baseline
 */
export function holdAgainst(
  result: Result,
  { result: baseline, limits }: Baseline,
  isAsked?: (found: CaseResult) => boolean,
): Result & { readonly baseline: BaselineResult } {
  const found = judgeBaseline(result, baseline, limits, isAsked);
  const verdict = joinVerdicts([result.verdict, found.verdict]);
  return { ...result, verdict, summary: `${result.summary} ${summariseBaseline(found)}`, baseline: found };
}

/** What the console says of it: at most ten findings; the sentence is the run's. */
export function renderFindings(found: BaselineResult): string[] {
  const lines = found.findings
    .slice(0, shown)
    .map((finding) => `${finding.what === 'inconclusive' ? '?' : '✕'} ${renderBaselineFinding(finding)}`);
  if (found.findings.length > shown) lines.push(`… and ${found.findings.length - shown} more`);
  return lines;
}

const shown = 10;
