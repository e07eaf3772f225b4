import { join, relative } from 'node:path';
import type { TipcRun } from '../../harness/result/record/tipc-run.js';
import { runIdOf } from '../../harness/run/run-id.js';
import { summariseRun } from '../../harness/run/summarise.js';
import { note } from '../../harness/support/console.js';
import { UserError } from '../../harness/support/errors.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { FileHashes } from '../inputs/file-hashes.js';
import { recordInputs } from '../inputs/record-inputs.js';
import { describeStandIns } from '../inputs/stand-in.js';
import type { TipcFile } from '../plan/form.js';
import { mostRanks } from '../plan/most-ranks.js';
import type { TipcPlan } from '../plan/plan.js';
import { readTipcFile } from '../plan/read-tipc-file.js';
import { relocatePlan } from '../plan/relocate.js';
import { findPaddleSeg, type PaddleSeg, validateTipcPort } from '../runners/paddleseg/find-paddleseg.js';
import { replacePretrained } from '../runners/paddleseg/replace-pretrained.js';
import { conversionOf } from '../steps/adapt-paddle2onnx.js';
import { readHardware } from '../steps/choose-device.js';
import { type ResolvedConfig, resolveConfig, resolvePath } from '../steps/resolve-config.js';
import { resolveDeployed } from '../steps/resolve-deployed.js';
import { hasOwnPort, paddleSegPort, portsOf } from '../steps/runner-names.js';
import { type TipcOptions, validateTipcOptions, validateTraining } from '../steps/tipc-options.js';
import type { Translation } from '../steps/translation.js';
import { checkInputs } from './check-inputs.js';
import { estimateSteps } from './estimate-steps.js';
import { lookAtData } from './look-at-data.js';
import { nameFolders } from './name-folders.js';
import { planMode } from './plan-mode.js';
import { readCommit } from './read-commit.js';
import { refuseArguments } from './refuse-arguments.js';
import { headOf, type RunHead } from './run-head.js';
import { translateAll } from './translate-all.js';
import { validatePlaces } from './validate-places.js';

/** A run that can begin: all that can be known of its file, data, ports and places has been checked. */
export interface PreparedRun {
  readonly head: RunHead;
  readonly plan: TipcPlan;
  /** Of the run's records and reports. */
  readonly folder: string;
  /** One a port. */
  readonly runs: readonly PortRun[];
  readonly shell: Omit<TipcRun, 'steps' | 'files'>;
}

export interface PortRun {
  readonly port: string;
  readonly plan: TipcPlan;
  /** The port's own folder in that of the run. */
  readonly records: string;
  readonly translations: readonly Translation[];
  readonly paddleSeg: PaddleSeg | null;
}

/** @param command the words that the user typed, for the record */
export async function prepareRun(
  named: string,
  mode: string,
  options: TipcOptions,
  command: readonly string[],
): Promise<PreparedRun> {
  validateTipcOptions(options);
  const startedAt = new Date();
  const runId = runIdOf(startedAt);
  const head = headOf(summariseRun([], { runId, startedAt, command, suite: null, partial: false }));
  const { path, notes } = resolvePath(named);
  const file = await readTipcFile(path);
  const plan = planMode(file, mode, options.benchmark);
  validateTraining(options, plan);
  const folder = join(options.reports, runId);
  for (const text of [...notes, ...plan.notes]) note(text);
  const ports = choosePorts(file, options);
  const paddleSeg = await openPaddleSeg(file, plan, ports, options);
  const configs = await resolveConfigs(plan, options, folder);
  refuseArguments(file, plan, hasOwnPort(ports));
  const planned = { plan, configs, ports };
  await checkInputs(planned);
  const hashes = new FileHashes();
  const inputs = await recordInputs({ ...planned, path, pretrained: options.pretrained }, folder, hashes);
  for (const text of describeStandIns(inputs)) note(text);
  const data = await lookAtData(planned, (picture) => hashes.of(picture)?.sha256 ?? null);
  const hardware = await readHardware(mostRanks(plan));
  const runs = await planPorts(planned, { options, hardware, paddleSeg: null, configs, data }, paddleSeg, folder);
  const translations = translationsOf({ runs });
  await validatePlaces(plan, translations, options.reports);
  const shell = {
    file: named,
    fileSha256: await hashFile(path),
    model: plan.modelName,
    mode: plan.mode,
    deviations: [...new Set(translations.flatMap(({ deviations }) => deviations))],
    allowed: options.allowed,
    required: options.required,
    ports: portsOf(file),
    startFolder: relative(folder, ''),
    commit: readCommit(),
    params: options.benchmark,
    inputs,
    planned: translations.map(({ id }) => id),
  };
  return { head, plan, folder, runs, shell };
}

/** The steps of all ports, in the order in which they run. */
export function translationsOf({ runs }: Pick<PreparedRun, 'runs'>): readonly Translation[] {
  return runs.flatMap(({ translations }) => translations);
}

type Given = Parameters<typeof translateAll>[2];

/** TIPC has one set of results: the first port's. Each other has a folder of its own in it. */
async function planPorts(
  { plan, ports }: { readonly plan: TipcPlan; readonly ports: readonly string[] },
  given: Omit<Given, 'records'>,
  paddleSeg: PaddleSeg | null,
  folder: string,
): Promise<PortRun[]> {
  const runs: PortRun[] = [];
  const folderNames = nameFolders(ports);
  for (const [at, port] of ports.entries()) {
    const placed = relocatePlan(plan, at === 0 ? plan.outputFolder : `${plan.outputFolder}/${folderNames[at]}`);
    const records = join(folder, folderNames[at]!);
    const isPaddleSeg = port === paddleSegPort && paddleSeg !== null;
    const own = isPaddleSeg ? await giveToPaddleSeg({ ...given, records }, paddleSeg, folder) : { ...given, records };
    const translations = await estimateSteps(translateAll(placed, port, own));
    runs.push({ port, plan: placed, records, translations, paddleSeg: isPaddleSeg ? paddleSeg : null });
  }
  return runs;
}

function choosePorts(file: TipcFile, { ports }: TipcOptions): readonly string[] {
  const chosen = [...new Set(ports ?? portsOf(file))];
  for (const port of chosen) validateTipcPort(port);
  return chosen;
}

/** The user's own PaddleSeg, where it is to run. */
function openPaddleSeg(
  file: TipcFile,
  plan: TipcPlan,
  ports: readonly string[],
  { python }: TipcOptions,
): Promise<PaddleSeg> | null {
  if (ports.includes(paddleSegPort)) {
    if (plan.mode !== 'paddle2onnx_infer') return findPaddleSeg(plan, file.python, python);
    throw new UserError(
      `Cannot run ${plan.mode} of ${file.path} with the port ${paddleSegPort}: it runs what a file of the form train_infer trains, exports and infers; another mode is wanted`,
    );
  }
  if (python === null) return null;
  throw new UserError(
    `Cannot use --python ${python}: no port of ${ports.join(', ')} is run by it; ${paddleSegPort} is wanted. Fix: --port ${paddleSegPort}`,
  );
}

/** Its hardware is what its Paddle can use, and other pretrained weights stand in its yml. */
async function giveToPaddleSeg(given: Given, paddleSeg: PaddleSeg, folder: string): Promise<Given> {
  const configs = new Map<string, ResolvedConfig>();
  for (const [name, config] of given.configs)
    configs.set(name, await replacePretrained(config, given.options.pretrained, ownFolder(folder, configs.size)));
  return { ...given, paddleSeg, configs, hardware: paddleSeg.hardware };
}

async function resolveConfigs(
  plan: TipcPlan,
  { crop }: TipcOptions,
  folder: string,
): Promise<Map<string, ResolvedConfig>> {
  const configs = new Map<string, ResolvedConfig>();
  for (const { kind, request } of plan.steps) {
    const name = kind === 'infer' ? null : request.value('--config');
    if (name === null || configs.has(name)) continue;
    const own = ownFolder(folder, configs.size);
    const found =
      kind === 'convert' ? resolveDeployed(conversionOf(request), crop, own) : resolveConfig(name, crop, own);
    configs.set(name, await found);
  }
  return configs;
}

/** Of ymls that a run writes: two of one name, in two folders, are two. @param at how many there are before */
function ownFolder(folder: string, at: number): string {
  return join(folder, 'configs', at === 0 ? '' : String(at + 1));
}
