import { planEvaluation } from '../../pipeline/config/evaluation-plan.js';
import { listImages } from '../../pipeline/predict/list-images.js';
import { readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import type { Translation } from './translation.js';

/** How many pictures' logits are kept for the judge. */
export const judgedImages = 5;

/**
 * The pictures by which an exported model is judged: those that it will infer, else the first of its yml's val_dataset.
 */
export async function listJudgedImages({ step, request }: Translation, all: readonly Translation[]): Promise<string[]> {
  const reader = all.find((one) => one.step.kind === 'infer' && one.step.dependsOn.includes(step.number));
  const path = reader?.request.value('--image_path') ?? null;
  if (path !== null) return (await listImages(path)).slice(0, judgedImages).map((image) => image.path);
  const { recipe } = await planEvaluation(await readPaddleSegConfig(request.value('--config')!));
  return recipe.dataSet.pairs.slice(0, judgedImages).map(({ image }) => image);
}
