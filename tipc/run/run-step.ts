import type { StepResult } from '../../harness/result/record/tipc-run.js';
import type { PaddleSeg } from '../runners/paddleseg/find-paddleseg.js';
import { judgePaddleSeg } from '../runners/paddleseg/judge-paddleseg.js';
import { type JudgeTools, scriptOf } from '../runners/tipcheck/scripts.js';
import { renderCommand } from '../steps/render-command.js';
import { type Ended, runLogged } from '../steps/run-logged.js';
import type { Translation } from '../steps/translation.js';
import { unjudgedStep } from './unjudged-step.js';

/** What a step is run and judged with. */
export interface StepTools extends JudgeTools {
  /** Of the port paddleseg; null of others. */
  readonly paddleSeg: PaddleSeg | null;
}

/** Runs one step in a process of its own and judges what it left; every way of ending is a StepResult. */
export async function runStep(
  translation: Translation,
  done: ReadonlyMap<number, StepResult>,
  tools: StepTools,
): Promise<StepResult> {
  const needed = translation.step.dependsOn.map((number) => done.get(number));
  const at = needed.findIndex((one) => one?.verdict !== 'pass');
  if (at >= 0) return { ...stepResult(translation), ...blockedBy(needed[at], translation.step.dependsOn[at]!) };
  if (translation.args === null) return stepResult(translation);
  const environment = environmentOf(translation);
  const ended = await runLogged(translation.args, translation.step.logPath, environment, translation.program);
  const ran = {
    ...stepResult(translation),
    lack: null,
    ran: renderCommand(translation.args, translation.program),
    log: translation.step.logPath,
    durationMs: ended.durationMs,
  };
  if (ended.exitCode !== 0) return { ...ran, ...failureOf(ended, translation.program === null) };
  try {
    return { ...ran, ...(await judge(translation, ended, tools)) };
  } catch (error) {
    return { ...ran, ...unjudgedStep(error) };
  }
}

/** A step that has not run. */
export function stepResult({
  id,
  port,
  step,
  lack,
  reason,
  deviations,
  notes,
  device,
  estimate,
}: Translation): StepResult {
  return {
    ...{ id, port, number: step.number, kind: step.kind, command: step.command, ran: null },
    row: rowOf(step.row),
    ...{ verdict: 'not-run', reason: reason ?? 'the run ended before it', lack },
    deviceAsked: device === 'auto' ? null : device,
    ...{
      engine: null,
      deviations,
      observed: [],
      notes,
      checks: [],
      figures: {},
      artefacts: [],
      log: null,
      record: null,
      durationMs: 0,
      estimate,
    },
  };
}

function rowOf(row: object): Record<string, string> {
  const given = Object.entries(row).filter(([, value]) => value !== null && value !== false);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** A step that needs one which did not pass does not run; why that one did not run is why this one does not. */
function blockedBy(before: StepResult | undefined, number: number): Pick<StepResult, 'verdict' | 'reason' | 'lack'> {
  if (before === undefined)
    return { verdict: 'not-run', reason: `step ${number}, which it needs, is not there`, lack: null };
  const { id, verdict, lack } = before;
  const how = { pass: 'passed', fail: 'failed', error: 'ended in an error', 'not-run': 'did not run' }[verdict];
  return { verdict: 'not-run', reason: `${id}, which it needs, ${how}`, lack };
}

function environmentOf({ device, step: { visibleDevices } }: Translation): Record<string, string> {
  return device === 'gpu' && visibleDevices !== null ? { CUDA_VISIBLE_DEVICES: visibleDevices } : {};
}

/**
 * Exit code 1 of ours is a disagreement, of training a loss that is not finite; 2 is the user's input; all others say
 * that it could not run.
 */
function failureOf({ exitCode, signal, lastWord }: Ended, isOurs: boolean): Partial<StepResult> {
  if (signal === 'SIGKILL')
    return { verdict: 'error', reason: 'its process was killed by SIGKILL, as the system does when memory runs out' };
  const how = signal === null ? `it ended with exit code ${exitCode}` : `its process crashed with ${signal}`;
  const reason = `${how}: ${lastWord}`;
  if (isOurs && exitCode === 1) return { verdict: 'fail', reason };
  return { verdict: 'error', reason, ...(isOurs && exitCode === 2 ? { blame: 'user' } : {}) };
}

async function judge(translation: Translation, ended: Ended, tools: StepTools): Promise<Partial<StepResult>> {
  const { paddleSeg } = tools;
  const judged =
    paddleSeg === null
      ? await scriptOf(translation.step).judge(translation, ended.startedAtMs, tools)
      : await judgePaddleSeg(translation, ended, paddleSeg);
  const { observed = [], ...rest } = judged;
  const found = { ...rest, observed };
  const failed = judged.checks.find(({ verdict }) => verdict !== 'pass');
  if (failed !== undefined) return { ...found, verdict: 'fail', reason: `${failed.name}: ${failed.found}` };
  return {
    ...found,
    verdict: judged.checks.length > 0 ? 'pass' : 'fail',
    reason: judged.checks.length > 0 ? null : 'nothing was checked',
  };
}
