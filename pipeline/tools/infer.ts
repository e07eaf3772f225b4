import { basename, dirname, extname, join } from 'node:path';
import type { Device } from '../../harness/contract/device.js';
import { type Float32NdArray, float32NdArray } from '../../harness/contract/nd-array.js';
import { renderNpy } from '../../harness/golden/npy.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { describeMachine } from '../../harness/support/describe-machine.js';
import { UserError } from '../../harness/support/errors.js';
import { placeInside, realPlace } from '../../harness/support/place-inside.js';
import { applyTransforms } from '../augment/apply-transforms.js';
import { buildTransforms } from '../augment/registry.js';
import { pictureChannels } from '../config/picture-channels.js';
import { createRandomState } from '../data/mt19937.js';
import { toPlanes } from '../data/prepare-sample.js';
import { type DeployFile, readDeployFile } from '../deploy/deploy-file.js';
import { renderBenchmark } from '../deploy/render-benchmark.js';
import { labelMap } from '../evaluate/label-map.js';
import { classColours } from '../image/class-colours.js';
import { toFloatImage } from '../image/raster.js';
import { readImage } from '../image/read-image.js';
import { plainBlend } from '../infer/blend.js';
import { labelBlend } from '../infer/label-blend.js';
import { labelScores } from '../infer/label-scores.js';
import type { Scores } from '../infer/network.js';
import { parseBases } from '../infer/open-network.js';
import { validateFinite } from '../infer/validate-finite.js';
import { describePassedOver } from '../predict/describe-passed-over.js';
import { type ListedImage, readImageList } from '../predict/list-images.js';
import { renderPseudoColour } from '../predict/render-prediction.js';
import { plainSection } from '../yml/section.js';
import { describeIdle } from './describe-idle.js';
import { logLine } from './log.js';
import { type DeployedModel, type DeployedOptions, moveByUlps, openDeployed } from './open-deployed.js';
import { describePort } from './open-port.js';
import type { InferRecord } from './records.js';

export interface InferCommandOptions {
  readonly config: string;
  readonly image_path: string;
  readonly port: string;
  readonly device: Device;
  readonly batch_size: number;
  readonly save_dir: string;
  readonly cpu_threads?: number;
  readonly benchmark: boolean;
  readonly model_name: string;
  readonly print_detail: boolean;
  readonly bases: string;
  readonly enable_mkldnn?: boolean;
  readonly use_trt: boolean;
  readonly precision: 'fp32' | 'fp16' | 'int8';
  readonly enable_auto_tune: boolean;
  /** Of TensorRT; and an argmax is taken in any case. */
  readonly min_subgraph_size?: string;
  readonly auto_tuned_shape_file?: string;
  readonly with_argmax?: boolean;
  readonly json?: string;
  readonly keep_logits?: number;
  readonly rounding?: number;
}

/** How many runs on the first batch `--benchmark` makes before it counts, as the reference does. */
const warmUps = 5;

/** `tipcheck infer`. */
export async function runInfer(options: InferCommandOptions): Promise<void> {
  refuseUnsupported(options);
  const say = (text: string) => {
    if (options.print_detail) process.stdout.write(`${logLine(text)}\n`);
  };
  const file = await readDeployFile(options.config);
  const transforms = await buildTransforms(plainSection({ transforms: file.transforms }, options.config));
  const list = await readImageList(options.image_path, [options.save_dir]);
  const { images } = list;
  await validateNames(images, options.save_dir);
  const engine = {
    port: options.port,
    device: options.device,
    ...(options.cpu_threads === undefined ? {} : { threads: options.cpu_threads }),
    bases: parseBases(options.bases, Date.now() % 2 ** 32),
  };
  const channels = await pictureChannels(file.section, null);
  const prepare: Prepare = async (path) => {
    const image = toFloatImage(await readImage(path, channels));
    return applyTransforms(transforms, { image, label: null, sizes: [] }, createRandomState([0])).image;
  };
  const model = await openDeployed(file, engine);
  try {
    validateKept(options, model, file.model);
    for (const line of describePassedOver(list, options.image_path)) say(line);
    say(describePort(model));
    say(`Runs ${model.said}`);
    const { min_subgraph_size, auto_tuned_shape_file, with_argmax } = options;
    for (const line of describeIdle({ min_subgraph_size, auto_tuned_shape_file, with_argmax })) say(line);
    if (options.enable_mkldnn === true)
      say(`--enable_mkldnn True: ${model.report.provider} computes, by its own kernels`);
    const found = await inferAll(options, model, images, say, prepare);
    if (options.json !== undefined) {
      const rounded = await inferRounded(options, file, engine, images, prepare);
      await writeAtomicFile(options.json, `${JSON.stringify({ ...found, rounded } satisfies InferRecord)}\n`);
    }
  } finally {
    await model.close();
  }
  say('Finish');
}

/** Labels are no logits that could be kept, or compared. */
function validateKept({ keep_logits: count = 0 }: InferCommandOptions, { result }: DeployedModel, path: string): void {
  if (result === undefined || count === 0) return;
  throw new UserError(
    `Cannot keep logits: ${path} gives ${result.holds} (${result.by}); a graph that gives logits is wanted. Fix: npx tipcheck export --config <yml> --model_path <weights> --save_dir <folder>`,
  );
}

function labelsOf(scores: Scores): Uint8Array {
  return labelBlend(labelScores(scores, []));
}

type Prepare = (
  path: string,
) => Promise<Parameters<typeof toPlanes>[0] & { readonly height: number; readonly width: number }>;

async function inferAll(
  options: InferCommandOptions,
  model: DeployedModel,
  images: readonly ListedImage[],
  say: (text: string) => void,
  prepare: Prepare,
): Promise<Omit<InferRecord, 'rounded'>> {
  const clock = { preprocess: 0, inference: 0, postprocess: 0 };
  const colours = classColours();
  const done: InferRecord['images'][number][] = [];
  const kept: string[] = [];
  for (let at = 0; at < images.length; at += options.batch_size) {
    const batch = images.slice(at, at + options.batch_size);
    const began = performance.now();
    const input = await stackImages(batch, prepare);
    const read = performance.now();
    if (options.benchmark && at === 0) for (let run = 0; run < warmUps; run++) await model.infer(input);
    const startedAt = performance.now();
    const logits = await model.infer(input);
    const inferred = performance.now();
    for (const [i, image] of batch.entries()) {
      const one = sliceImage(logits, i);
      const mask = await placeInside(options.save_dir, `${stemOf(image.name)}.png`, `the mask of ${image.path}`);
      const [channels = 0, height = 0, width = 0] = one.shape;
      const planes = { channels, height, width, data: one.data };
      validateFinite(plainBlend(planes), image.path);
      const labels = model.result === undefined ? labelMap(planes) : labelsOf({ ...planes, result: model.result });
      await writeAtomicFile(mask, renderPseudoColour(labels, height, width, colours));
      if (options.json !== undefined && kept.length < (options.keep_logits ?? 0))
        kept.push(await keepLogits(options.json, String(kept.length), one));
      done.push({ name: image.name, mask, shape: one.shape });
    }
    clock.preprocess += (read - began) / 1000;
    clock.inference += (inferred - startedAt) / 1000;
    clock.postprocess += (performance.now() - inferred) / 1000;
  }
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  const batches = Math.ceil(images.length / options.batch_size);
  if (options.benchmark)
    for (const line of benchmarkLines(options, model, images.length, { ...clock, batches, peakRssMb })) say(line);
  return {
    engine: model.report,
    images: done,
    logits: kept,
    figures: {
      images: images.length,
      'preprocess (ms)': (1000 * clock.preprocess) / batches,
      'inference (ms)': (1000 * clock.inference) / batches,
      'postprocess (ms)': (1000 * clock.postprocess) / batches,
      'peak memory (MB)': peakRssMb,
    },
  };
}

/** What rounding does to the logits: the first images again, with weights and pictures moved by up to an ulp. */
async function inferRounded(
  options: InferCommandOptions,
  file: DeployFile,
  engine: DeployedOptions,
  images: readonly ListedImage[],
  prepare: Prepare,
): Promise<string[][]> {
  const rounded: string[][] = [];
  for (let seed = 1; seed <= (options.rounding ?? 0); seed++) {
    const model = await openDeployed(file, { ...engine, rounding: seed });
    const kept: string[] = [];
    for (let at = 0; kept.length < (options.keep_logits ?? 0) && at < images.length; at += options.batch_size) {
      const batch = images.slice(at, at + options.batch_size);
      const logits = await model.infer(moveByUlps(await stackImages(batch, prepare), seed, `image/${at}`));
      for (let i = 0; i < batch.length && kept.length < options.keep_logits!; i++)
        kept.push(await keepLogits(options.json!, `${kept.length}-rounded-${seed}`, sliceImage(logits, i)));
    }
    await model.close();
    rounded.push(kept);
  }
  return rounded;
}

/** What deploy/python/infer.py takes and tipcheck does not do: refused, never passed over. */
function refuseUnsupported({ use_trt, precision, enable_auto_tune }: InferCommandOptions): void {
  const found = [
    use_trt ? '--use_trt True: there is no TensorRT here' : null,
    precision === 'fp32' ? null : `--precision ${precision}: inference is in float32`,
    enable_auto_tune ? '--enable_auto_tune True: there is no TensorRT here' : null,
  ].find((text) => text !== null);
  if (found !== undefined) throw new UserError(`Cannot infer with ${found}; a command without it is wanted`);
}

/** Masks are named by their pictures' last part: two of one name would be one file, and none may be a picture that is read. */
async function validateNames(images: readonly ListedImage[], saveDir: string): Promise<void> {
  const read = new Set<string>();
  for (const { path } of images) read.add(await realPlace(path));
  for (const { name, path } of images)
    if (read.has(await realPlace(join(saveDir, `${stemOf(name)}.png`))))
      throw new UserError(
        `Cannot infer ${path}: its mask would be written over a picture that is read, in ${saveDir}; another folder is wanted. Fix: --save_dir <folder>`,
      );
  const stems = images.map(({ name }) => stemOf(name));
  const twice = images.find((_, at) => stems.indexOf(stems[at]!) !== at);
  if (twice === undefined) return;
  throw new UserError(
    `Cannot infer: two pictures are called ${stemOf(twice.name)}, and so would be their masks; other names are wanted`,
  );
}

async function stackImages(batch: readonly ListedImage[], prepare: Prepare): Promise<Float32NdArray> {
  const prepared = [];
  for (const { path } of batch) prepared.push(await prepare(path));
  const { channels, height, width } = prepared[0]!;
  const odd = prepared.findIndex((image) => image.height !== height || image.width !== width);
  if (odd >= 0)
    throw new UserError(
      `Cannot infer ${batch[odd]!.path} in a batch with ${batch[0]!.path}: it is ${prepared[odd]!.width}×${prepared[odd]!.height} after its transforms; ${width}×${height} is wanted. Fix: --batch_size 1`,
    );
  const size = channels * height * width;
  const data = new Float32Array(batch.length * size);
  for (const [at, image] of prepared.entries()) data.set(toPlanes(image), at * size);
  return float32NdArray([batch.length, channels, height, width], data);
}

/** [b, c, h, w] → [c, h, w] */
function sliceImage({ shape: [, c = 0, h = 0, w = 0], data }: Float32NdArray, at: number): Float32NdArray {
  return float32NdArray([c, h, w], data.subarray(at * c * h * w, (at + 1) * c * h * w));
}

async function keepLogits(json: string, at: string, logits: Float32NdArray): Promise<string> {
  const path = join(dirname(json), `${basename(json, extname(json))}-logits-${at}.npy`);
  await writeAtomicFile(path, renderNpy(logits));
  return path;
}

function stemOf(name: string): string {
  return basename(name, extname(name));
}

function benchmarkLines(
  { cpu_threads, enable_mkldnn, precision, batch_size, model_name }: InferCommandOptions,
  { report }: DeployedModel,
  images: number,
  figures: {
    readonly preprocess: number;
    readonly inference: number;
    readonly postprocess: number;
    readonly batches: number;
    readonly peakRssMb: number;
  },
): string[] {
  const { platform, cpu, cores } = describeMachine();
  return renderBenchmark({
    machine: { OS_version: platform, processor: cpu, cpu_count: String(cores) },
    engine: { engine: `${report.engine} ${report.version}`, provider: report.provider },
    settings: {
      runtime_device: report.device,
      enable_tensorrt: 'False',
      enable_mkldnn: enable_mkldnn === true ? 'True' : 'False',
      cpu_math_library_num_threads: cpu_threads === undefined ? "the engine's default" : String(cpu_threads),
    },
    modelName: model_name,
    precision,
    batchSize: batch_size,
    images,
    ...figures,
  });
}
