import type { TipcStep } from '../../plan/plan.js';
import type { Judgement } from '../../steps/judgement.js';
import { listJudgedImages } from '../../steps/list-judged-images.js';
import type { Command, ScriptContext } from '../../steps/script-context.js';
import type { Translation } from '../../steps/translation.js';
import { translateExport } from './export.js';
import type { openGraphRuns } from './graph-runs.js';
import { translateInfer } from './infer.js';
import { judgeExport } from './judge-export.js';
import { judgeInference } from './judge-infer.js';
import { judgeTraining } from './judge-train.js';
import { judgeEvaluationStep } from './judge-val.js';
import { translateInferOnnx, translatePaddle2Onnx } from './paddle2onnx.js';
import { translateTrain } from './train.js';
import { translateVal } from './val.js';

/** What judges of one port share. */
export interface JudgeTools {
  readonly translations: readonly Translation[];
  readonly runGraph: ReturnType<typeof openGraphRuns>;
}

interface Script {
  translate(step: TipcStep, context: ScriptContext): Command;
  /** Of a step that ended well, what it has done. */
  judge(translation: Translation, startedAtMs: number, tools: JudgeTools): Promise<Judgement>;
}

const judgeGraph: Script['judge'] = async (translation, startedAtMs, { translations, runGraph }) =>
  judgeExport(translation, startedAtMs, await listJudgedImages(translation, translations), runGraph);

const judgeMasks: Script['judge'] = (translation, startedAtMs, { runGraph }) =>
  judgeInference(translation, startedAtMs, runGraph);

/** PaddleSeg's scripts, what stands in for each, and what judges it. */
export const scripts: Readonly<Record<string, Script>> = {
  'tools/train.py': { translate: translateTrain, judge: judgeTraining },
  'tools/val.py': { translate: translateVal, judge: judgeEvaluationStep },
  'tools/export.py': { translate: translateExport, judge: judgeGraph },
  'deploy/python/infer.py': { translate: translateInfer, judge: judgeMasks },
  paddle2onnx: { translate: translatePaddle2Onnx, judge: judgeGraph },
  'deploy/python/infer_onnx.py': { translate: translateInferOnnx, judge: judgeMasks },
};
