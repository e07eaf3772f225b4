import { UserError } from '../../../harness/support/errors.js';
import type { TipcStep, TipcStepKind } from '../../plan/plan.js';
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

/** What judges of one port share; of PaddleSeg's own there is more (`run/run-step.ts`). */
export interface JudgeTools {
  readonly translations: readonly Translation[];
  readonly runGraph: ReturnType<typeof openGraphRuns>;
}

interface Script {
  /** Of the steps that it is for: it is judged by what these must show. */
  readonly kinds: readonly TipcStepKind[];
  translate(step: TipcStep, context: ScriptContext): Command;
  /** Of a step that ended well, what it has done. */
  judge(translation: Translation, startedAtMs: number, tools: JudgeTools): Promise<Judgement>;
}

const judgeGraph: Script['judge'] = async (translation, startedAtMs, { translations, runGraph }) =>
  judgeExport(translation, startedAtMs, await listJudgedImages(translation, translations), runGraph);

const judgeMasks: Script['judge'] = (translation, startedAtMs, { runGraph }) =>
  judgeInference(translation, startedAtMs, runGraph);

/** PaddleSeg's scripts, what stands in for each, and what judges it. */
const scripts: Readonly<Record<string, Script>> = {
  'tools/train.py': { kinds: ['train'], translate: translateTrain, judge: judgeTraining },
  'tools/val.py': { kinds: ['eval'], translate: translateVal, judge: judgeEvaluationStep },
  'tools/export.py': { kinds: ['export'], translate: translateExport, judge: judgeGraph },
  'deploy/python/infer.py': { kinds: ['infer'], translate: translateInfer, judge: judgeMasks },
  paddle2onnx: { kinds: ['convert'], translate: translatePaddle2Onnx, judge: judgeGraph },
  'deploy/python/infer_onnx.py': { kinds: ['infer'], translate: translateInferOnnx, judge: judgeMasks },
};

type Placed = Pick<TipcStep, 'script' | 'kind'>;

/** Why a script does not do what its step is there for; null where it does, and where nothing stands in for it. */
export function describeMisplaced({ script, kind }: Placed): string | null {
  const found = find(script);
  if (found === null || found.kinds.includes(kind)) return null;
  const wanted = Object.keys(scripts).filter((name) => scripts[name]?.kinds.includes(kind));
  return `${script} is for no step of the kind ${kind}; ${wanted.join(' or ') || 'another script'} is wanted`;
}

/** Why nothing stands in for a step's script; null where something does. */
export function describeLack(step: Placed): string | null {
  if (find(step.script) !== null) return describeMisplaced(step);
  return `nothing stands in for ${step.script === '' ? 'an empty command' : step.script}`;
}

/** Throws a UserError where nothing stands in for it. */
export function scriptOf(step: Placed): Script {
  const found = find(step.script);
  const lack = describeLack(step);
  if (found === null || lack !== null) throw new UserError(`Cannot run a step of the kind ${step.kind}: ${lack}`);
  return found;
}

function find(script: string): Script | null {
  return Object.hasOwn(scripts, script) ? (scripts[script] ?? null) : null;
}
