import type { Result } from '../../harness/result/record/result.js';
import type { StepResult, TipcRun } from '../../harness/result/record/tipc-run.js';
import { capFaults, shorten } from '../../harness/run/findings.js';
import { parseJson } from '../../harness/support/parse-json.js';
import { renderCanonical } from '../inputs/canonical-json.js';
import { headNames, headOf } from '../run/run-head.js';

/** What was fixed before the first step ran, and would change what the verdict means. */
const fixedFirst = [
  ...['planned', 'file', 'fileSha256', 'model', 'mode', 'deviations', 'allowed', 'required'],
  ...['params', 'inputs', 'startFolder', 'commit', 'ports'],
] as const;

/** The plan that was written first says what the result says. @param text of plan.json; null: it is missing */
export function findOtherPlan(text: string | null, result: Result, tipc: TipcRun): string[] {
  if (text === null) return ['plan.json is missing; the run wrote one before its first step'];
  const plan = parseObject(text);
  if (plan === null) return ['plan.json is not a plan'];
  const run: Readonly<Record<string, unknown>> = { ...tipc, ...headOf(result) };
  // Before it planned what it said of itself, version 0.1.0 stored runs without.
  const isOld = result.limits === 'limits/1' && plan.runId === undefined;
  const others = [...(isOld ? [] : headNames), ...fixedFirst].filter(
    (name) => renderCanonical(plan[name] ?? unsaid(name)) !== renderCanonical(run[name] ?? unsaid(name)),
  );
  return [
    ...others.map((name) =>
      name === 'planned'
        ? 'plan.json plans other steps than result.json'
        : `plan.json says of ${name} ${shorten(plan[name])}; result.json says ${shorten(run[name])}`,
    ),
    ...capFaults(findOtherSteps(plan.steps, tipc.steps, result.limits !== 'limits/1')),
  ];
}

/** What the plan of an earlier version did not say. */
function unsaid(name: string): unknown {
  return name === 'ports' ? [] : name === 'limits' || name === 'goldens' ? `${name}/1` : null;
}

/** What a step was to run, and for which row. @param isWhole whether a plan of that version has every step */
function findOtherSteps(planned: unknown, steps: readonly StepResult[], isWhole: boolean): string[] {
  if (!Array.isArray(planned)) return isWhole ? ['plan.json has no list of steps'] : [];
  return steps.flatMap((step) => {
    const plan: unknown = planned.find((one: unknown) => isObject(one) && one.id === step.id);
    if (!isObject(plan)) return isWhole ? [`${step.id}: plan.json does not have this step`] : [];
    const said = { command: step.command, row: step.row, runs: step.ran };
    return (
      (['command', 'row', 'runs'] as const)
        // The plan of a merge does not say what ran, and what was blocked did not run.
        .filter((name) => plan[name] !== undefined && (name !== 'runs' || step.ran !== null))
        .filter((name) => renderCanonical(plan[name]) !== renderCanonical(said[name]))
        .map(
          (name) =>
            `${step.id}: plan.json says of its ${name} ${shorten(plan[name])}; result.json says ${shorten(said[name])}`,
        )
    );
  });
}

/** Null for what is not an object. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value = parseJson(text);
    return isObject(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
