import { plainFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan } from '../plan/plan.js';
import { type PlanWriter, planWriter, renderArgument } from '../plan/writer.js';
import type { TipcArgument, TipcFrame, TipcList } from '../text/frame.js';
import { isTitled, type TipcLine } from '../text/lines.js';
import { positionReader } from '../text/positions.js';
import { validateKeys } from '../text/validate-keys.js';

export const form: TipcForm = {
  name: 'ptq',
  rank: 3,
  title: '===ptq_params===',
  modes: ['whole_infer'],
  recognise: (lines) => isTitled(lines, 'ptq'),
  parse(lines, path) {
    const file = parsePtq(lines, path);
    return plainFile(file, (mode) => planPtq(file, mode));
  },
};

/** test_ptq_inference_python.sh: quantisation after training, and inference of the quantised model. */
interface PtqFile extends TipcFrame {
  readonly form: 'ptq';
  readonly python: string;
  /** The value alone is read; the key is that of inference's device. */
  readonly device: TipcArgument;
  readonly modelFolder: TipcArgument;
  readonly outputFolder: TipcArgument;
  readonly config: TipcArgument;
  readonly batches: TipcArgument;
  /** The value alone is read; the key is that of inference's batch size. */
  readonly batchSize: TipcArgument;
  readonly quantise: TipcArgument;
  readonly infer: {
    readonly command: TipcArgument;
    readonly device: TipcList;
    readonly batchSize: TipcList;
    readonly config: TipcArgument;
    readonly images: TipcArgument;
    readonly benchmark: TipcArgument;
  };
}

function parsePtq(lines: readonly TipcLine[], path: string): PtqFile {
  validateKeys(lines, { 2: 'model_name', 3: 'python', 11: 'trainer', 15: 'inference' }, path);
  const at = positionReader(lines, 19, path);
  return {
    form: 'ptq',
    path,
    modelName: at.required(2),
    python: at.required(3),
    device: at.argument(4),
    modelFolder: at.argument(5),
    outputFolder: at.argument(6),
    config: at.argument(7),
    batches: at.argument(8),
    batchSize: at.argument(9),
    quantise: at.argument(12),
    infer: {
      command: at.argument(15),
      device: at.words(16, ['cpu', 'gpu', 'True', 'False']),
      batchSize: at.counts(17),
      config: at.argument(18),
      images: at.argument(19),
      benchmark: at.argument(20),
    },
    notes: [],
  };
}

function planPtq(file: PtqFile, mode: string): TipcPlan {
  const writer = planWriter();
  const outputFolder = `./test_tipc/output/${file.modelName}/${mode}`;
  const log = `${outputFolder}/export.log`;
  const own = [
    file.quantise.value,
    renderArgument(file.infer.device.key, file.device.value),
    renderArgument(file.modelFolder.key, file.modelFolder.value),
    renderArgument(file.batches.key, file.batches.value),
    renderArgument(file.infer.batchSize.key, file.batchSize.value),
    renderArgument(file.config.key, file.config.value),
    renderArgument(file.outputFolder.key, file.outputFolder.value),
  ].join(' ');
  const command = `${file.python} ${own} > ${log} 2>&1`;
  const quantised = writer.step({
    kind: 'quantise',
    command,
    own,
    status: { file: `${outputFolder}/results_python.log`, model: file.modelName, command, log },
    row: { quantised: true },
    runFolder: file.modelFolder.value,
    logPath: log,
    line: file.quantise.line,
  });
  for (const device of file.infer.device.values) planDevice(file, { device, outputFolder, quantised }, writer);
  return writer.finish(file, { mode, outputFolder, banner: null });
}

function planDevice(
  file: PtqFile,
  { device, outputFolder, quantised }: { device: string; outputFolder: string; quantised: number },
  writer: PlanWriter,
): void {
  const { command: script, config, images, benchmark } = file.infer;
  const on = ({ cpu: 'cpu', False: 'cpu', gpu: 'gpu', True: 'gpu' } as const)[device];
  if (on === undefined) {
    const reason = `${file.infer.device.key} has the item ${device}, which is neither cpu nor gpu`;
    writer.filter('infer', { quantised: true }, reason, file.infer.device.line);
    return;
  }
  for (const size of file.infer.batchSize.values) {
    const log = `${outputFolder}/python_infer_${on}_batchsize_${size}.log`;
    const own = [
      script.value,
      `${file.infer.device.key}=${device}`,
      renderArgument(config.key, config.value),
      renderArgument(file.infer.batchSize.key, size),
      renderArgument(images.key, images.value),
      renderArgument(benchmark.key, benchmark.value),
    ].join(' ');
    const command = `${file.python} ${own} > ${log} 2>&1 `;
    writer.step({
      kind: 'infer',
      command,
      own,
      status: { file: `${outputFolder}/results_python.log`, model: file.modelName, command, log },
      row: { device: on, batchSize: size, quantised: true },
      logPath: log,
      dependsOn: [quantised],
      line: script.line,
    });
  }
}
