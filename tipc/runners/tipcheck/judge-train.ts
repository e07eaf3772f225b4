import { existsSync } from 'node:fs';
import type { TrainRecord } from '../../../pipeline/tools/records.js';
import { readArtefacts } from '../../steps/artefacts.js';
import { askedIterations, checkLearnt, checkLosses, checkpointsOf, checkWeights } from '../../steps/check-training.js';
import { check, checkDevice, type Judgement } from '../../steps/judgement.js';
import { readRecord } from '../../steps/read-record.js';
import type { Translation } from '../../steps/translation.js';

/** The first iterations of a training warm up: they are not timed where there are more. */
const skippedWindows = 1;

/**
 * What a training must have done: as many iterations as asked, a loss that is finite and moves, weights that load
 * strictly.
 */
export async function judgeTraining(translation: Translation, startedAtMs: number): Promise<Judgement> {
  const { step, request, device, record: path, data } = translation;
  const record = await readRecord<TrainRecord>(path);
  const config = request.value('--config')!;
  const asked = await askedIterations(request, config);
  const { expected, otherwise } = checkpointsOf(translation, asked);
  const checkpoint = existsSync(expected) ? expected : otherwise;
  const { artefacts, check: files } = await readArtefacts([checkpoint], startedAtMs);
  const evaluates = request.has('--do_eval');
  const images = record.evaluated.at(-1) ?? 0;
  const wanted = data.evaluated ?? 0;
  // Of NaN, JSON keeps null.
  const last: number | null | undefined = record.mIoUs.at(-1);
  return {
    engine: record.engine,
    artefacts,
    checks: [
      files,
      checkDevice(record.engine, device),
      check(
        'ranks',
        record.ranks === step.row.ranks,
        `${record.ranks} trained together; ${step.row.ranks} were asked for`,
      ),
      check(
        'iterations',
        record.iterations === asked && record.losses.length === asked,
        `${record.iterations} were made; ${asked} were asked for`,
      ),
      ...checkLosses(record.losses),
      await checkWeights(checkpoint, config),
      await checkLearnt(checkpoint, record.start),
      ...(evaluates
        ? [
            check(
              'evaluation',
              last != null && last >= 0 && last <= 1 && checkpoint === expected && images > 0 && images === wanted,
              last === undefined
                ? '--do_eval is given, and nothing was evaluated'
                : `mIoU ${last?.toFixed(4) ?? 'is not a number'} over ${images} of ${wanted} pictures; ${checkpoint === expected ? 'the best model was saved' : `there is no ${expected}`}`,
            ),
          ]
        : []),
    ],
    figures: figuresOfTraining(record),
  };
}

/** What its own record says of a training. */
export function figuresOfTraining({
  losses,
  mIoUs,
  windows,
  batchSize,
  peakRssMb,
  iterations,
}: TrainRecord): Record<string, number> {
  const timed = windows.length > skippedWindows ? windows.slice(skippedWindows) : windows;
  const mean = (pick: (window: TrainRecord['windows'][number]) => number) =>
    timed.reduce((sum, window) => sum + pick(window), 0) / timed.length;
  return {
    iterations,
    ...(losses.length === 0 ? {} : { 'first loss': losses[0]!, 'last loss': losses.at(-1)! }),
    ...(mIoUs.length === 0 ? {} : { mIoU: mIoUs.at(-1)! }),
    ...(timed.length === 0
      ? {}
      : {
          'batch cost (s)': mean(({ batchCost }) => batchCost),
          'reader cost (s)': mean(({ readerCost }) => readerCost),
          'ips (samples/s)': batchSize / mean(({ batchCost }) => batchCost),
        }),
    'peak memory (MB)': peakRssMb,
  };
}
