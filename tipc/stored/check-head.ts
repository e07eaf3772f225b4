import type { Result } from '../../harness/result/record/result.js';
import { summariseSteps } from '../../harness/run/summarise-steps.js';
import { packageVersion } from '../../harness/support/package-root.js';

/** What a run of TIPC's modes says first follows from its steps. Another version may say it in other words. */
export function checkHead({ tipc, tipcheckVersion, summary, durationMs }: Result): string[] {
  if (tipc === undefined || tipcheckVersion !== packageVersion) return [];
  const wanted = summariseSteps(tipc);
  // One step runs after another.
  const least = tipc.steps.reduce((total, step) => total + step.durationMs, 0);
  return [
    ...(summary === wanted ? [] : [`its summary is "${summary}"; of its steps it is "${wanted}"`]),
    ...(durationMs >= least ? [] : [`it took ${durationMs} ms; its steps alone took ${least} ms`]),
  ];
}
