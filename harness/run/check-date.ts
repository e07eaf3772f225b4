import type { Result } from '../result/record/result.js';
import { runIdOf } from './run-id.js';

/**
 * A run is called by the second in which it began. One that was merged, or that another program wrote, is called
 * otherwise.
 */
export function checkDate({ runId, startedAt }: Pick<Result, 'runId' | 'startedAt'>): string[] {
  const [called] = /^\d{8}-\d{6}-/.exec(runId) ?? [];
  if (called === undefined || runIdOf(new Date(startedAt)).startsWith(called)) return [];
  return [`the run is called ${runId}, after its begin; result.json says that it began at ${startedAt}`];
}
