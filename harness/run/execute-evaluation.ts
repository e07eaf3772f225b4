import { type EvalGolden, type EvalMetrics, type GoldenMode, logitsSeed } from '../golden/read-eval-golden.js';
import { samplePositions } from '../golden/seeded.js';
import type { PortHost } from '../hosts/subprocess-host.js';
import { type Confusion, confusionOf, sumConfusions } from '../metrics/confusion.js';
import { measurePrediction, type PredictionError } from '../metrics/prediction.js';
import type { Pictures } from '../result/record/case-result.js';
import { EnvironmentError } from '../support/errors.js';
import type { EvaluatedImage, Evaluator, ShownImage } from './evaluator.js';
import type { ExecutionTiming } from './execution-timing.js';

/** What one port did on one eval golden: figures, no verdicts. */
export interface EvaluationExecution {
  readonly modes: readonly ModeExecution[];
  readonly pictures: readonly Pictures[];
  readonly timing: ExecutionTiming;
}

export interface ModeExecution {
  readonly mode: GoldenMode;
  readonly images: readonly MeasuredImage[];
  readonly metrics: EvalMetrics;
  readonly durationMs: number;
}

export interface MeasuredImage {
  readonly confusion: Confusion;
  readonly expectedConfusion: Confusion;
  readonly error: PredictionError;
  readonly nonFinite: number;
}

/** Runs every mode of an eval golden and measures each image against it. No golden goes to the port. */
export async function executeEvaluation(
  host: PortHost,
  golden: EvalGolden,
  evaluator: Evaluator,
  onPhase: (phase: string) => void,
): Promise<EvaluationExecution> {
  onPhase('load');
  const loaded = await evaluator.load(host, golden);
  const modes: ModeExecution[] = [];
  const shown: ShownImage[] = [];
  const clock = { judgeMs: 0, runMs: 0 };
  for (const mode of golden.modes) {
    const measured = new Map<number, MeasuredImage>();
    const startedAt = performance.now();
    let judgedMs = 0;
    await loaded.run(mode, (image) => {
      const before = performance.now();
      onPhase(`${mode.name} ${measured.size + 1} of ${golden.images.length}`);
      const found = measureImage(golden, mode, image);
      measured.set(image.index, found);
      const { changed } = found.error;
      shown.push({
        index: image.index,
        mode: mode.name,
        actual: image.labels,
        expected: mode.images[image.index]!.labels,
        changed,
      });
      judgedMs += performance.now() - before;
    });
    const durationMs = performance.now() - startedAt - judgedMs;
    clock.runMs += durationMs;
    clock.judgeMs += judgedMs;
    const images = inOrder(measured, golden, mode);
    const confusions = images.map(({ confusion }) => confusion);
    const metrics = loaded.measure(sumConfusions(golden.classNames.length, confusions));
    modes.push({ mode, images, metrics, durationMs });
  }
  onPhase('pictures');
  const pictures = [];
  for (const image of choosePictures(shown)) pictures.push(await loaded.draw(image));
  const disposed = await host.dispose();
  return {
    modes,
    pictures,
    timing: {
      loadMs: loaded.loadMs,
      plainMs: clock.runMs,
      ownMs: null,
      shippedMs: null,
      judgeMs: clock.judgeMs,
      peakRssMb: disposed.peakRssMb,
    },
  };
}

function measureImage(golden: EvalGolden, mode: GoldenMode, image: EvaluatedImage): MeasuredImage {
  const expected = mode.images[image.index];
  if (expected === undefined) throw new Error(`image ${image.index} of ${golden.id} was evaluated; it has none`);
  const { logits } = image;
  const positions = samplePositions(logitsSeed, `${mode.name}/${image.index}`, expected.logits.length, logits.length);
  const actual = {
    logits: Float32Array.from(positions, (at) => logits[at]!),
    labels: image.labels,
  };
  return {
    confusion: image.confusion,
    expectedConfusion: confusionOf(expected.confusion),
    error: measurePrediction(actual, expected),
    nonFinite: countNonFinite(logits),
  };
}

/** Every image was evaluated once. A missing part is never passed over. */
function inOrder(
  measured: ReadonlyMap<number, MeasuredImage>,
  { id, images }: EvalGolden,
  { name }: GoldenMode,
): MeasuredImage[] {
  return images.map((image, at) => {
    const found = measured.get(at);
    if (found !== undefined) return found;
    throw new EnvironmentError(
      `Cannot judge ${id}, mode ${name}: ${image.name} was not evaluated; all ${images.length} images are wanted`,
    );
  });
}

/** A report of many pictures is slow to open. */
const mostPictures = 4;

/** The images that changed most in any mode; if none did, the first ones in the first mode. */
function choosePictures(shown: readonly ShownImage[]): ShownImage[] {
  const chosen = new Map<number, ShownImage>();
  for (const image of [...shown].sort((a, b) => b.changed - a.changed))
    if (!chosen.has(image.index) && chosen.size < mostPictures) chosen.set(image.index, image);
  return [...chosen.values()];
}

function countNonFinite(values: Float32Array | Float64Array): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) <= Number.MAX_VALUE)) count++;
  return count;
}
