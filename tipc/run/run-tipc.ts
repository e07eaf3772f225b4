import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { renderStepLine, renderSummary } from '../../harness/reporters/console.js';
import { writeReport } from '../../harness/reporters/write-report.js';
import type { Result, StepResult, TipcRun } from '../../harness/result/result.js';
import { runIdOf } from '../../harness/run/run-id.js';
import { summariseRun } from '../../harness/run/summarise.js';
import { exitCodeOfSteps, judgeSteps, summariseSteps } from '../../harness/run/summarise-steps.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { nullIfGone } from '../../harness/support/null-at.js';
import { printable } from '../../harness/support/printable.js';
import { FileHashes } from '../inputs/file-hashes.js';
import { recordFiles } from '../inputs/record-files.js';
import { recordInputs } from '../inputs/record-inputs.js';
import { describeStandIns } from '../inputs/stand-in.js';
import type { TipcFile } from '../plan/form.js';
import { mostRanks } from '../plan/most-ranks.js';
import type { TipcPlan } from '../plan/plan.js';
import { readTipcFile } from '../plan/read-tipc-file.js';
import { relocatePlan } from '../plan/relocate.js';
import { findPaddleSeg, type PaddleSeg, validateTipcPort } from '../runners/paddleseg/find-paddleseg.js';
import { replacePretrained } from '../runners/paddleseg/replace-pretrained.js';
import { openGraphRuns } from '../runners/tipcheck/graph-runs.js';
import { conversionOf } from '../steps/adapt-paddle2onnx.js';
import { readHardware } from '../steps/choose-device.js';
import { optionOf } from '../steps/options.js';
import { refuseArguments } from '../steps/refuse-arguments.js';
import { renderCommand } from '../steps/render-command.js';
import { type ResolvedConfig, resolveConfig, resolvePath } from '../steps/resolve-config.js';
import { resolveDeployed } from '../steps/resolve-deployed.js';
import { hasOwnPort, paddleSegPort, portsOf } from '../steps/runner-names.js';
import { type TipcOptions, validateTipcOptions, validateTraining } from '../steps/tipc-options.js';
import type { Translation } from '../steps/translation.js';
import { checkInputs } from './check-inputs.js';
import { estimateSteps } from './estimate-steps.js';
import { writeJudgedStep } from './judged-step.js';
import { lookAtData } from './look-at-data.js';
import { nameFolders } from './name-folders.js';
import { withFreshFolder } from './output-folder.js';
import { planMode } from './plan-mode.js';
import { readCommit } from './read-commit.js';
import { appendBanner, appendStatus } from './results-log.js';
import { headOf, type RunHead } from './run-head.js';
import { runStep, stepResult } from './run-step.js';
import { translateAll } from './translate-all.js';
import { validatePlaces } from './validate-places.js';

/**
 * `tipcheck test <file> <mode>` for a mode of TIPC's own: every step of the plan, through each port.
 * @param command the words that the user typed, for the record
 * @returns the exit code
 */
export async function runTipc(
  named: string,
  mode: string,
  options: TipcOptions,
  command: readonly string[],
): Promise<number> {
  validateTipcOptions(options);
  const startedAt = new Date();
  const runId = runIdOf(startedAt);
  const context = { runId, startedAt, command, suite: null, partial: false };
  const head = headOf(summariseRun([], context));
  const { path, notes } = resolvePath(named);
  const file = await readTipcFile(path);
  const plan = planMode(file, mode, options.benchmark);
  validateTraining(options, plan);
  const folder = join(options.reports, runId);
  for (const note of [...notes, ...plan.notes]) process.stderr.write(`note: ${printable(note)}\n`);
  const ports = choosePorts(file, options);
  const paddleSeg = await openPaddleSeg(file, plan, ports, options);
  const configs = await resolveConfigs(plan, options, folder);
  refuseArguments(file, plan, hasOwnPort(ports));
  const planned = { plan, configs, ports };
  await checkInputs(planned);
  const hashes = new FileHashes();
  const inputs = await recordInputs({ ...planned, path, pretrained: options.pretrained }, folder, hashes);
  for (const text of describeStandIns(inputs)) process.stderr.write(`note: ${printable(text)}\n`);
  const data = await lookAtData(planned, (picture) => hashes.of(picture)?.sha256 ?? null);
  const hardware = await readHardware(mostRanks(plan));
  const runs: PortRun[] = [];
  const folderNames = nameFolders(ports);
  for (const [at, port] of ports.entries()) {
    // TIPC has one set of results: the first port's. Each other has a folder of its own in it.
    const placed = relocatePlan(plan, at === 0 ? plan.outputFolder : `${plan.outputFolder}/${folderNames[at]}`);
    const records = join(folder, folderNames[at]!);
    const given = { options, hardware, paddleSeg: null, configs, records, data };
    const own = port === paddleSegPort && paddleSeg !== null ? await giveToPaddleSeg(given, paddleSeg, folder) : given;
    const translations = await estimateSteps(translateAll(placed, port, own));
    runs.push({ port, plan: placed, records, translations, paddleSeg: port === paddleSegPort ? paddleSeg : null });
  }
  const translations = runs.flatMap((run) => run.translations);
  await validatePlaces(plan, translations, options.reports);
  const shell: Omit<TipcRun, 'steps' | 'files'> = {
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
  await writeAtomicFile(join(folder, 'plan.json'), renderPlan({ ...head, ...shell }, translations));
  for (const deviation of shell.deviations) process.stderr.write(`deviation: ${printable(deviation)}\n`);
  const steps = await withFreshFolder(plan.outputFolder, runId, async (aside) => {
    if (aside !== null) process.stderr.write(`note: the results of an earlier run are in ${printable(aside)} now\n`);
    const done: StepResult[] = [];
    for (const run of runs) done.push(...(await runPort(run)));
    return done;
  });
  const files = await recordFiles(
    folder,
    steps,
    translations.flatMap(({ step }) => step.status?.file ?? []),
  );
  const result = resultOf({ ...shell, steps, files }, head);
  const written = await writeReport(folder, result);
  const reportPath = written.find((one) => one.endsWith('.html'))!;
  // Of a run that is not green the reason is the last line, where who reads a log looks.
  process.stdout.write(`${renderSummary(result, { reportPath, reasonFollows: result.verdict !== 'pass' })}\n`);
  if (result.verdict !== 'pass') process.stdout.write(`${result.verdict}: ${printable(result.summary)}\n`);
  return exitCodeOfSteps(result.tipc!);
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
async function giveToPaddleSeg(
  given: Parameters<typeof translateAll>[2],
  paddleSeg: PaddleSeg,
  folder: string,
): Promise<Parameters<typeof translateAll>[2]> {
  const configs = new Map<string, ResolvedConfig>();
  for (const [name, config] of given.configs)
    configs.set(name, await replacePretrained(config, given.options.pretrained, ownFolder(folder, configs.size)));
  return { ...given, paddleSeg, configs, hardware: paddleSeg.hardware };
}

interface PortRun {
  readonly port: string;
  readonly plan: TipcPlan;
  /** The port's own folder in that of the run. */
  readonly records: string;
  readonly translations: readonly Translation[];
  readonly paddleSeg: PaddleSeg | null;
}

async function runPort({ plan, records, translations, paddleSeg }: PortRun): Promise<StepResult[]> {
  const done = new Map<number, StepResult>();
  const tools = { translations, runGraph: openGraphRuns(records), paddleSeg };
  let opened = false;
  for (const translation of translations) {
    const { status } = translation.step;
    if (status !== null && !opened) {
      if (plan.banner !== null) await appendBanner(status.file, plan.banner);
      opened = true;
    }
    const found = await writeJudgedStep(records, await runStep(translation, done, tools));
    done.set(found.number, found);
    // What did not run did not succeed: TIPC has no third word.
    if (status !== null) await appendStatus(status, found.verdict === 'pass');
    process.stdout.write(`${renderStepLine(found)}\n`);
    for (const text of found.observed) process.stderr.write(`deviation: ${printable(`${found.id}: ${text}`)}\n`);
  }
  await removeLogits(records);
  return [...done.values()];
}

async function resolveConfigs(
  plan: TipcPlan,
  { crop }: TipcOptions,
  folder: string,
): Promise<Map<string, ResolvedConfig>> {
  const configs = new Map<string, ResolvedConfig>();
  for (const { kind, argv } of plan.steps) {
    const name = kind === 'infer' ? null : optionOf(argv, '--config');
    if (name === null || configs.has(name)) continue;
    const own = ownFolder(folder, configs.size);
    const found = kind === 'convert' ? resolveDeployed(conversionOf(argv), crop, own) : resolveConfig(name, crop, own);
    configs.set(name, await found);
  }
  return configs;
}

/** Of ymls that a run writes: two of one name, in two folders, are two. @param at how many there are before */
function ownFolder(folder: string, at: number): string {
  return join(folder, 'configs', at === 0 ? '' : String(at + 1));
}

function renderPlan(run: RunHead & Omit<TipcRun, 'steps' | 'files'>, translations: readonly Translation[]): string {
  const steps = translations.map((one) => ({
    ...stepResult(one),
    ran: one.args === null ? null : renderCommand(one.args, one.program),
  }));
  const planned = steps.map(({ id, command, ran, row, lack, reason, deviations, notes, estimate }) => ({
    ...{ id, command, runs: ran, row, lack, reason: ran === null ? reason : null, deviations, notes, estimate },
  }));
  return `${JSON.stringify({ ...run, steps: planned }, null, 2)}\n`;
}

function resultOf(tipc: TipcRun, head: RunHead): Result {
  const joined = summariseRun([], { ...head, startedAt: new Date(head.startedAt) });
  return { ...joined, ...head, verdict: judgeSteps(tipc), summary: summariseSteps(tipc), tipc };
}

/** Logits are for the judge alone, and large. Where no step wrote anything there is no folder. */
async function removeLogits(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true }).catch(nullIfGone);
  for (const file of files ?? []) if (/-logits-\d+(-rounded-\d+)?\.npy$/.test(file)) await rm(join(folder, file));
}
