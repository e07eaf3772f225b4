import type { EngineReport } from '../../../harness/contract/engine-report.js';
import { UserError } from '../../../harness/support/errors.js';
import type { TipcStepKind } from '../../plan/plan.js';
import { check, checkDevice, type Judgement } from '../../steps/judgement.js';
import type { Ended } from '../../steps/run-logged.js';
import type { Translation } from '../../steps/translation.js';
import { judgeToolExport } from './export.js';
import type { PaddleSeg } from './find-paddleseg.js';
import { judgeToolInference } from './infer.js';
import { type LoadedWeights, parseToolLog, type ToolLog } from './read-tool-log.js';
import { judgeToolTraining } from './train.js';
import { judgeToolEvaluation } from './val.js';

type Judge = (translation: Translation, startedAtMs: number, log: ToolLog) => Promise<Omit<Judgement, 'engine'>>;

/** Of all kinds of steps that it runs. */
const judges: Partial<Record<TipcStepKind, Judge>> = {
  train: judgeToolTraining,
  eval: judgeToolEvaluation,
  export: judgeToolExport,
  infer: judgeToolInference,
};

/** What a step of the user's PaddleSeg that ended with 0 has done: by its log, and by the files that it left. */
export async function judgePaddleSeg(
  translation: Translation,
  { output, startedAtMs, peakMb }: Ended,
  paddleSeg: PaddleSeg,
): Promise<Judgement> {
  const judge = judgeOf(translation.step.kind);
  const log = parseToolLog(output, translation.step.logPath ?? translation.id);
  const engine = engineOf(log, translation, paddleSeg);
  const judged = await judge(translation, startedAtMs, log);
  const device = log.device === null ? [] : [checkDevice(engine, translation.device)];
  const loaded = log.loaded.length === 0 ? [] : [checkLoaded(log.loaded)];
  const [files, ...rest] = judged.checks;
  // On a GPU the log says how much of the device was held.
  const figures = { ...(peakMb === null ? {} : { 'peak memory (MB)': peakMb }), ...judged.figures };
  return { ...judged, engine, checks: [files!, ...device, ...loaded, ...rest], figures };
}

function judgeOf(kind: TipcStepKind): Judge {
  const found = judges[kind];
  if (found !== undefined) return found;
  const names = Object.keys(judges);
  throw new UserError(
    `Cannot judge a step of the kind ${kind}: nothing judges it; ${names.slice(0, -1).join(', ')} or ${names.at(-1)} is wanted`,
  );
}

/** Where a tool does not say what computed, it is what was asked of a Paddle that can. */
function engineOf(log: ToolLog, { device }: Translation, { versions, hardware, tf32 }: PaddleSeg): EngineReport {
  const able = hardware.gpus > 0 ? 'gpu' : 'cpu';
  const found = log.device ?? (device === 'auto' ? able : device);
  return {
    engine: 'PaddlePaddle',
    version: versions.paddle,
    device: found,
    provider: `PaddleSeg ${versions.paddleseg}${log.device === null ? ', which does not say what computed' : ''}`,
    tf32: found === 'cpu' ? 'not applicable' : tf32 ? 'on' : 'off',
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
