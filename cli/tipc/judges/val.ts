import { readFile } from 'node:fs/promises';
import { readPaddleSegConfig } from '../../../harness/config/paddleseg-yml.js';
import type { EngineReport } from '../../../harness/hosts/port-contract.js';
import { planEvaluation } from '../../../pipeline/config/evaluation-plan.js';
import { readArtefacts } from '../artefacts.js';
import { optionOf } from '../command-arguments.js';
import type { Translation } from '../translate-step.js';
import { check, checkDevice, type Judgement } from './judgement.js';

interface ValRecord {
  readonly engine: EngineReport;
  readonly mIoU: number | null;
  readonly Acc: number | null;
  readonly presentClasses: number;
  readonly seconds: number;
  readonly images: readonly unknown[];
}

/** An evaluation must have looked at every picture and found a share. */
export async function judgeEvaluationStep(
  { record: path, device, args }: Translation,
  startedAtMs: number,
): Promise<Judgement> {
  const { artefacts, check: files } = await readArtefacts([path], startedAtMs);
  const record: ValRecord = JSON.parse(await readFile(path, 'utf8'));
  const { mIoU, Acc, presentClasses, images, engine, seconds } = record;
  const { recipe } = await planEvaluation(await readPaddleSegConfig(optionOf(args!, '--config')!));
  const wanted = recipe.dataSet.pairs.length;
  return {
    engine,
    artefacts,
    checks: [
      files,
      checkDevice(engine, device),
      check(
        'pictures',
        images.length === wanted && wanted > 0,
        `${images.length} were evaluated; its val_dataset has ${wanted}`,
      ),
      check(
        'mIoU',
        mIoU !== null && mIoU >= 0 && mIoU <= 1 && images.length > 0 && presentClasses > 0,
        `${mIoU?.toFixed(4) ?? 'no number'} over ${images.length} pictures, with ${presentClasses} classes present`,
      ),
    ],
    figures: {
      ...(mIoU === null ? {} : { mIoU }),
      ...(Acc === null ? {} : { Acc }),
      images: images.length,
      'seconds an image': seconds / Math.max(1, images.length),
    },
  };
}
