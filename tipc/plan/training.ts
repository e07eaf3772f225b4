import type { TipcArgument } from '../text/frame.js';
import { isGiven } from '../text/lines.js';
import { readCommand, type StepRequest } from '../text/request.js';
import type { TrainInferFile } from '../text/train-infer-file.js';
import { expectCheckpoint } from './expect-checkpoint.js';
import { planInference } from './inference.js';
import { type Launch, parseLaunch } from './launch.js';
import type { TipcCheckpoint, TipcRow, TipcStatus, TipcStep } from './plan.js';
import { type Combination, trainCommand } from './train-command.js';
import { type ChosenTrainer, chooseTrainer } from './trainer.js';
import { type PlanWriter, renderArgument } from './writer.js';

/**
 * Plans the training modes of test_train_inference_python.sh: for each entry of gpu_list, each precision and each
 * trainer, train → eval → export → inference. What the script's variables carry from one row to the next is carried
 * here too.
 */
export function planTraining(file: TrainInferFile, mode: string, outputFolder: string, writer: PlanWriter): void {
  const shell: Shell = {
    visibleDevices: null,
    checkpoint: file.train.checkpoint,
    normCheckpoint: '',
    normTrainer: null,
  };
  const { autocast, device } = file.train;
  if (autocast.values.length === 0) writer.filter('train', {}, `${autocast.key} has no item`, autocast.line);
  for (const [index, entry] of file.gpuList.values.entries()) {
    const launch = parseLaunch(entry);
    if (launch.visibleInTraining) shell.visibleDevices = launch.visibleDevices;
    const common = { file, mode, outputFolder, launch, device: device.values[index] ?? '' };
    for (const item of autocast.values)
      for (const trainer of file.trainers.values) planRow({ ...common, autocast: item, trainer }, shell, writer);
  }
}

/** What the script carries from row to row. */
interface Shell {
  visibleDevices: string | null;
  /** The checkpoint's path in the run's folder; once one was absent, the path by iterations. */
  checkpoint: string;
  /** The argument that hands the normal trainer's checkpoint to pact and fpgm. */
  normCheckpoint: string;
  /** The step that makes it. */
  normTrainer: number | null;
}

function planRow(of: Combination, shell: Shell, writer: PlanWriter): void {
  const { file, launch, autocast, trainer } = of;
  const chosen = chooseTrainer(file, trainer);
  const labels = { gpu: launch.gpu, trainer, autocast, quantised: chosen.quantised };
  if (chosen.train === 'null') {
    writer.filter('train', labels, `the command of trainer ${trainer} is null`, chosen.line);
    return;
  }
  const name = `${trainer}_gpus_${launch.gpu}_autocast_${autocast}`;
  const row: Row = {
    of,
    chosen,
    labels,
    runFolder: `${of.outputFolder}/${name}${launch.nodes > 1 ? `_nodes_${launch.nodes}` : ''}`,
    logStem: `${of.outputFolder}/${name}_nodes_${launch.nodes}`,
    status: (command, log) => ({ file: `${of.outputFolder}/results_python.log`, model: file.modelName, command, log }),
  };
  const trained = planTrain(row, shell, writer);
  noteFallback(trained.checkpoint, row, writer);
  const weights = {
    number: trained.number,
    checkpoint: trained.checkpoint,
    path: `${row.runFolder}/${shell.checkpoint}`,
  };
  if (trainer === file.commands.normal.key && launch.nodes === 1) {
    shell.normCheckpoint = renderArgument(file.train.pretrained.key, weights.path);
    shell.normTrainer = trained.number;
  }
  if (isScript(file.evaluation.command)) planEvaluation(row, weights, shell, writer);
  if (isScript(chosen.exported)) planExport(row, weights, shell, writer);
}

function noteFallback({ expected, named }: TipcCheckpoint, { of, runFolder }: Row, writer: PlanWriter): void {
  if (expected === named) return;
  const { file, trainer } = of;
  writer.notes.add(
    `${file.path}:${file.trainers.line}: TIPC goes on with ${named} of an earlier trainer, where ${trainer} makes ${expected} in ${runFolder}`,
  );
}

interface Row {
  readonly of: Combination;
  readonly chosen: ChosenTrainer;
  readonly labels: Partial<TipcRow>;
  readonly runFolder: string;
  readonly logStem: string;
  readonly status: (command: string, log: string) => TipcStatus;
}

interface Weights {
  /** The step that makes them. */
  readonly number: number;
  readonly checkpoint: TipcCheckpoint;
  readonly path: string;
}

function planTrain(row: Row, shell: Shell, writer: PlanWriter): { number: number; checkpoint: TipcCheckpoint } {
  const { of, chosen, labels, runFolder, logStem } = row;
  const { file, launch, trainer } = of;
  const fromNorm = (trainer === file.commands.pact.key || trainer === file.commands.fpgm.key) && launch.nodes === 1;
  const { own, launcher } = trainCommand(of, chosen.train, runFolder, fromNorm ? shell.normCheckpoint : null);
  const command = `${file.python} ${launcher}${own}`;
  const { script, request } = readCommand(own);
  const checkpoint = expectCheckpoint(of, shell.checkpoint, { script, request });
  shell.checkpoint = checkpoint.named;
  const number = writer.step({
    kind: 'train',
    command,
    own,
    status: row.status(command, `${logStem}.log`),
    visibleDevices: shell.visibleDevices,
    row: {
      ...labels,
      ranks: launch.ranks,
      nodes: launch.nodes,
      device: deviceOf(request, launch),
      batchSize: file.train.batchSize.values.get(of.mode) ?? null,
    },
    runFolder,
    checkpoint,
    unasked: findUnasked(of, request),
    logPath: `${logStem}.log`,
    dependsOn: fromNorm && shell.normTrainer !== null ? [shell.normTrainer] : [],
    line: chosen.line,
  });
  return { number, checkpoint };
}

/** What TIPC leaves out of the command in silence; a command that says it itself leaves nothing open. */
function findUnasked({ file: { path, train }, mode }: Combination, request: StepRequest): TipcStep['unasked'] {
  const open = [
    { key: 'iters', name: '--iters', given: train.iters },
    { key: 'batchSize', name: '--batch_size', given: train.batchSize },
  ] as const;
  return open
    .filter(({ name, given }) => !given.values.has(mode) && !request.has(name))
    .map(({ key, name, given }) => ({
      key,
      text: `${path}:${given.line}: ${isGiven(given.key) ? given.key : name} has no value for ${mode}; the yml's applies`,
    }));
}

function planEvaluation(
  { of, labels, runFolder, logStem, status }: Row,
  weights: Weights,
  shell: Shell,
  writer: PlanWriter,
): void {
  const { file, launch } = of;
  const { command: tool, free } = file.evaluation;
  const own = [
    tool.value,
    renderArgument(file.train.pretrained.key, weights.path),
    renderArgument(file.train.device.key, of.device),
    renderArgument(free.key, free.value),
  ].join(' ');
  const command = `${file.python} ${own}`;
  writer.step({
    kind: 'eval',
    command,
    own,
    status: status(command, `${logStem}_eval.log`),
    visibleDevices: shell.visibleDevices,
    row: { ...labels, device: deviceOf(readCommand(own).request, launch) },
    runFolder,
    checkpoint: weights.checkpoint,
    logPath: `${logStem}_eval.log`,
    dependsOn: [weights.number],
    line: tool.line,
  });
}

/** Export, and inference of what it makes: CUDA_VISIBLE_DEVICES is set between the two, and gone afterwards. */
function planExport(row: Row, weights: Weights, shell: Shell, writer: PlanWriter): void {
  const { of, chosen, labels, runFolder, logStem } = row;
  const { file, launch } = of;
  const own = [
    chosen.exported.value,
    renderArgument(file.exports.weights.key, weights.path),
    renderArgument(file.exports.saveDir.key, runFolder),
  ].join(' ');
  const command = `${file.python} ${own}`;
  const exported = writer.step({
    kind: 'export',
    command,
    own,
    status: row.status(command, `${logStem}_export.log`),
    visibleDevices: shell.visibleDevices,
    row: labels,
    runFolder,
    checkpoint: weights.checkpoint,
    logPath: `${logStem}_export.log`,
    dependsOn: [weights.number],
    line: chosen.exported.line,
  });
  const folder = file.infer.folder.value;
  planInference(
    file,
    {
      outputFolder: of.outputFolder,
      modelFolder: folder === 'null' || folder === '##' ? runFolder : `${runFolder}/${folder}`,
      images: file.train.inferImages.value,
      quantised: chosen.quantised ? 'True' : 'False',
      gpu: launch.gpu,
      visibleDevices: launch.visibleDevices ?? shell.visibleDevices,
      row: labels,
      runFolder,
      dependsOn: [exported],
    },
    writer,
  );
  shell.visibleDevices = null;
}

/** Null ends a stage; so does a line that the file does not have. */
function isScript(command: TipcArgument): boolean {
  return command.value !== 'null' && command.value !== '';
}

/** The last --device of the command; PaddleSeg's tools take the GPU where none is named. */
function deviceOf(request: StepRequest, launch: Launch): TipcRow['device'] {
  const device = request.value('--device');
  if (device === 'cpu' || device === 'gpu') return device;
  return launch.gpu === '-1' ? null : 'gpu';
}
