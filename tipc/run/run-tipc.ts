import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renderStepLine, renderSummary } from '../../harness/reporters/console.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Result } from '../../harness/result/record/result.js';
import type { StepResult, TipcRun } from '../../harness/result/record/tipc-run.js';
import { summariseRun } from '../../harness/run/summarise.js';
import { exitCodeOfSteps, judgeSteps, summariseSteps } from '../../harness/run/summarise-steps.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { deviation, note, out, outLines } from '../../harness/support/console.js';
import { nullIfGone } from '../../harness/support/null-at.js';
import { recordFiles } from '../inputs/record-files.js';
import { openGraphRuns } from '../runners/tipcheck/graph-runs.js';
import { renderCommand } from '../steps/render-command.js';
import type { TipcOptions } from '../steps/tipc-options.js';
import type { Translation } from '../steps/translation.js';
import { writeJudgedStep } from './judged-step.js';
import { withFreshFolder } from './output-folder.js';
import { type PortRun, type PreparedRun, prepareRun, translationsOf } from './prepare-run.js';
import { appendBanner, appendStatus } from './results-log.js';
import type { RunHead } from './run-head.js';
import { runStep, stepResult } from './run-step.js';

/**
 * `tipcheck test <file> <mode>` for a mode of TIPC's own: every step of the plan, through each port.
 * @param command the words that the user typed, for the record
 * @returns the exit code
 */
export async function runTipc(
  named: string,
  mode: string,
  options: TipcOptions,
  command: readonly string[],
): Promise<number> {
  const prepared = await prepareRun(named, mode, options, command);
  const { head, plan, folder, runs, shell } = prepared;
  await writeAtomicFile(join(folder, 'plan.json'), renderPlan({ ...head, ...shell }, translationsOf(prepared)));
  for (const text of shell.deviations) deviation(text);
  const steps = await withFreshFolder(plan.outputFolder, head.runId, async (aside) => {
    if (aside !== null) note(`the results of an earlier run are in ${aside} now`);
    const done: StepResult[] = [];
    for (const run of runs) done.push(...(await runPort(run)));
    return done;
  });
  return reportRun(prepared, steps);
}

async function runPort({ plan, records, translations, paddleSeg }: PortRun): Promise<StepResult[]> {
  const done = new Map<number, StepResult>();
  const tools = { translations, runGraph: openGraphRuns(records), paddleSeg };
  let opened = false;
  for (const translation of translations) {
    const { status } = translation.step;
    if (status !== null && !opened) {
      if (plan.banner !== null) await appendBanner(status.file, plan.banner);
      opened = true;
    }
    const found = await writeJudgedStep(records, await runStep(translation, done, tools));
    done.set(found.number, found);
    // What did not run did not succeed: TIPC has no third word.
    if (status !== null) await appendStatus(status, found.verdict === 'pass');
    outLines(renderStepLine(found));
    for (const text of found.observed) deviation(`${found.id}: ${text}`);
  }
  await removeLogits(records);
  return [...done.values()];
}

function renderPlan(run: RunHead & Omit<TipcRun, 'steps' | 'files'>, translations: readonly Translation[]): string {
  const steps = translations.map((one) => ({
    ...stepResult(one),
    ran: one.args === null ? null : renderCommand(one.args, one.program),
  }));
  const planned = steps.map(({ id, command, ran, row, lack, reason, deviations, notes, estimate }) => ({
    ...{ id, command, runs: ran, row, lack, reason: ran === null ? reason : null, deviations, notes, estimate },
  }));
  return `${JSON.stringify({ ...run, steps: planned }, null, 2)}\n`;
}

/** @returns the exit code */
async function reportRun(prepared: PreparedRun, steps: readonly StepResult[]): Promise<number> {
  const { head, folder, shell } = prepared;
  const files = await recordFiles(
    folder,
    steps,
    translationsOf(prepared).flatMap(({ step }) => step.status?.file ?? []),
  );
  const result = resultOf({ ...shell, steps, files }, head);
  const written = await writeReport(folder, result);
  const reportPath = written.find((one) => one.endsWith('.html'))!;
  // Of a run that is not green the reason is the last line, where who reads a log looks.
  outLines(renderSummary(result, { reportPath, reasonFollows: result.verdict !== 'pass' }));
  if (result.verdict !== 'pass') out(`${result.verdict}: ${result.summary}`);
  return exitCodeOfSteps(result.tipc!);
}

function resultOf(tipc: TipcRun, head: RunHead): Result {
  const joined = summariseRun([], { ...head, startedAt: new Date(head.startedAt) });
  return { ...joined, ...head, verdict: judgeSteps(tipc), summary: summariseSteps(tipc), tipc };
}

/** Logits are for the judge alone, and large. Where no step wrote anything there is no folder. */
async function removeLogits(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true }).catch(nullIfGone);
  for (const file of files ?? []) if (/-logits-\d+(-rounded-\d+)?\.npy$/.test(file)) await rm(join(folder, file));
}
