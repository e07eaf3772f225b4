import type { StepResult, TipcRun } from '../result/record/tipc-run.js';
import type { Verdict } from '../result/record/verdict.js';
import { exitCodeOfVerdict, joinVerdicts } from './summarise.js';

/**
 * A run's verdict by its steps. A step that did not run is tolerated for a reason that `--allow-not-run` names, if
 * other steps of its port ran. A reason that `--require` names fails the run. A step that was planned and is not there
 * is a failure.
 */
export function judgeSteps({ planned, steps, allowed, required }: Omit<TipcRun, 'deviations'>): Verdict {
  const missing = planned.filter((id) => !steps.some((step) => step.id === id));
  if (missing.length > 0) return 'fail';
  const verdicts = steps.filter((step) => !isTolerated(step, allowed)).map((step) => verdictOf(step, required));
  return joinVerdicts([...verdicts, ...findIdlePorts(steps, allowed).map(() => 'not-run' as const)]);
}

/**
 * The exit code of a run of steps. If all that went wrong is the user's own input, it is 2: a second try would not
 * help. A step that could not run for another reason goes before that, and that goes before a disagreement.
 */
export function exitCodeOfSteps(run: Omit<TipcRun, 'deviations'>): 0 | 1 | 2 | 3 {
  const { steps, allowed } = run;
  const isOfUser = ({ verdict, blame }: StepResult): boolean => verdict === 'error' && blame === 'user';
  const isLacking = (step: StepResult): boolean =>
    step.verdict === 'not-run' && step.lack !== null && !isTolerated(step, allowed);
  if (steps.some((step) => (step.verdict === 'error' && !isOfUser(step)) || (steps.some(isOfUser) && isLacking(step))))
    return 3;
  return steps.some(isOfUser) ? 2 : exitCodeOfVerdict(judgeSteps(run));
}

/** Ports whose steps were all tolerated and none ran: nothing judges them. */
function findIdlePorts(steps: readonly StepResult[], allowed: readonly string[]): string[] {
  const ports = [...new Set(steps.map(({ port }) => port))];
  return ports.filter((port) => steps.every((step) => step.port !== port || isTolerated(step, allowed)));
}

/** Whether a step that did not run may be passed over. */
function isTolerated({ verdict, lack }: StepResult, allowed: readonly string[]): boolean {
  return verdict === 'not-run' && lack !== null && allowed.includes(lack);
}

function verdictOf({ verdict, lack }: StepResult, required: readonly string[]): Verdict {
  return verdict === 'not-run' && lack !== null && required.includes(lack) ? 'fail' : verdict;
}

/** One sentence. If something did not run, it ends with what to do about it. */
export function summariseSteps(run: Omit<TipcRun, 'deviations'>): string {
  const { steps, planned, allowed, required } = run;
  const count = (verdict: Verdict) => steps.filter((step) => step.verdict === verdict).length;
  const counted = `${count('pass')} of ${planned.length} steps pass`;
  const bad = steps.find(({ verdict }) => verdict === 'error') ?? steps.find(({ verdict }) => verdict === 'fail');
  if (bad !== undefined) return `${counted}; ${bad.id}: ${withoutStop(bad.reason ?? bad.verdict)}.`;
  const unrun = steps.filter(({ verdict }) => verdict === 'not-run');
  if (unrun.length === 0) return `${counted}.`;
  const tolerated = unrun.filter((step) => isTolerated(step, allowed));
  const left = unrun.filter((step) => !isTolerated(step, allowed));
  const [first] = left;
  if (first === undefined) {
    const idle = findIdlePorts(steps, allowed);
    const alone = idle.length === 0 ? '' : ` beside steps that ran alone: none of ${idle.join(', ')} did`;
    return `${counted}; ${tolerated.length} did not run, which --allow-not-run ${allowed.join(' ')} tolerates${alone}.`;
  }
  const forbidden =
    first.lack !== null && required.includes(first.lack) ? `, and --require ${first.lack} wants it` : '';
  return `${counted}; ${left.length} did not run, first ${first.id}: ${withoutStop(first.reason ?? 'no reason given')}${forbidden}. ${fixOf(first.lack, forbidden !== '', reasonsOf(left))}`;
}

/** Why steps did not run, each reason once. */
function reasonsOf(steps: readonly StepResult[]): string {
  return [...new Set(steps.flatMap(({ lack }) => lack ?? []))].join(' ');
}

function fixOf(lack: string | null, isRequired: boolean, all: string): string {
  if (lack === null) return 'Fix: see the report';
  if (isRequired) return `Fix: leave out --require ${lack}, or run it where there is no such lack`;
  return `Fix: ${lack === 'gpu' ? '--device cpu runs the rows of the GPU on the processor; ' : lack === 'memory' ? '--crop 256x256 makes it smaller; ' : ''}--allow-not-run ${all} tolerates ${all === lack ? 'this reason' : 'these reasons'}`;
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
