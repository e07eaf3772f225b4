import { modelSection, readPaddleSegConfig } from '../../../pipeline/yml/paddleseg-yml.js';
import { readArtefacts } from '../../steps/artefacts.js';
import { check, type Judgement } from '../../steps/judgement.js';
import type { Translation } from '../../steps/translation.js';
import { checkEvaluated } from './check-evaluated.js';
import type { ToolLog } from './read-tool-log.js';

/**
 * Every picture was looked at and a share found, with weights: PaddleSeg evaluates noise where it is given none. Its
 * log is all it leaves.
 */
export async function judgeToolEvaluation(
  { step, request, data }: Translation,
  startedAtMs: number,
  { evaluation, loaded }: ToolLog,
): Promise<Omit<Judgement, 'engine'>> {
  const { artefacts, check: files } = await readArtefacts(step.logPath === null ? [] : [step.logPath], startedAtMs);
  const model = String(modelSection(await readPaddleSegConfig(request.value('--config')!)).type);
  const { mIoU = Number.NaN, Acc = Number.NaN, images = 0 } = evaluation ?? {};
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
      checkEvaluated(evaluation, data.evaluated),
      check(
        'mIoU',
        mIoU >= 0 && mIoU <= 1 && Acc >= 0 && Acc <= 1 && images > 0,
        `${Number.isFinite(mIoU) ? mIoU.toFixed(4) : 'no number'}, Acc ${Number.isFinite(Acc) ? Acc.toFixed(4) : 'no number'}, over ${images} pictures`,
      ),
    ],
    figures: figuresOfToolEvaluation({ evaluation }),
  };
}

/** What its log says of an evaluation. */
export function figuresOfToolEvaluation({ evaluation }: Pick<ToolLog, 'evaluation'>): Record<string, number> {
  const { images = 0, mIoU = Number.NaN, Acc = Number.NaN } = evaluation ?? {};
  return Object.fromEntries(Object.entries({ mIoU, Acc, images }).filter(([, value]) => Number.isFinite(value)));
}
