import type { BaselineFinding, BaselineResult } from '../result/record/result.js';
import { renderCount } from '../support/figures.js';

/** One sentence: what a run is beside its baseline. */
export function summariseBaseline({ runId, compared, verdict, findings, factor }: BaselineResult): string {
  const counts = (['worse', 'vanished', 'inconclusive'] as const)
    .map((what) => [findings.filter((one) => one.what === what).length, what] as const)
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`);
  const figures = `${renderCount(compared, 'figure')} compared with the baseline ${runId}`;
  if (verdict === 'pass') return `${figures}, none grew by more than ${factor} ×.`;
  return `${figures}${verdict === 'not-run' ? ', inconclusive' : ''}: ${counts.join(', ')}.`;
}

/** `ort/segnext-t: logits, accumulated: 3 × the noise; it was 1 ×, and at most 2 × is wanted`. */
export function renderBaselineFinding({ case: id, probe, figure, reason }: BaselineFinding): string {
  return [id, [probe, figure].filter((part) => part !== null).join(', '), reason]
    .filter((part) => part !== '')
    .join(': ');
}
