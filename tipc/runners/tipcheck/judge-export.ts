import { join, resolve } from 'node:path';
import { readDeployFile } from '../../../pipeline/deploy/deploy-file.js';
import { readArtefacts } from '../../steps/artefacts.js';
import { checkUnknownWeights } from '../../steps/check-training.js';
import { compareLogits } from '../../steps/compare-logits.js';
import type { Judgement } from '../../steps/judgement.js';
import type { Translation } from '../../steps/translation.js';
import type { openGraphRuns } from './graph-runs.js';

/**
 * An exported graph must give the logits of the weights that it was made of, by an engine that is not the exporter's.
 */
export async function judgeExport(
  { request, config }: Translation,
  startedAtMs: number,
  images: readonly string[],
  runGraph: ReturnType<typeof openGraphRuns>,
): Promise<Judgement> {
  const path = config?.deployed?.deploy ?? join(request.value('--save_dir')!, 'deploy.yaml');
  const { model, params } = await readDeployFile(path);
  // whole_infer exports into the folder of its weights, which are then no copy; a conversion writes the graph alone.
  const copied = resolve(params) === resolve(request.value('--model_path')!) ? [] : [params];
  const made = config?.deployed === undefined ? [model, ...copied, path] : [model];
  const { artefacts, check: files } = await readArtefacts(made, startedAtMs);
  const { graph, eager } = await runGraph(path, images, 1);
  const compared = await compareLogits('graph', {
    actual: graph.logits,
    expected: eager.logits,
    rounded: eager.rounded,
  });
  const weights = await checkUnknownWeights(params);
  return { engine: graph.engine, artefacts, checks: [files, weights, ...compared.checks], figures: compared.figures };
}
