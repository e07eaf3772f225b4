import { readFile } from 'node:fs/promises';
import type { EngineReport } from '../../../harness/hosts/port-contract.js';
import { readArtefacts } from '../artefacts.js';
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

/** An evaluation must have looked at pictures and found a share. */
export async function judgeEvaluationStep(
  { record: path, device }: Translation,
  startedAtMs: number,
): Promise<Judgement> {
  const { artefacts, check: files } = await readArtefacts([path], startedAtMs);
  const record: ValRecord = JSON.parse(await readFile(path, 'utf8'));
  const { mIoU, Acc, presentClasses, images, engine, seconds } = record;
  return {
    engine,
    artefacts,
    checks: [
      files,
      checkDevice(engine, device),
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
