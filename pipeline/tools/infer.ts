import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { UserError } from '../../harness/support/errors.js';
import { placeInside } from '../../harness/support/place-inside.js';
import { applyTransforms } from '../augment/apply-transforms.js';
import { buildTransforms } from '../augment/registry.js';
import { pictureChannels } from '../config/picture-channels.js';
import { createRandomState } from '../data/mt19937.js';
import { type DeployFile, readDeployFile } from '../deploy/deploy-file.js';
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
import { keepLogits, type Prepare, sliceImage, stackImages } from './infer-batches.js';
import { benchmarkLines } from './infer-benchmark.js';
import { type InferCommandOptions, refuseUnsupported, stemOf, validateNames } from './infer-options.js';
import { log } from './log.js';
import { type DeployedModel, type DeployedOptions, moveByUlps, openDeployed } from './open-deployed.js';
import { describePort } from './open-port.js';
import type { InferRecord } from './records.js';

/** How many runs on the first batch `--benchmark` makes before it counts, as the reference does. */
const warmUps = 5;

/** `tipcheck infer`. */
export async function runInfer(options: InferCommandOptions, environment: NodeJS.ProcessEnv): Promise<void> {
  refuseUnsupported(options);
  const say = (text: string) => {
    if (options.print_detail) log(text);
  };
  const file = await readDeployFile(options.config);
  const transforms = await buildTransforms(plainSection({ transforms: file.transforms }, options.config));
  const list = await readImageList(options.image_path, [options.save_dir]);
  const { images } = list;
  await validateNames(images, options.save_dir);
  const engine = {
    port: options.port,
    device: options.device,
    environment,
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

/** Labels are not logits that could be kept, or compared. */
function validateKept({ keep_logits: count = 0 }: InferCommandOptions, { result }: DeployedModel, path: string): void {
  if (result === undefined || count === 0) return;
  throw new UserError(
    `Cannot keep logits: ${path} gives ${result.holds} (${result.by}); a graph that gives logits is wanted. Fix: npx tipcheck export --config <yml> --model_path <weights> --save_dir <folder>`,
  );
}

function labelsOf(scores: Scores): Uint8Array {
  return labelBlend(labelScores(scores, []));
}

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
