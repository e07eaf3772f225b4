import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ModelSection } from '../../harness/contract/port.js';
import { describeModel } from '../../harness/run/describe-model.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { showFetches } from '../../pipeline/fetch/show-fetches.js';
import { listImages } from '../../pipeline/predict/list-images.js';
import { findMpi } from '../../pipeline/ranks/find-mpi.js';
import { fetchReleasedWeights, releasedFor } from '../../pipeline/released/fetch-released-weights.js';
import { initialWeights } from '../../pipeline/train/initial-weights.js';
import { loadPretrained } from '../../pipeline/weights/load-pretrained.js';
import { modelSection, type PaddleSegConfig, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { mostRanks } from '../plan/most-ranks.js';
import type { TipcPlan } from '../plan/plan.js';
import { readTipcFile } from '../plan/read-tipc-file.js';
import { planMode } from '../run/plan-mode.js';
import { refuseArguments } from '../run/refuse-arguments.js';
import { conversionOf } from '../steps/adapt-paddle2onnx.js';
import { resolvePath } from '../steps/resolve-config.js';
import { readDeployed } from '../steps/resolve-deployed.js';
import { hasOwnPort, portsOf } from '../steps/runner-names.js';
import { validateTraining } from '../steps/tipc-options.js';
import { placePrepared } from './place-prepared.js';
import { prepareData, prepareList } from './prepare-data.js';
import type { PrepareModeOptions } from './prepare-options.js';

/**
 * Data and weights of a mode of TIPC's own: what its steps read and do not make. Data first, so that they are there
 * where weights cannot be had.
 * @returns whether the mode has steps of which something was prepared
 */
export async function prepareTipc(
  named: string,
  mode: string,
  options: PrepareModeOptions,
  say: (text: string) => void,
): Promise<boolean> {
  const { path, notes } = resolvePath(named);
  const file = await readTipcFile(path);
  const plan = planMode(file, mode);
  const isOurs = hasOwnPort(portsOf(file));
  refuseArguments(file, plan, isOurs);
  validateTraining({ iters: null, pretrained: options.pretrained ?? null }, plan);
  for (const note of notes) say(note);
  const ranks = mostRanks(plan);
  if (ranks > 1 && isOurs) say(await describeMpi(ranks));
  if (plan.steps.some(({ kind }) => kind === 'convert')) return prepareConversion(plan, say);
  const configs = new Map<string, PaddleSegConfig>();
  for (const { kind, request } of plan.steps) {
    const yml = kind === 'infer' ? null : request.value('--config');
    if (yml !== null && !configs.has(yml)) configs.set(yml, await readPaddleSegConfig(resolvePath(yml).path));
  }
  for (const config of configs.values()) say(await prepareData(config, options.data ?? null));
  const [first] = configs.values();
  const lists = new Set(
    plan.steps.flatMap(({ kind, request }) => (kind === 'infer' ? (request.value('--image_path') ?? []) : [])),
  );
  if (first !== undefined) for (const list of lists) say(await prepareList(list, first));
  for (const [yml, config] of configs) {
    const section = modelSection(config);
    if (plan.steps.some(({ kind, request }) => kind === 'train' && request.value('--config') === yml))
      say(await preparePretrained(section, options));
  }
  for (const { kind, request } of plan.steps) {
    const weights = request.value('--model_path');
    const isMade = plan.steps.some((step) => step.kind === 'train');
    if (kind === 'export' && weights !== null && !isMade)
      say(await prepareReleased(weights, modelSection(configs.get(request.value('--config') ?? '')!), options));
  }
  return configs.size > 0;
}

/** The engines' set-up brings no Open MPI; the other rows run without. */
async function describeMpi(ranks: number): Promise<string> {
  const mpi = await findMpi();
  const row = `a row is of ${ranks} ranks`;
  return 'missing' in mpi ? `${row}, which will not run: ${mpi.missing}` : `${row}: ${mpi.version} is there`;
}

/** A conversion reads a folder that `tipcheck export` wrote, and one picture: both are looked at. */
async function prepareConversion({ steps }: TipcPlan, say: (text: string) => void): Promise<boolean> {
  for (const { kind, request } of steps) {
    if (kind === 'convert') say(`${(await readDeployed(conversionOf(request).modelFolder)).params} is there`);
    if (kind === 'infer')
      for (const { path } of await listImages(request.value('--image_path') ?? '')) say(`${path} is there`);
  }
  return true;
}

/** What the yml names as pretrained, fetched into the cache; as training will load it. */
async function preparePretrained(section: ModelSection, { pretrained }: PrepareModeOptions): Promise<string> {
  const definition = await findModel(section);
  definition.parse(section);
  const { said } = await loadPretrained(section, await initialWeights(section, 0), pretrained ?? null, {
    onProgress: showFetches(),
  });
  return `weights: ${said}`;
}

/** The released weights of the yml's backbone, where the file expects a trained model. */
async function prepareReleased(path: string, section: ModelSection, options: PrepareModeOptions): Promise<string> {
  if (existsSync(path)) return `${path} is there`;
  const models = releasedFor(section);
  const [model] = models;
  if (model === undefined)
    throw new UserError(
      `Cannot prepare ${path}: it is not there, and no weights of ${describeModel(section)} are released; trained weights are wanted there. Fix: npx tipcheck train --config <yml>, and copy its model.pdparams there`,
    );
  await placePrepared(path, `the weights ${path}`, 'put trained weights there');
  const { data: _data, pretrained: _pretrained, ...rest } = options;
  const [found] = await fetchReleasedWeights(models, {
    ...rest,
    otherwise: '--mirror <address> of a copy',
    onProgress: showFetches(),
  });
  // A copy that is cut short would be taken for the file.
  await writeAtomicFile(path, await readFile(found!.fetched.path));
  return `${path}: ${model.name}, sha256 ${found!.fetched.sha256}${found!.fetched.fromCache ? ', was in the cache' : ''}`;
}
