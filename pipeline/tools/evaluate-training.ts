import type { LoadedModel } from '../../harness/contract/port.js';
import { sumConfusions } from '../../harness/metrics/confusion.js';
import type { ProgressBar } from '../../harness/support/progress.js';
import type { EvaluationPlan } from '../config/evaluation-plan.js';
import { evaluate } from '../evaluate/evaluate.js';
import { measureSegmentation, validateCounted } from '../evaluate/measure-segmentation.js';
import { renderEval } from '../evaluate/render-eval.js';
import { type DrawnBases, openNetwork } from '../infer/open-network.js';

/** What an evaluation within a training needs beside the model. */
export interface TrainingEvaluation {
  readonly plan: EvaluationPlan;
  readonly bases: DrawnBases;
  readonly workers: number;
  readonly say: (text: string) => void;
  readonly bar: ProgressBar;
}

/** `--do_eval`: evaluates the model as it stands, and says what PaddleSeg says. */
export async function evaluateTraining(
  loaded: LoadedModel,
  { plan, bases, workers, say, bar }: TrainingEvaluation,
): Promise<{ mIoU: number; Acc: number; images: number }> {
  const { dataSet } = plan.recipe;
  const total = dataSet.pairs.length;
  say(`Start evaluating (total_samples: ${total}, total_iters: ${total})...`);
  const network = await openNetwork(loaded, plan.model, bases);
  let done = 0;
  let astray = 0;
  const found = await evaluate({
    network,
    recipe: plan.recipe,
    config: plan.testConfig,
    workers: Math.min(workers, 1),
    // As in the reference a training that has gone astray is evaluated and goes on; its own steps say where NaN arises.
    acceptsNonFinite: true,
    onImage({ allFinite }) {
      if (!allFinite()) astray++;
      bar.show('Evaluating', ++done, total);
    },
  });
  const confusion = sumConfusions(
    dataSet.classes,
    found.map((image) => image.confusion),
  );
  const measured = measureSegmentation(confusion, 1);
  validateCounted(measured, dataSet.origin);
  for (const line of renderEval(total, measured)) say(line);
  if (astray > 0)
    say(
      `Of ${astray} of ${total} images the network gives NaN or Inf: these figures, which the reference would give too, say nothing of it.`,
    );
  return { mIoU: measured.mIoU, Acc: measured.Acc, images: found.length };
}
