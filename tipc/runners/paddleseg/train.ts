import { existsSync } from 'node:fs';
import { readArtefacts } from '../../steps/artefacts.js';
import { askedIterations, checkLosses, checkpointsOf } from '../../steps/check-training.js';
import { check, type Judgement } from '../../steps/judgement.js';
import type { Translation } from '../../steps/translation.js';
import { checkEvaluated } from './check-evaluated.js';
import { checkToolWeights } from './check-tool-weights.js';
import type { ToolLog } from './read-tool-log.js';

/**
 * As a training of ours: all iterations, a loss that is finite and moves, weights, and a best model where it evaluates.
 */
export async function judgeToolTraining(
  translation: Translation,
  startedAtMs: number,
  { lines, windows, evaluation }: ToolLog,
): Promise<Omit<Judgement, 'engine'>> {
  const { request } = translation;
  const config = request.value('--config')!;
  const asked = await askedIterations(request, config);
  const { expected, otherwise } = checkpointsOf(translation, asked);
  const checkpoint = existsSync(expected) ? expected : otherwise;
  const { artefacts, check: files } = await readArtefacts([checkpoint], startedAtMs);
  const losses = (lines?.loss ?? []).map(([, loss]) => loss);
  const [every = 0, last = 0] = [lines?.loss[0]?.[0], lines?.loss.at(-1)?.[0]];
  const best = lines?.mIoU.at(-1)?.[1];
  return {
    artefacts,
    checks: [
      files,
      check(
        'iterations',
        lines?.iterations === asked && last > asked - every,
        `${last} of ${lines?.iterations ?? 0} were logged; ${asked} were asked for`,
      ),
      ...checkLosses(losses),
      checkRates((lines?.lr ?? []).map(([, rate]) => rate)),
      await checkToolWeights(checkpoint, config),
      ...(request.has('--do_eval')
        ? [
            check(
              'evaluation',
              best !== undefined && best >= 0 && best <= 1 && checkpoint === expected,
              best === undefined
                ? '--do_eval is given, and nothing was evaluated'
                : `mIoU ${best.toFixed(4)}; ${checkpoint === expected ? 'the best model was saved' : `there is no ${expected}`}`,
            ),
            checkEvaluated(evaluation, translation.data.evaluated),
          ]
        : []),
    ],
    figures: figuresOfToolTraining({ lines, windows }),
  };
}

/** Its log has six decimals, and nothing else says what it learnt. */
function checkRates(rates: readonly number[]) {
  const most = Math.max(0, ...rates);
  return check(
    'learnt',
    most > 0,
    most > 0 ? `the largest learning rate that it logged is ${most}` : 'every learning rate that it logged is 0',
  );
}

/** What its log says of a training. */
export function figuresOfToolTraining({ lines, windows }: Pick<ToolLog, 'lines' | 'windows'>): Record<string, number> {
  const losses = (lines?.loss ?? []).map(([, loss]) => loss);
  const mIoU = lines?.mIoU.at(-1)?.[1];
  const iterations = lines?.loss.at(-1)?.[0] ?? 0;
  // The first window warms up.
  const timed = windows.length > 1 ? windows.slice(1) : windows;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const memory = windows.flatMap(({ memoryMb }) => memoryMb ?? []);
  const figures = {
    iterations,
    ...(losses.length === 0 ? {} : { 'first loss': losses[0]!, 'last loss': losses.at(-1)! }),
    ...(mIoU === undefined ? {} : { mIoU }),
    ...(timed.length === 0
      ? {}
      : {
          'batch cost (s)': mean(timed.map(({ batchCost }) => batchCost)),
          'reader cost (s)': mean(timed.map(({ readerCost }) => readerCost)),
          'ips (samples/s)': mean(timed.map(({ ips }) => ips)),
        }),
    ...(memory.length === 0 ? {} : { 'peak memory (MB)': Math.max(...memory) }),
  };
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));
}
