import { encode } from 'fast-png';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import type { LoadedModel } from '../../harness/contract/port.js';
import type { EvalGolden, EvalMetrics } from '../../harness/golden/read-eval-golden.js';
import type { PortHost } from '../../harness/hosts/subprocess-host.js';
import type { Confusion } from '../../harness/metrics/confusion.js';
import { measureFigures } from '../../harness/metrics/eval-figures.js';
import type { Pictures } from '../../harness/result/record/case-result.js';
import type { Evaluator, LoadedEvaluator, ShownImage } from '../../harness/run/evaluator.js';
import { UserError } from '../../harness/support/errors.js';
import { findModel } from '../../models/registry.js';
import { planEvaluation } from '../config/evaluation-plan.js';
import { validateChannels } from '../config/picture-channels.js';
import type { DataSet } from '../data/data-set.js';
import { readPair } from '../data/read-pair.js';
import { type EvaluatedImage, evaluate } from '../evaluate/evaluate.js';
import { asColour } from '../image/as-colour.js';
import { classColours, colourLabels } from '../image/class-colours.js';
import type { inferImage } from '../infer/infer-image.js';
import { type DrawnBases, openNetwork } from '../infer/open-network.js';
import { parseTestConfig, type TestConfig } from '../infer/test-config.js';
import { readModelWeights } from '../weights/export-weights.js';
import { readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { plainSection } from '../yml/section.js';

/** The pipeline's evaluation, for the harness to run on a port in its own process. */
export const pipelineEvaluator: Evaluator = createEvaluator();

/** Steps in place of the evaluation's own: those of bugs/ are wrong, to see the judge go red. */
export interface EvaluationSteps {
  readonly infer?: typeof inferImage;
  readonly test?: (config: TestConfig) => TestConfig;
  readonly count?: (image: EvaluatedImage) => Confusion;
  readonly measure?: (confusion: Confusion) => EvalMetrics;
}

export function createEvaluator(steps: EvaluationSteps = {}): Evaluator {
  return { load: (host, golden) => loadEvaluator(host, golden, steps) };
}

/** One thread reads ahead of the port, which has the rest. */
const workers = 1;

async function loadEvaluator(
  host: PortHost,
  golden: EvalGolden,
  { infer, test, count, measure }: EvaluationSteps,
): Promise<LoadedEvaluator> {
  const config = await readPaddleSegConfig(golden.configPath);
  const plan = await planEvaluation(config, golden.datasetRoot);
  await validateChannels(plan.model, plan.recipe.dataSet);
  validateImages(golden, plan.recipe.dataSet);
  const definition = await findModel(plan.model);
  const parameters = definition.parameters(definition.parse(plan.model));
  const arrays = await readModelWeights(golden.weightsPath, parameters);
  const load = await host.load({ model: plan.model, parameters, weights: [{ kind: 'arrays', arrays }] });
  const bases: DrawnBases | null = golden.bases === null ? null : { kind: 'fixed', ...golden.bases };
  const network = await openNetwork(hostedModel(host, load.scores), plan.model, bases);
  return {
    loadMs: load.durationMs,
    async run({ options }, onImage) {
      const asked = parseTestConfig(plainSection(options, golden.id));
      await evaluate({
        network,
        recipe: plan.recipe,
        config: test?.(asked) ?? asked,
        workers,
        acceptsNonFinite: true,
        ...(infer === undefined ? {} : { infer }),
        onImage: (image) => {
          const { index, logits, labels } = image;
          onImage({ index, logits: logits().data, labels, confusion: count?.(image) ?? image.confusion });
        },
      });
    },
    measure: measure ?? ((confusion) => measureFigures(confusion, 1)),
    draw: (shown) => drawPictures(golden, plan.recipe.dataSet, shown),
  };
}

/** The golden speaks of these very images: by name and in this order. */
function validateImages({ id, images }: EvalGolden, { pairs, origin }: DataSet): void {
  const fits =
    images.length === pairs.length &&
    images.every(({ name }, at) => pairs[at]!.image.replaceAll('\\', '/').endsWith(name));
  if (fits) return;
  throw new UserError(
    `Cannot evaluate ${id}: its ${images.length} images are not the ${pairs.length} of ${origin}; the data set that it was made of is wanted`,
  );
}

/** A port in its process, as the pipeline uses one in this process. */
function hostedModel(host: PortHost, scores: string | undefined): LoadedModel {
  return {
    ...(scores === undefined ? {} : { scores }),
    async infer({ inputs, draws, probes, replacements }, onProbe) {
      const wanted = probes.map((name) => ({ name, sample: null }));
      await host.infer({ inputs, draws, probes: wanted, replacements }, ({ name, shape, value }) =>
        onProbe(name, float32NdArray(shape, value)),
      );
    },
    dispose: async () => undefined,
  };
}

async function drawPictures(golden: EvalGolden, dataSet: DataSet, shown: ShownImage): Promise<Pictures> {
  const { index, mode, actual, expected, changed } = shown;
  const { image, label } = await readPair(dataSet, index);
  const { height, width } = golden.images[index]!;
  const colours = classColours();
  const png = (pixels: Uint8Array) => {
    const bytes = encode({ width, height, data: pixels, channels: 3, depth: 8 });
    return `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
  };
  return {
    image: golden.images[index]!.name,
    mode,
    input: png(asColour(image).data),
    truth: png(colourLabels(label!.data, colours, golden.ignoreIndex)),
    expected: png(colourLabels(expected, colours)),
    actual: png(colourLabels(actual, colours)),
    difference: png(drawDifference(actual, expected, colours, width)),
    colours: golden.classNames.map((_, at) => hexOf(colours.subarray(3 * at, 3 * at + 3))),
    changed,
  };
}

function hexOf(colour: Uint8Array): string {
  return `#${Buffer.from(colour).toString('hex')}`;
}

/**
 * A changed pixel white, in an orange square, on the golden darkened: one pixel alone would not be seen, nor where it
 * lies.
 */
function drawDifference(actual: Uint8Array, expected: Uint8Array, colours: Uint8Array, width: number): Uint8Array {
  const pixels = colourLabels(expected, colours).map((value) => value >> 2);
  const height = actual.length / width;
  const changed = [...actual.keys()].filter((at) => actual[at] !== expected[at]);
  for (const at of changed) {
    const row = Math.floor(at / width);
    const column = at % width;
    for (let y = Math.max(0, row - reach); y <= Math.min(height - 1, row + reach); y++)
      for (let x = Math.max(0, column - reach); x <= Math.min(width - 1, column + reach); x++)
        pixels.set(mark, (y * width + x) * 3);
  }
  for (const at of changed) pixels.fill(255, at * 3, at * 3 + 3);
  return pixels;
}

const reach = 4;
const mark = [230, 90, 0];
