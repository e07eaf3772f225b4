import { elementCount } from '../../harness/contract/nd-array.js';
import { readModels } from '../../models/registry.js';
import { planEvaluation } from '../../pipeline/config/evaluation-plan.js';
import { readImageSize } from '../../pipeline/image/read-image.js';
import { modelSection, type PaddleSegConfig, readPaddleSegConfig } from '../../pipeline/yml/paddleseg-yml.js';
import { listInferred } from '../inputs/list-inferred.js';
import { eagerPort, graphPort } from '../runners/tipcheck/graph-runs.js';
import { type Estimate, estimateWork, joinEstimates, memoryLimitMb } from '../steps/estimate.js';
import { listJudgedImages } from '../steps/list-judged-images.js';
import { paddleSegPort } from '../steps/runner-names.js';
import { sizeSeen } from '../steps/size-seen.js';
import type { Translation } from '../steps/translation.js';

/**
 * Steps with what they will take; one that would not fit into this machine's memory is refused before anything runs.
 */
export async function estimateSteps(
  translations: readonly Translation[],
  limitMb = memoryLimitMb(),
): Promise<Translation[]> {
  const estimated: Translation[] = [];
  for (const one of translations) {
    const estimate = await estimateStep(one, translations);
    estimated.push(
      estimate !== null && one.device !== 'gpu' && estimate.memoryMb > limitMb
        ? { ...one, estimate, ...refuse(estimate.memoryMb, limitMb) }
        : { ...one, estimate },
    );
  }
  return estimated;
}

function refuse(memoryMb: number, limitMb: number): Pick<Translation, 'args' | 'lack' | 'reason'> {
  const gb = (mb: number) => (mb / 1024).toFixed(1);
  return {
    args: null,
    lack: 'memory',
    reason: `it would take about ${gb(memoryMb)} GB of memory, and there are ${gb(limitMb)}`,
  };
}

/** What estimates of one step share. */
interface Subject {
  readonly step: Translation;
  readonly yml: PaddleSegConfig;
  readonly parameters: number;
}

/** Null where nothing computes, and for what PaddleSeg runs of models that no folder under models/ defines. */
async function estimateStep(step: Translation, all: readonly Translation[]): Promise<Estimate | null> {
  const { args, request, config, port } = step;
  if (args === null || config === null) return null;
  const yml = await readPaddleSegConfig(config.path);
  const section = modelSection(yml);
  const definition = (await readModels()).get(String(section.type));
  if (definition === undefined) return null;
  const shapes = [...definition.parameters(definition.parse(section)).values()];
  const subject = { step, yml, parameters: shapes.reduce((sum, shape) => sum + elementCount(shape), 0) };
  switch (step.step.kind) {
    case 'train':
      return estimateTraining(subject);
    case 'eval':
      return port === paddleSegPort ? null : estimatePictures(subject, await listEvaluated(yml));
    case 'infer':
      return estimatePictures(
        subject,
        (await listInferred(request.value('--image_path') ?? '', [port])).map(({ path }) => path),
      );
    default:
      return port === paddleSegPort ? null : estimateJudging(subject, await listJudgedImages(step, all));
  }
}

async function estimateTraining({ step, yml, parameters }: Subject): Promise<Estimate> {
  const { transforms } = (yml.values.train_dataset ?? {}) as { readonly transforms?: unknown };
  const crop = Array.isArray(transforms) ? transforms.find(({ type }) => type === 'RandomPaddingCrop') : undefined;
  const [width = 512, height = 512]: readonly number[] = crop?.crop_size ?? [];
  return estimateWork({
    ...{ kind: 'train', port: step.port, ranks: step.step.row.ranks, parameters },
    pixels: width * height * Number(step.request.value('--batch_size') ?? yml.values.batch_size),
    iterations: Number(step.request.value('--iters') ?? yml.values.iters),
  });
}

async function listEvaluated(yml: PaddleSegConfig): Promise<string[]> {
  const { recipe } = await planEvaluation(yml);
  return recipe.dataSet.pairs.map(({ image }) => image);
}

/** By the first of them. @param port in place of the step's */
async function estimatePictures(
  { step, yml, parameters }: Subject,
  pictures: readonly string[],
  port = step.port,
): Promise<Estimate | null> {
  const [first] = pictures;
  if (first === undefined) return null;
  const { transforms = [] } = (yml.values.val_dataset ?? {}) as { readonly transforms?: readonly unknown[] };
  const { width, height } = (await sizeSeen(first, transforms)) ?? (await readImageSize(first));
  const batchSize = Number(step.request.value('--batch_size') ?? 1);
  return estimateWork({
    ...{ kind: 'infer', port, ranks: 1, parameters },
    pixels: width * height * batchSize,
    iterations: Math.ceil(pictures.length / batchSize),
  });
}

/**
 * An exported graph is run in one port, and its weights in another, there twice more for the noise (graph-runs.ts).
 */
async function estimateJudging(subject: Subject, pictures: readonly string[]): Promise<Estimate | null> {
  const runs = [
    await estimatePictures(subject, pictures, graphPort),
    await estimatePictures(subject, [...pictures, ...pictures, ...pictures], eagerPort),
  ];
  return joinEstimates(runs.filter((one) => one !== null));
}
