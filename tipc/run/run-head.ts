import type { Result } from '../../harness/result/record/result.js';

/** What a run says of itself before its first step, and `plan.json` with it. */
export const headNames = [
  ...['runId', 'startedAt', 'tipcheckVersion', 'command', 'machine', 'limits', 'goldens', 'suite', 'partial'],
] as const satisfies readonly (keyof Result)[];

export type RunHead = Pick<Result, (typeof headNames)[number]>;

export function headOf(result: RunHead): RunHead {
  const { runId, startedAt, tipcheckVersion, command, machine, limits, goldens, suite, partial } = result;
  return { runId, startedAt, tipcheckVersion, command, machine, limits, goldens, suite, partial };
}
