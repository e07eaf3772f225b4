import { basename } from 'node:path';
import { UserError } from '../../harness/support/errors.js';
import { type BenchmarkDevices, parseBenchmarkParams } from '../text/benchmark-params.js';
import type { TipcArgument } from '../text/frame.js';
import { parseTrainBenchmark, type TrainBenchmark } from '../text/sections.js';
import type { TrainInferFile } from '../text/train-infer-file.js';
import type { TipcPlan, TipcPlanOptions } from './plan.js';
import { planTraining } from './training.js';
import { bannerOf, type PlanWriter, planWriter } from './writer.js';

/**
 * Plans benchmark_train.sh: training for a fixed number of iterations for each batch size, precision and
 * number of GPUs, on one GPU once more before with the profiler, and figures from each log.
 * Throws a UserError for a file without the section, for which the script runs nothing and succeeds.
 */
export function planBenchmark(file: TrainInferFile, options: TipcPlanOptions): TipcPlan {
  if (file.trainBenchmark === null)
    throw new UserError(
      `Cannot plan mode ${mode} of ${file.path}: it has no section train_benchmark_params; batch_size, fp_items and epoch under that title are wanted`,
    );
  const trainBenchmark = parseTrainBenchmark(file.trainBenchmark, file.path);
  validateLineNumbers(file);
  const writer = planWriter();
  const outputFolder = `./test_tipc/output/${file.modelName}/${mode}`;
  const params = parseBenchmarkParams(options.benchmark ?? null, trainBenchmark, file.path);
  const { runMode, toStatic } = params;
  const prepared = prepareFile(toStatic ? withStaticTrainer(file, writer) : file, trainBenchmark.iters);
  const of = { file: prepared, benchmark: trainBenchmark, outputFolder, options, runMode, toStatic };
  if (trainBenchmark.flags.length > 0)
    writer.notes.add(`TIPC exports ${trainBenchmark.flags.join(' ')} before it trains`);
  for (const batchSize of params.batchSizes)
    for (const precision of params.precisions)
      for (const devices of params.devices) planConfiguration({ ...of, batchSize, precision, devices }, writer);
  return writer.finish(file, { mode, outputFolder, banner: bannerOf(mode) });
}

const mode = 'benchmark_train';

interface Configuration {
  readonly file: TrainInferFile;
  readonly benchmark: TrainBenchmark;
  readonly outputFolder: string;
  readonly options: TipcPlanOptions;
  readonly batchSize: number;
  readonly precision: string;
  readonly devices: BenchmarkDevices;
  readonly runMode: string;
  readonly toStatic: boolean;
}

/** One card: the script profiles before it trains, and names no model in its status lines. */
function isSingle({ gpus }: BenchmarkDevices): boolean {
  return gpus.length <= 1;
}

/**
 * The script replaces the text `trainer:norm_train`, whatever trainer the section names; a trainer of another name
 * stays.
 */
function withStaticTrainer(file: TrainInferFile, writer: PlanWriter): TrainInferFile {
  const { trainers, toStatic } = file;
  const values = trainers.values.map((name, at) => (at === 0 ? name.replace(/^norm_train/, staticTrainer) : name));
  if (toStatic?.trainer !== staticTrainer || !values.includes(staticTrainer))
    writer.notes.add(
      `${file.path}:${trainers.line}: TIPC trains by ${values.join(', ')}, which to_static_train_benchmark_params does not name: nothing is static`,
    );
  return { ...file, trainers: { ...trainers, values } };
}

const staticTrainer = 'to_static_train';

/** The script replaces lines by their numbers in the file, empty ones counted, and positions are without them. */
function validateLineNumbers({ path, exports }: TrainInferFile): void {
  if (exports.normal.line === 30) return;
  throw new UserError(
    `Cannot plan mode ${mode} of ${path}: ${exports.normal.key} stands in line ${exports.normal.line}; line 30 is wanted, for the script replaces lines by number and counts empty ones. Fix: remove the empty lines before it`,
  );
}

/** The copy that the script makes: another interpreter, no evaluation, no export by the normal trainer. */
function prepareFile(file: TrainInferFile, iters: number): TrainInferFile {
  const none = (argument: TipcArgument): TipcArgument => ({ ...argument, value: 'null' });
  return {
    ...file,
    python: 'python',
    train: { ...file.train, iters: { ...file.train.iters, values: new Map([[mode, String(iters)]]) } },
    evaluation: { ...file.evaluation, command: none(file.evaluation.command) },
    exports: { ...file.exports, normal: none(file.exports.normal) },
  };
}

function planConfiguration(of: Configuration, writer: PlanWriter): void {
  const { file, benchmark, devices } = of;
  if (isSingle(devices)) {
    const { key, value } = benchmark.profiler;
    // The script puts the whole line between double quotes, which the shell that trains removes.
    const profiled = { ...file.train.free, key: `"${key}`, value: `${value}"` };
    planRun(of, key.includes('/') || value.includes('/') ? file.train.free : profiled, writer);
  }
  const trained = planRun(of, { ...file.train.free, value: 'null' }, writer);
  planAnalysis(of, trained, writer);
}

/** @returns the numbers of the steps that train */
function planRun(of: Configuration, free: TipcArgument, writer: PlanWriter): number[] {
  const { file, precision, batchSize, devices } = of;
  const { train } = file;
  const first = writer.steps.length;
  writer.bannerBefore.push(first + 1);
  planTraining(
    {
      ...file,
      gpuList: { ...file.gpuList, values: [devices.gpus] },
      train: {
        ...train,
        autocast: { ...train.autocast, values: [precision] },
        batchSize: { ...train.batchSize, values: new Map([[mode, String(batchSize)]]) },
        free,
      },
    },
    mode,
    of.outputFolder,
    writer,
  );
  return writer.steps.slice(first).map(({ number }) => number);
}

/** Figures from the log: a script outside PaddleSeg, in the folder of BENCHMARK_ROOT. */
function planAnalysis(of: Configuration, trained: readonly number[], writer: PlanWriter): void {
  const { file, options, batchSize, precision, devices, runMode } = of;
  const folder = options.workingFolder ?? '.';
  const name = `${file.modelName}_bs${batchSize}_${precision}_${runMode}`;
  const stem = `${basename(options.workingFolder ?? 'PaddleSeg')}_${name}_${devices.name}_${of.toStatic ? 'd2sT_' : ''}`;
  const skip = isSingle(devices) ? file.extra.get('skip_iters') : undefined;
  const log = `${folder}/train_log/${stem}log`;
  if (skip !== undefined) planFilter(of, { log, skip, trained }, writer);
  const own = [
    '$BENCHMARK_ROOT/scripts/analysis.py',
    `--filename ${log}${skip === undefined ? '' : '_filtered'}`,
    `--speed_log_file '${folder}/index/${stem}speed'`,
    `--model_name ${name}`,
    `--base_batch_size ${batchSize}`,
    `--run_mode ${runMode}`,
    `--fp_item ${precision}`,
    '--keyword ips:',
    '--skip_steps 2',
    `--device_num ${devices.name}`,
    `--speed_unit ${isSingle(devices) ? 'samples/s' : 'images/s'}`,
    '--convergence_key loss: ',
  ];
  const command = `python ${own.slice(0, 2).join(' ')}${own
    .slice(2)
    .map((argument) => ` ${continuation}${argument}`)
    .join('')}`;
  writer.step({
    kind: 'analyse',
    command,
    own: own.join(' '),
    status: {
      file: `${folder}/benchmark_log/results.log`,
      // On one GPU the script leaves out the model's name.
      model: isSingle(devices) ? '' : file.modelName,
      command,
      log: '',
    },
    row: { gpu: devices.gpus, precision, batchSize: String(batchSize) },
    dependsOn: trained,
    line: of.benchmark.profiler.line,
  });
}

/** The script goes on over lines, which leaves their indentation in the command. */
const continuation = ' '.repeat(24);

function planFilter(
  { devices, precision, batchSize, benchmark }: Configuration,
  { log, skip, trained }: { log: string; skip: string; trained: readonly number[] },
  writer: PlanWriter,
): void {
  const gap = ` ${' '.repeat(28)}`;
  const own = `test_tipc/filter_log.py${gap}--in_log_path '${log}'${gap}--out_log_path '${log}_filtered'${gap}--skip_iters ${skip}`;
  writer.step({
    kind: 'analyse',
    command: `python ${own}`,
    own,
    status: null,
    row: { gpu: devices.gpus, precision, batchSize: String(batchSize) },
    dependsOn: trained,
    line: benchmark.profiler.line,
  });
}
