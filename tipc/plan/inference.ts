import type { TipcList } from '../text/frame.js';
import type { TrainInferFile } from '../text/train-infer-file.js';
import type { TipcRow } from './plan.js';
import { type PlanWriter, renderArgument } from './writer.js';

/** One call of the inference matrix. */
export interface InferenceOf {
  readonly outputFolder: string;
  /** The exported model's folder. */
  readonly modelFolder: string;
  readonly images: string;
  /** As it stands in the file: `True`, `False`, or what else is there. */
  readonly quantised: string;
  /** The label in names of logs. */
  readonly gpu: string;
  readonly visibleDevices: string | null;
  readonly row: Partial<TipcRow>;
  readonly runFolder: string | null;
  readonly dependsOn: readonly number[];
}

/** Plans the inference matrix of an exported model, as func_inference of test_train_inference_python.sh. */
export function planInference(file: TrainInferFile, of: InferenceOf, writer: PlanWriter): void {
  for (const device of file.infer.device.values) {
    if (device === 'cpu' || device === 'False') planOnCpu(file, of, device, writer);
    else if (device === 'gpu' || device === 'True') planOnGpu(file, of, device, writer);
    else
      writer.filter(
        'infer',
        of.row,
        `${file.infer.device.key} has the item ${device}, which is neither cpu nor gpu`,
        file.infer.device.line,
      );
  }
  filterEmpty([file.infer.device], of, writer);
}

function planOnCpu(file: TrainInferFile, of: InferenceOf, device: string, writer: PlanWriter): void {
  const { mkldnn, threads, batchSize, precision } = file.infer;
  filterEmpty([mkldnn, threads, batchSize, precision], of, writer);
  const rows = mkldnn.values.flatMap((mkldnn) =>
    threads.values.flatMap((threads) =>
      batchSize.values.flatMap((batchSize) =>
        precision.values.map((precision) => ({ mkldnn, threads, batchSize, precision })),
      ),
    ),
  );
  for (const found of rows) {
    const row: Partial<TipcRow> = { ...of.row, ...found, device: 'cpu' };
    const reason = filteredOnCpu(of.quantised, found);
    if (reason !== null) {
      writer.filter('infer', row, reason, precision.line);
      continue;
    }
    const name = `usemkldnn_${found.mkldnn}_threads_${found.threads}_precision_${found.precision}_batchsize_${found.batchSize}`;
    const results = `${of.outputFolder}/python_infer_cpu_${name}_results`;
    const [free] = file.infer.free;
    addStep(file, of, writer, {
      row,
      logPath: `${of.outputFolder}/python_infer_cpu_gpu_${of.gpu}_${name}.log`,
      resultsFolder: free.key === '--save_dir' ? results : null,
      own: [
        file.infer.command.value,
        `${file.infer.device.key}=${device}`,
        `${mkldnn.key}=${found.mkldnn}`,
        renderArgument(threads.key, found.threads),
        ...commonArguments(file, of, found.batchSize),
        renderArgument(precision.key, found.precision),
        renderArgument(free.key, results),
        renderArgument(file.infer.free[1].key, file.infer.free[1].value),
      ].join(' '),
    });
  }
}

function planOnGpu(file: TrainInferFile, of: InferenceOf, device: string, writer: PlanWriter): void {
  const { tensorRt, precision, batchSize } = file.infer;
  filterEmpty([tensorRt, precision, batchSize], of, writer);
  const rows = tensorRt.values.flatMap((tensorRt) => precision.values.map((precision) => ({ tensorRt, precision })));
  for (const found of rows) {
    const reason = filteredOnGpu(of.quantised, found);
    if (reason !== null) writer.filter('infer', { ...of.row, ...found, device: 'gpu' }, reason, precision.line);
    for (const size of reason === null ? batchSize.values : []) {
      const name = `usetrt_${found.tensorRt}_precision_${found.precision}_batchsize_${size}`;
      addStep(file, of, writer, {
        row: { ...of.row, ...found, batchSize: size, device: 'gpu' },
        logPath: `${of.outputFolder}/python_infer_gpu_gpu_${of.gpu}_${name}.log`,
        resultsFolder: null,
        own: [
          file.infer.command.value,
          `${file.infer.device.key}=${device}`,
          renderArgument(tensorRt.key, found.tensorRt),
          renderArgument(precision.key, found.precision),
          ...commonArguments(file, of, size),
          renderArgument(file.infer.free[1].key, file.infer.free[1].value),
        ].join(' '),
      });
    }
  }
}

function commonArguments(file: TrainInferFile, of: InferenceOf, batchSize: string): string[] {
  return [
    renderArgument(file.infer.config.key, `${of.modelFolder}/deploy.yaml`),
    renderArgument(file.infer.batchSize.key, batchSize),
    renderArgument(file.infer.images.key, of.images),
    renderArgument(file.infer.benchmark.key, file.infer.benchmark.value),
  ];
}

function addStep(
  file: TrainInferFile,
  of: InferenceOf,
  writer: PlanWriter,
  draft: { row: Partial<TipcRow>; logPath: string; resultsFolder: string | null; own: string },
): void {
  const command = `${file.python} ${draft.own} > ${draft.logPath} 2>&1 `;
  writer.step({
    ...draft,
    kind: 'infer',
    command,
    status: { file: `${of.outputFolder}/results_python.log`, model: file.modelName, command, log: draft.logPath },
    visibleDevices: of.visibleDevices,
    runFolder: of.runFolder,
    dependsOn: of.dependsOn,
    line: file.infer.command.line,
  });
}

/** A list without an item leaves no row at all. */
function filterEmpty(lists: readonly TipcList[], of: InferenceOf, writer: PlanWriter): void {
  const empty = lists.find(({ values }) => values.length === 0);
  if (empty === undefined) return;
  const name = empty.line === 0 ? 'a list that the file ends before' : empty.key;
  writer.filter('infer', of.row, `${name} has no item`, empty.line);
}

/** Why TIPC passes over a row on the CPU, or null. A flag that is neither True nor False stops nothing. */
function filteredOnCpu(quantised: string, row: { mkldnn: string; precision: string }): string | null {
  if (row.mkldnn === 'False' && quantised === 'True') return 'a quantised model runs on a CPU only with mkldnn';
  if (row.mkldnn === 'False' && row.precision === 'fp16') return 'fp16 runs on a CPU only with mkldnn';
  if (quantised === 'True' && row.precision !== 'int8') return 'a quantised model runs on a CPU only in int8';
  if (quantised === 'False' && row.precision !== 'fp32')
    return 'a model that is not quantised runs on a CPU only in fp32';
  return null;
}

/** Why TIPC passes over a row on a GPU, or null. */
function filteredOnGpu(quantised: string, row: { tensorRt: string; precision: string }): string | null {
  const int8 = row.precision.includes('int8');
  if (quantised === 'False' && int8) return 'int8 is for quantised models';
  if ((row.precision.includes('fp16') || int8) && row.tensorRt === 'False')
    return `${row.precision} runs on a GPU only with TensorRT`;
  if (quantised === 'True' && row.tensorRt === 'False') return 'a quantised model runs on a GPU only with TensorRT';
  if (quantised === 'True' && int8) return "TIPC's filter leaves out int8 of quantised models on a GPU";
  return null;
}
