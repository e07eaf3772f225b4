import type { Device } from '../../harness/contract/device.js';
import { cannot } from '../../harness/support/errors.js';
import { planBenchmark } from '../plan/benchmark.js';
import { plainFile, type TipcFile, type TipcForm } from '../plan/form.js';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { relocatePlan } from '../plan/relocate.js';
import { planTrainInfer } from '../plan/train-infer.js';
import { isGiven, isTitle, isTitled, type TipcLine } from '../text/lines.js';
import { readPositions, validateFrame } from '../text/read-train-infer.js';
import type { TrainInferFile } from '../text/train-infer-file.js';

/** test_train_inference_python.sh: training, evaluation, export and inference. */
export const form: TipcForm = {
  name: 'train_infer',
  rank: 1,
  title: '===train_params===',
  modes: [
    'lite_train_lite_infer',
    'lite_train_whole_infer',
    'whole_train_whole_infer',
    'whole_infer',
    'klquant_whole_infer',
    'benchmark_train',
  ],
  recognise: (lines) => isTitled(lines, 'train') || looksLikeTrainInfer(lines),
  parse: (lines, path) => fileOf(parseTrainInfer(lines, path)),
};

/** The scripts count lines, and do not look at the title. */
function looksLikeTrainInfer([first, second, third, fourth]: readonly TipcLine[]): boolean {
  return (
    isTitle(first?.text ?? '') && second?.key === 'model_name' && third?.key === 'python' && fourth?.key === 'gpu_list'
  );
}

/**
 * Parses the form train_infer: lines by position, then optional sections by title.
 *
 * Source: test_tipc/test_train_inference_python.sh and common_func.sh of PaddleSeg.
 * Differs: what the scripts would take in silence and get wrong (a line too few or too many, a value of the wrong kind,
 * a second colon) is a UserError that names file and line.
 */
export function parseTrainInfer(lines: readonly TipcLine[], path: string): TrainInferFile {
  validateFrame(lines, neededPosition, path);
  validateInferKeys(lines, path);
  return readPositions(lines, neededPosition, path);
}

/**
 * The last position that tells inference what to do. What may follow are an unused line, the benchmark flag and two
 * free arguments.
 */
const neededPosition = 48;

/** Where the keys of inference stand in files of PaddleSeg; other keys are the file's own business. */
const inferKeys: ReadonlyMap<string, readonly number[]> = new Map([
  ['--device', [41]],
  ['--enable_mkldnn', [42]],
  ['--cpu_threads', [43]],
  ['--batch_size', [44]],
  ['--use_trt', [45]],
  ['--precision', [46]],
  ['--config', [47]],
  ['--image_path', [48]],
  ['--save_log_path', [49]],
  ['--benchmark', [50]],
  ['--save_dir', [51]],
  ['--model_name', [51, 52]],
]);

/** A line too few or too many: the scripts would hand the next line's value to this one's argument. */
function validateInferKeys(lines: readonly TipcLine[], path: string): void {
  for (const line of lines.slice(40, 52)) {
    if (isTitle(line.text)) return;
    const own = inferKeys.get(line.key);
    if (own === undefined || own.includes(line.position)) continue;
    throw cannot(
      'read',
      `${path}:${line.line}`,
      `position ${line.position} holds ${JSON.stringify(line.text)}`,
      `${line.key} is wanted at ${own.join(' or ')}, for lines count by position`,
    );
  }
}

function fileOf(file: TrainInferFile): TipcFile {
  const plan: TipcFile['plan'] = (mode, options) =>
    mode === 'benchmark_train' ? planBenchmark(file, options) : planTrainInfer(file, mode, options);
  return {
    ...plainFile(file, plan),
    ports: file.ports,
    suite: { devices: devicesOf(file), threads: threadsOf(file) },
    namesWeights: file.infer.models.values.some((one) => one !== 'null'),
    lineOf: (step, option) => lineOf(file, step, option),
    run: (mode, options) => (mode === 'paddle2onnx_infer' ? planOnnx(file) : withoutAnalysis(plan(mode, options))),
    alsoRuns: ['paddle2onnx_infer'],
  };
}

/** TIPC spells devices in two ways. */
const deviceNames: Readonly<Record<string, Device>> = {
  cpu: 'cpu',
  False: 'cpu',
  gpu: 'gpu',
  True: 'gpu',
  auto: 'auto',
};

function devicesOf({ infer }: TrainInferFile): readonly Device[] {
  const given = infer.device.values.filter(isGiven).map((value) => deviceNames[value]!);
  return given.length === 0 ? ['auto'] : [...new Set(given)];
}

function threadsOf({ infer }: TrainInferFile): number | null {
  const given = infer.threads.values.filter(isGiven);
  return given.length === 1 ? Number(given[0]) : null;
}

function lineOf({ train, evaluation, exports, infer }: TrainInferFile, { kind, line }: TipcStep, name: string): number {
  const parts = {
    train: [train.device, train.saveDir, train.iters, train.pretrained, train.autocast, train.batchSize, train.free],
    eval: [train.pretrained, train.device, evaluation.free],
    export: [exports.weights, exports.saveDir],
    infer: [
      ...[infer.device, infer.mkldnn, infer.threads, infer.batchSize, infer.tensorRt, infer.precision],
      ...[infer.config, infer.images, infer.benchmark, ...infer.free],
    ],
  }[kind as string];
  const found = parts?.find(({ key }) => key === name);
  // benchmark_train and autocast `amp` give arguments under other names.
  return found?.line ?? (name.startsWith('Global.') ? train.autocast.line : line);
}

/**
 * TIPC converts Paddle's graph; ours is an ONNX file from the start. What is left is to export it, judge it, and infer
 * by it.
 */
function planOnnx(file: TrainInferFile): TipcPlan {
  const plan = planTrainInfer(file, 'whole_infer', {});
  const folder = plan.outputFolder.replace(/whole_infer$/, 'paddle2onnx_infer');
  const moved = relocatePlan({ ...plan, mode: 'paddle2onnx_infer' }, folder);
  const first = moved.steps.find(({ kind, row }) => kind === 'infer' && row.device !== 'gpu');
  const needed = moved.steps.filter(({ number }) => first?.dependsOn.includes(number));
  return {
    ...moved,
    banner: plan.banner?.replace('whole_infer', 'paddle2onnx_infer') ?? null,
    steps: renumber([...needed, ...(first === undefined ? [] : [first])]),
    notes: [
      // Other numbers are theirs, and other rows.
      ...plan.notes.filter((note) => !/ TIPC tells steps? /.test(note)),
      'TIPC has paddle2onnx_infer for files of the form paddle2onnx alone; the commands of TIPC are those of its whole_infer',
      'paddle2onnx is not run: tipcheck export writes ONNX itself, and the first row of whole_infer infers by it',
    ],
  };
}

function renumber(steps: readonly TipcStep[]): TipcStep[] {
  const numbers = new Map(steps.map(({ number }, at) => [number, at + 1]));
  return steps.map((step, at) => ({
    ...step,
    number: at + 1,
    dependsOn: step.dependsOn.flatMap((number) => numbers.get(number) ?? []),
  }));
}

/** The script that reads figures from logs is not a part of PaddleSeg: a training's figures are in its own step. */
function withoutAnalysis(plan: TipcPlan): TipcPlan {
  const steps = plan.steps.filter(({ kind }) => kind !== 'analyse');
  if (steps.length === plan.steps.length) return plan;
  return {
    ...plan,
    steps: renumber(steps),
    notes: [
      ...plan.notes,
      "TIPC's analysis.py, which is not a part of PaddleSeg, is not run: samples a second, reader cost and memory are figures of each training",
    ],
  };
}
