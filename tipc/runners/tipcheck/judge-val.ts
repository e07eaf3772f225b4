import type { ValRecord } from '../../../pipeline/tools/records.js';
import { readArtefacts } from '../../steps/artefacts.js';
import { check, checkDevice, type Judgement } from '../../steps/judgement.js';
import { readRecord } from '../../steps/read-record.js';
import type { Translation } from '../../steps/translation.js';

/** An evaluation must have looked at every picture and found a share. */
export async function judgeEvaluationStep(
  { record: path, device, data }: Translation,
  startedAtMs: number,
): Promise<Judgement> {
  const { artefacts, check: files } = await readArtefacts([path], startedAtMs);
  const record = await readRecord<ValRecord>(path);
  const { mIoU, presentClasses, images, engine } = record;
  const wanted = data.evaluated ?? 0;
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
    observed: describePredicted(record.confusion),
    figures: figuresOfEvaluation(record),
  };
}

/** What its own record says of an evaluation. */
export function figuresOfEvaluation({ mIoU, Acc, images, seconds }: ValRecord): Record<string, number> {
  return {
    ...(mIoU === null ? {} : { mIoU }),
    ...(Acc === null ? {} : { Acc }),
    images: images.length,
    'seconds an image': seconds / Math.max(1, images.length),
  };
}

/** A network that gives one class everywhere has an mIoU as well. */
function describePredicted(confusion: ValRecord['confusion']): string[] {
  const classes = (confusion[0] ?? []).flatMap((_, at) => (confusion.some((row) => row[at]! > 0) ? [at] : []));
  return classes.length === 1 ? [`the class ${classes[0]} is predicted for every pixel of every picture`] : [];
}
