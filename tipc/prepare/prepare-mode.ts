import { resolve } from 'node:path';
import { out } from '../../harness/support/console.js';
import { cannot, UserError } from '../../harness/support/errors.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { planEvaluation } from '../../pipeline/config/evaluation-plan.js';
import { checkFiles } from '../../pipeline/data/check-files.js';
import { showFetches } from '../../pipeline/fetch/show-fetches.js';
import { fetchReleasedWeights, releasedModels } from '../../pipeline/released/fetch-released-weights.js';
import { readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import type { TipcFile } from '../plan/form.js';
import { formsOf, validateFormMode } from '../plan/form-modes.js';
import { readTipcFile } from '../plan/read-tipc-file.js';
import { resolvePath } from '../steps/resolve-config.js';
import { refuseMode } from '../suite/plan-suite.js';
import { parseMode, tipcModes } from '../text/modes.js';
import type { PrepareModeOptions } from './prepare-options.js';
import { prepareTipc } from './prepare-tipc.js';

/** Modes whose weights and data are part of the package. */
const shippedModes = ['lite_infer', 'lite_train', 'full_eval'];

/**
 * `tipcheck prepare <file> <mode>`: weights and data of a mode, ready to be used. Released weights are fetched before
 * the data are looked at, so that one who has yet to get the data has the weights by then.
 * @throws UserError for data that are not there, EnvironmentError for a mode that does not run or weights that cannot
 *   be had
 */
export async function prepareMode(path: string, mode: string, options: PrepareModeOptions): Promise<void> {
  const name = parseMode(mode);
  const file = await readTipcFile(resolvePath(path).path);
  if (options.pretrained !== undefined && !tipcModes.includes(name)) throw trainsNothing(name, path);
  if (shippedModes.includes(name)) return out(`${name}: its goldens are part of tipcheck; nothing is fetched`);
  if (isOfTipc(file, name) && (await prepareTipc(path, name, options, out))) return;
  if (formsOf(name).length > 0 && !tipcModes.includes(name)) validateFormMode(file, name);
  const models = releasedModels.filter((model) => model.name.startsWith(`${file.modelName}-`));
  if (name !== 'whole_infer' || models.length === 0)
    throw refuseMode(name, file.modelName, [...shippedModes, ...(models.length === 0 ? [] : ['whole_infer'])]);
  if (options.pretrained !== undefined) throw trainsNothing(name, path);
  const { data, ...rest } = options;
  const all = await fetchReleasedWeights(models, {
    ...rest,
    otherwise: '--mirror <address> of a copy',
    onProgress: showFetches(),
  });
  for (const { model, fetched } of all)
    out(`${model.name}: ${fetched.path}, sha256 ${fetched.sha256}${fetched.fromCache ? ', was there' : ''}`);
  const [first] = models;
  out(`${first!.dataSet.name}: ${await countImages(first!.config, data)} images`);
}

function trainsNothing(mode: string, path: string): UserError {
  return cannot('use', `--pretrained with ${mode} of ${path}`, 'it trains nothing', 'a mode that trains is wanted');
}

/** A file that names no weights for whole_infer leaves it to the released ones. */
function isOfTipc(file: TipcFile, mode: string): boolean {
  if (!tipcModes.includes(mode)) return false;
  return mode !== 'whole_infer' || file.namesWeights;
}

/** Cityscapes needs a licence: it is looked at, never fetched. */
async function countImages(config: string, data: string | undefined): Promise<number> {
  try {
    const { recipe } = await planEvaluation(await readPaddleSegConfig(resolve(packageRoot, config)), data);
    await checkFiles(recipe.dataSet);
    return recipe.dataSet.pairs.length;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const fix =
      'Fix: get it from https://www.cityscapes-dataset.com, which asks for a licence, and give --data <folder>';
    throw new UserError(`${error.message}. ${fix}`);
  }
}
