import { modelSection, readPaddleSegConfig } from '../../../../harness/config/paddleseg-yml.js';
import { readArtefacts } from '../../artefacts.js';
import { optionOf } from '../../command-arguments.js';
import { check, type Judgement } from '../../judges/judgement.js';
import type { Translation } from '../../translate-step.js';
import type { ToolLog } from '../read-tool-log.js';

/** Every picture was looked at and a share found, with weights: PaddleSeg evaluates noise where it is given none. Its log is all it leaves. */
export async function judgeToolEvaluation(
  { step, args }: Translation,
  { evaluation, loaded }: ToolLog,
  startedAtMs: number,
): Promise<Omit<Judgement, 'engine'>> {
  const { artefacts, check: files } = await readArtefacts(step.logPath === null ? [] : [step.logPath], startedAtMs);
  const model = String(modelSection(await readPaddleSegConfig(optionOf(args!, '--config')!)).type);
  const { images = 0, wanted = 0, mIoU = Number.NaN, Acc = Number.NaN } = evaluation ?? {};
  return {
    artefacts,
    checks: [
      files,
      // A function may stand for the class that the log names: DDRNet_23 for DDRNet.
      check(
        'model',
        loaded.some(({ into }) => model.startsWith(into)),
        `its log names weights for ${loaded.map(({ into }) => into).join(', ') || 'nothing'}; ${model} is wanted`,
      ),
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
