import { join } from 'node:path';
import { readArtefacts } from '../../steps/artefacts.js';
import type { Judgement } from '../../steps/judgement.js';
import type { Translation } from '../../steps/translation.js';
import { checkToolWeights } from './check-tool-weights.js';
import { readToolDeploy } from './read-tool-deploy.js';

/**
 * The graph and the weights that its own deploy.yaml names, and that file; of weights that are all there. Paddle 3
 * writes another file than the one that PaddleSeg names, and nothing but this says so.
 */
export async function judgeToolExport(
  { request }: Translation,
  startedAtMs: number,
): Promise<Omit<Judgement, 'engine'>> {
  const folder = request.value('--save_dir')!;
  const path = join(folder, 'deploy.yaml');
  const { model, params } = await readToolDeploy(path);
  const { artefacts, check: files } = await readArtefacts([path, model, params], startedAtMs);
  const weights = request.value('--model_path');
  const loaded = weights === null ? [] : [await checkToolWeights(weights, request.value('--config')!)];
  return { artefacts, checks: [files, ...loaded], figures: {} };
}
