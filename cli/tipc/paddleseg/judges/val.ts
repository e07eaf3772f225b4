import { readArtefacts } from '../../artefacts.js';
import { check, type Judgement } from '../../judges/judgement.js';
import type { Translation } from '../../translate-step.js';
import type { ToolLog } from '../read-tool-log.js';

/** Every picture was looked at and a share found, with weights: PaddleSeg evaluates noise where it is given none. Its log is all it leaves. */
export async function judgeToolEvaluation(
  { step }: Translation,
  { evaluation, loaded }: ToolLog,
  startedAtMs: number,
): Promise<Omit<Judgement, 'engine'>> {
  const { artefacts, check: files } = await readArtefacts(step.logPath === null ? [] : [step.logPath], startedAtMs);
  const { images = 0, wanted = 0, mIoU = Number.NaN, Acc = Number.NaN } = evaluation ?? {};
  return {
    artefacts,
    checks: [
      files,
      ...(loaded === null ? [check('weights', false, 'its log does not say that weights were loaded')] : []),
      check('pictures', images === wanted && images > 0, `${images} were evaluated; it was to look at ${wanted}`),
      check(
        'mIoU',
        mIoU >= 0 && mIoU <= 1 && images > 0,
        `${Number.isFinite(mIoU) ? mIoU.toFixed(4) : 'no number'} over ${images} pictures`,
      ),
    ],
    figures: Object.fromEntries(Object.entries({ mIoU, Acc, images }).filter(([, value]) => Number.isFinite(value))),
  };
}
