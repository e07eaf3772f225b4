import { cpus, totalmem } from 'node:os';
import type { CaseResult, Machine, Result, Verdict } from '../result.js';
import { packageVersion } from '../support/package-root.js';

export interface RunContext {
  readonly runId: string;
  readonly startedAt: Date;
  readonly command: readonly string[];
  readonly suite: string | null;
  readonly partial: boolean;
}

/** Joins the cases of a run into its Result. A run without a case has failed: it compared nothing. */
export function summariseRun(cases: readonly CaseResult[], context: RunContext): Result {
  const { startedAt, ...rest } = context;
  return {
    format: 'tipcheck-result/1',
    tipcheckVersion: packageVersion,
    ...rest,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    machine: describeMachine(),
    verdict: joinVerdicts(cases.map(({ verdict }) => verdict)),
    summary: summaryOf(cases),
    cases,
  };
}

/** `error` goes before `fail`, `fail` before `not-run`; nothing at all is a failure. */
export function joinVerdicts(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['error', 'fail', 'not-run'] as const) if (verdicts.includes(verdict)) return verdict;
  return verdicts.length === 0 ? 'fail' : 'pass';
}

/** CONTRACT, section 3: 0 agrees, 1 disagrees, 3 could not run. */
export function exitCodeOfVerdict(verdict: Verdict): 0 | 1 | 3 {
  return verdict === 'pass' ? 0 : verdict === 'fail' ? 1 : 3;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

function summaryOf(cases: readonly CaseResult[]): string {
  if (cases.length === 0) return 'Nothing was compared.';
  const passed = cases.filter(({ verdict }) => verdict === 'pass').length;
  const probes = cases.reduce(
    (sum, { measurements }) => sum + measurements.filter(({ compared }) => compared > 0).length,
    0,
  );
  const worst = cases.find(({ verdict }) => verdict === 'error') ?? cases.find(({ verdict }) => verdict !== 'pass');
  const counted = `${passed} of ${cases.length} cases agree with the reference, ${probes} probes compared`;
  if (worst === undefined) return `${counted}.`;
  if (worst.firstFault !== null) return `${counted}; ${worst.id} goes wrong first at ${worst.firstFault}.`;
  return `${counted}; ${worst.id}: ${worst.reason ?? worst.verdict}.`;
}
