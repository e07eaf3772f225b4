import type { CaseResult, Result, StepResult, Verdict } from '../result/result.js';
import { findWaiverFaults } from './find-waiver-faults.js';
import { verdictOfFindings } from './judge-baseline.js';
import { joinVerdicts, verdictOfRun } from './summarise.js';
import { judgeSteps } from './summarise-steps.js';

/**
 * Where the headline of a report is not what its cases or steps say: the verdict, the count of those that pass, a
 * planned step that is missing, and a pass beside a probe or a check that fails. This holds for results of any version.
 */
export function findHeadlineFaults(result: Result): string[] {
  const { verdict, tipc, cases } = result;
  const parts = tipc === undefined ? 'cases' : 'steps';
  const wanted = verdictOf(result);
  return [
    ...(verdict === wanted ? [] : [`the verdict is ${verdict}; of its ${parts} it is ${wanted}`]),
    ...findMiscount(result),
    ...(tipc === undefined ? cases.flatMap((found) => findInCase(found, result)) : tipc.steps.flatMap(findInStep)),
    ...(tipc?.planned ?? [])
      .filter((id) => !tipc!.steps.some((step) => step.id === id))
      .map((id) => `${id} was planned and is missing`),
  ];
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
  const { id, verdict, measurements, evaluation } = found;
  if (verdict === 'waived') return findWaiverFaults(found, result).map((text) => `${id}: ${text}`);
  if (verdict !== 'pass') return [];
  const bad =
    measurements.find((one) => one.verdict === 'fail' || one.verdict === 'missing' || one.own?.verdict === 'fail') ??
    evaluation?.modes.find((mode) => mode.verdict !== 'pass');
  return bad === undefined ? [] : [`${id}: it passes, and ${bad.name} does not`];
}

function findInStep({ id, verdict, checks }: StepResult): string[] {
  const bad = checks.find((one) => one.verdict !== 'pass');
  return verdict !== 'pass' || bad === undefined ? [] : [`${id}: it passes, and its check ${bad.name} does not`];
}
