import yoctoSpinner from 'yocto-spinner';
import { renderCaseLine, renderSummary } from '../harness/reporters/console.js';
import { writeReport } from '../harness/reporters/write-report.js';
import type { Result } from '../harness/result.js';
import type { Plan } from '../harness/run/plan.js';
import { type RunListener, runPlan } from '../harness/run/run.js';
import { summariseRun } from '../harness/run/summarise.js';

/**
 * Runs a plan with a live line on a terminal and plain lines elsewhere, on stderr for progress and stdout for verdicts, writes
 * its report, and returns the Result.
 */
export async function runAndReport(plan: Plan, context: RunContext): Promise<Result> {
  const startedAt = new Date();
  const spinner = process.stderr.isTTY ? yoctoSpinner() : null;
  const total = plan.cases.length + plan.evaluations.length;
  let finished = 0;
  const cases = await runPlan(plan, {
    ...(context.onPortStart === undefined ? {} : { onPortStart: context.onPortStart }),
    onPhase(planned, phase) {
      if (spinner === null) return;
      spinner.text = `${finished + 1} of ${total}  ${planned.id}  ${phase}`;
      spinner.start();
    },
    onCase(found) {
      finished += 1;
      spinner?.stop();
      process.stdout.write(`${renderCaseLine(found)}\n`);
    },
  });
  spinner?.stop();
  const result = summariseRun(cases, {
    runId: runIdOf(startedAt),
    startedAt,
    command: process.argv.slice(2),
    suite: context.suite,
    partial: plan.partial,
  });
  const folder = context.reportFolder?.(result.runId);
  const written = folder === undefined ? [] : await writeReport(folder, result);
  const reportPath = written.find((path) => path.endsWith('.html'));
  process.stdout.write(`${renderSummary(result, reportPath === undefined ? {} : { reportPath })}\n`);
  return result;
}

interface RunContext {
  readonly suite: string | null;
  /** Where the run's report is written; absent: nowhere. */
  readonly reportFolder?: (runId: string) => string;
  readonly onPortStart?: RunListener['onPortStart'];
}

/** Sorts by time: `20261122-142530-4711`. */
function runIdOf(date: Date): string {
  const [day, time] = date.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').split('T');
  return `${day}-${time}-${process.pid}`;
}
