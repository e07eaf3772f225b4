import { join } from 'node:path';
import { renderCaseLine, renderSummary } from './reporters/console.js';
import { writeReport } from './reporters/write-report.js';
import type { CaseResult } from './result/record/case-result.js';
import type { Result } from './result/record/result.js';
import { type Baseline, holdAgainst, renderFindings } from './run/baseline.js';
import { type EngineBaseline, excuseByEngine, reviewEngineBaseline } from './run/engine-baseline.js';
import { refuseUseless } from './run/judge-baseline.js';
import type { Plan } from './run/plan.js';
import { reviewWaivers } from './run/review-waivers.js';
import { type RunListener, runPlan } from './run/run.js';
import { runIdOf } from './run/run-id.js';
import { noWaivers, type RunWaivers } from './run/run-waivers.js';
import { summariseRun } from './run/summarise.js';
import { waiveCase } from './run/waive.js';
import { validateWritable } from './support/atomic-file.js';
import { outLines } from './support/console.js';

/** Runs plans, one after the other, with a line on stdout for each verdict. Writes one report of all. */
export async function judgePlans(plans: readonly Plan[], context: RunContext): Promise<Result> {
  const { baseline, engineBaseline } = context;
  if (baseline !== undefined) refuseUseless(baseline.result, baseline.isAsked);
  const startedAt = new Date();
  const folder = context.reportFolder?.(runIdOf(startedAt));
  if (folder !== undefined) await validateWritable(join(folder, 'result.json'));
  const { waivers, ...known } = context.waivers ?? noWaivers;
  const today = startedAt.toISOString().slice(0, 10);
  const cases: CaseResult[] = [];
  const listener: RunListener = {
    ...context.listener,
    onCase(ended) {
      context.listener.onCase?.(ended);
      const known = engineBaseline === undefined ? ended : excuseByEngine(ended, engineBaseline);
      const found = waiveCase(known, waivers, today);
      cases.push(found);
      outLines(renderCaseLine(found));
    },
  };
  for (const plan of plans) await runPlan(plan, listener);
  const partial = plans.some((plan) => plan.partial);
  const excused = engineBaseline === undefined ? [] : reviewEngineBaseline(cases, engineBaseline);
  const uses = [...reviewWaivers(cases, waivers, { today, partial, ...known }), ...excused];
  const own = summariseRun(cases, {
    runId: runIdOf(startedAt),
    startedAt,
    command: context.command,
    suite: context.suite,
    partial,
    ...(uses.length > 0 && { waivers: uses }),
  });
  const result = baseline === undefined ? own : holdAgainst(own, baseline, baseline.isAsked);
  if (result.baseline !== undefined) for (const line of renderFindings(result.baseline)) outLines(line);
  const written = folder === undefined ? [] : await writeReport(folder, result);
  const reportPath = written.find((path) => path.endsWith('.html'));
  outLines(renderSummary(result, reportPath === undefined ? {} : { reportPath }));
  return result;
}

export interface RunContext {
  /** The arguments that asked for the run. */
  readonly command: readonly string[];
  /** Told before each verdict is written, so that a live line can be gone. */
  readonly listener: RunListener;
  readonly suite: string | null;
  /** Where the run's report is written; absent: nowhere. */
  readonly reportFolder?: (runId: string) => string;
  /** Failures that are known and let through. */
  readonly waivers?: RunWaivers;
  /** An earlier run, and whether this one was asked for a case of it. */
  readonly baseline?: Baseline & { readonly isAsked: (found: CaseResult) => boolean };
  /** What the engine showed on a clean file. */
  readonly engineBaseline?: EngineBaseline;
}
