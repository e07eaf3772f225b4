import type { EngineReport } from '../../../harness/contract/engine-report.js';
import { UserError } from '../../../harness/support/errors.js';
import { check, checkDevice, type Judgement } from '../../steps/judgement.js';
import type { Ended } from '../../steps/run-logged.js';
import type { Translation } from '../../steps/translation.js';
import { judgeToolExport } from './export.js';
import type { PaddleSeg } from './find-paddleseg.js';
import { judgeToolInference } from './infer.js';
import { type LoadedWeights, parseToolLog, type ToolLog } from './read-tool-log.js';
import { judgeToolTraining } from './train.js';
import { judgeToolEvaluation } from './val.js';

/** What a step of the user's PaddleSeg that ended with 0 has done: by its log, and by the files that it left. */
export async function judgePaddleSeg(
  translation: Translation,
  { output, startedAtMs, peakMb }: Ended,
  paddleSeg: PaddleSeg,
): Promise<Judgement> {
  const log = parseToolLog(output, translation.step.logPath ?? translation.id);
  const engine = engineOf(log, translation, paddleSeg);
  const judged = await judgeBy(translation, log, startedAtMs);
  const device = log.device === null ? [] : [checkDevice(engine, translation.device)];
  const loaded = log.loaded.length === 0 ? [] : [checkLoaded(log.loaded)];
  const [files, ...rest] = judged.checks;
  // On a GPU the log says how much of the device was held.
  const figures = { ...(peakMb === null ? {} : { 'peak memory (MB)': peakMb }), ...judged.figures };
  return { ...judged, engine, checks: [files!, ...device, ...loaded, ...rest], figures };
}

function judgeBy(translation: Translation, log: ToolLog, startedAtMs: number): Promise<Omit<Judgement, 'engine'>> {
  switch (translation.step.kind) {
    case 'train':
      return judgeToolTraining(translation, log, startedAtMs);
    case 'eval':
      return judgeToolEvaluation(translation, log, startedAtMs);
    case 'export':
      return judgeToolExport(translation, startedAtMs);
    case 'infer':
      return judgeToolInference(translation, startedAtMs);
    default:
      throw new UserError(
        `Cannot judge a step of the kind ${translation.step.kind}: nothing judges it; another is wanted`,
      );
  }
}

/** Where a tool does not say what computed, it is what was asked of a Paddle that can. */
function engineOf(log: ToolLog, { device }: Translation, { versions, hardware }: PaddleSeg): EngineReport {
  const able = hardware.gpus > 0 ? 'gpu' : 'cpu';
  const found = log.device ?? (device === 'auto' ? able : device);
  return {
    engine: 'PaddlePaddle',
    version: versions.paddle,
    device: found,
    provider: `PaddleSeg ${versions.paddleseg}${log.device === null ? ', which does not say what computed' : ''}`,
    tf32: found === 'cpu' ? 'not applicable' : process.env.NVIDIA_TF32_OVERRIDE === '0' ? 'off' : 'on',
    details: { Python: versions.python },
  };
}

/**
 * PaddleSeg warns of tensors that it does not find, and goes on. A backbone may be loaded whole, and then a model in
 * part.
 */
function checkLoaded(loaded: readonly LoadedWeights[]) {
  const { found, wanted } = loaded.find((one) => one.found !== one.wanted) ?? loaded.at(-1)!;
  return check('weights', found === wanted && wanted > 0, `${found} of ${wanted} variables were loaded`);
}
