import { summariseBaseline } from '../reporters/explain-baseline.js';
import type { Comparison } from '../support/comparison.js';
import { type BaselineOptions, limitsOf, renderFindings } from './baseline.js';
import { judgeBaseline } from './judge-baseline.js';
import { readSoundRun } from './read-run.js';

/**
 * A stored run against an earlier one: whether anything became worse. Whether the run itself passed is another
 * question.
 */
export async function compareWithBaseline(run: string, { baseline, factor }: BaselineOptions): Promise<Comparison> {
  const { result } = await readSoundRun(run, 'compare');
  const { result: earlier } = await readSoundRun(baseline!, 'compare with');
  const found = judgeBaseline(result, earlier, limitsOf(factor));
  const words = { pass: 'pass', fail: 'fail', 'not-run': 'not run' } as const;
  return {
    verdict: ({ pass: 'agree', fail: 'differ', 'not-run': 'inconclusive' } as const)[found.verdict],
    text: `${[...renderFindings(found), summariseBaseline(found)].join('\n')}\n${words[found.verdict]}\n`,
    json: { kind: 'baseline', actual: result.runId, ...found },
  };
}
