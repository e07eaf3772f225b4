import type { CaseResult } from '../result/record/case-result.js';
import type { Result } from '../result/record/result.js';
import type { StepResult, TipcRun } from '../result/record/tipc-run.js';
import type { Verdict } from '../result/record/verdict.js';
import { findWaiverFaults } from './find-waiver-faults.js';
import { verdictOfFindings } from './judge-baseline.js';
import { joinVerdicts, verdictOfRun } from './summarise.js';
import { judgeSteps } from './summarise-steps.js';

/**
 * Where the headline of a report is not what its cases or steps say: the verdict, the count of those that pass, a
 * planned step that is missing, and a pass beside a probe or a check that fails. This holds for results of any version.
 */
export function findHeadlineFaults(result: Result): string[] {
  const { tipc, cases } = result;
  return [
    ...findOtherVerdict(result),
    ...findMiscount(result),
    ...(tipc === undefined ? cases.flatMap((found) => findInCase(found, result)) : tipc.steps.flatMap(findInStep)),
    ...findDroppedSteps(tipc),
  ];
}

/** If the verdict does not follow from the cases or the steps. */
export function findOtherVerdict(result: Result): string[] {
  const { verdict, tipc } = result;
  const wanted = verdictOf(result);
  const parts = tipc === undefined ? 'cases' : 'steps';
  return verdict === wanted ? [] : [`the verdict is ${verdict}; of its ${parts} it is ${wanted}`];
}

/** Planned steps of a TIPC mode that the run does not have. */
export function findDroppedSteps(tipc: TipcRun | undefined): string[] {
  return (tipc?.planned ?? [])
    .filter((id) => !tipc!.steps.some((step) => step.id === id))
    .map((id) => `${id} was planned and is missing`);
}

/** What does not pass in a case that does, by what it is. */
export function findFailingParts({ measurements, evaluation, shipped, sizes = [] }: CaseResult): string[] {
  const bad = measurements.find(
    (one) => one.verdict === 'fail' || one.verdict === 'missing' || one.own?.verdict === 'fail',
  );
  const badMode = evaluation?.modes.find((mode) => mode.verdict !== 'pass');
  const isShippedBad = shipped?.logits.verdict === 'fail' || shipped?.logits.verdict === 'missing';
  return [
    ...(bad === undefined ? [] : [`it passes, and ${bad.name} does not`]),
    ...(bad === undefined && isShippedBad ? ['it passes, and the logits of the graph without probes do not'] : []),
    ...(sizes.some(({ verdict }) => verdict === 'fail')
      ? ['it passes, and a size that its file declares does not']
      : []),
    ...(badMode === undefined ? [] : [`it passes, and mode ${badMode.name} does not`]),
  ];
}

/** The same of a step and its checks. */
export function findFailingCheck({ checks }: StepResult): string[] {
  const bad = checks.find((one) => one.verdict !== 'pass');
  return bad === undefined ? [] : [`it passes, and its check ${bad.name} does not`];
}

function verdictOf({ tipc, cases, waivers, baseline }: Result): Verdict {
  if (tipc !== undefined) return judgeSteps(tipc);
  const own = verdictOfRun(cases, waivers);
  return baseline === undefined ? own : joinVerdicts([own, verdictOfFindings(baseline.findings)]);
}

/** If the summary counts something, it counts what is there. */
export function findMiscount({ summary, tipc, cases }: Result): string[] {
  const all: readonly Pick<CaseResult | StepResult, 'verdict'>[] = tipc?.steps ?? cases;
  const [, passed, total] = /^(\d+) of (\d+) (?:steps pass|cases agree)/.exec(summary) ?? [];
  if (passed === undefined) return [];
  const found = all.filter(({ verdict }) => verdict === 'pass').length;
  const count = tipc === undefined ? all.length : tipc.planned.length;
  if (Number(passed) === found && Number(total) === count) return [];
  return [`its summary says that ${passed} of ${total} pass; ${found} of ${count} do`];
}

function findInCase(found: CaseResult, result: Result): string[] {
  const { id, verdict } = found;
  const faults = verdict === 'waived' ? findWaiverFaults(found, result) : [];
  return [...faults, ...(verdict === 'pass' ? findFailingParts(found) : [])].map((text) => `${id}: ${text}`);
}

function findInStep(step: StepResult): string[] {
  return step.verdict === 'pass' ? findFailingCheck(step).map((text) => `${step.id}: ${text}`) : [];
}
