import type { LoadedModel, ModelSection } from '../../harness/contract/port.js';
import { type Confusion, sumConfusions } from '../../harness/metrics/confusion.js';
import { UserError } from '../../harness/support/errors.js';
import { hashFile } from '../../harness/support/hash-file.js';
import { createProgress } from '../../harness/support/progress.js';
import type { EvaluationPlan } from '../config/evaluation-plan.js';
import type { Recipe } from '../data/prepare-sample.js';
import { evaluate, type ImageEvaluation } from '../evaluate/evaluate.js';
import { indicesOfRank, joinEvaluations } from '../evaluate/join-evaluations.js';
import {
  type EvaluationRecord,
  openKeptFolder,
  readKept,
  readKeptRecord,
  writeKept,
} from '../evaluate/kept-evaluation.js';
import { type DrawnBases, openNetwork, parseBases } from '../infer/open-network.js';
import type { TestConfig } from '../infer/test-config.js';
import type { Ranks } from '../ranks/ranks.js';

export interface ImagesRequest {
  readonly loaded: LoadedModel;
  readonly model: ModelSection;
  readonly bases: DrawnBases;
  readonly recipe: Recipe;
  readonly testConfig: TestConfig;
  readonly workers: number;
  readonly ranks: Ranks | null;
  /**
   * Where each image's result is kept, and taken from where it is there already; and which evaluation of that folder
   * this is.
   */
  readonly keep: { readonly folder: string; readonly evaluation: number } | null;
}

/** Every image once, over all ranks. `said` is how long it took, and what was there before. */
export async function evaluateImages(request: ImagesRequest) {
  const { loaded, model, bases, recipe, testConfig, workers, ranks, keep } = request;
  const { pairs, classes } = recipe.dataSet;
  const { kept, changed } = await readAllKept(request);
  const done = new Set(kept.map(({ index }) => index));
  const indices = indicesOfRank(pairs.length, ranks).filter((index) => !done.has(index));
  const progress = createProgress();
  const startedAt = performance.now();
  const secondsSoFar = () => (performance.now() - startedAt) / 1000;
  let evaluated = 0;
  const own = await evaluate({
    network: await openNetwork(loaded, model, bases),
    recipe,
    config: testConfig,
    workers,
    indices,
    async onImage({ index, confusion, sha256 }) {
      if (keep !== null) await writeKept(keep.folder, nameOf(keep, index), pairs[index]!, sha256, rowsOf(confusion));
      evaluated++;
      if (ranks === null || ranks.rank === 0)
        progress.update(`${evaluated} of ${indices.length} images, ${(secondsSoFar() / evaluated).toFixed(2)} s each`);
    },
  });
  const images = joinEvaluations([...kept, ...own], pairs.length, classes, ranks);
  const counted = Float64Array.of(own.length, changed);
  ranks?.sumFloat64(counted);
  const seconds = secondsSoFar();
  const before = pairs.length - counted[0]!;
  const time = counted[0] === 0 ? '' : `${(seconds / counted[0]!).toFixed(3)} s an image.`;
  const resumed = before === 0 ? '' : `${before} of ${pairs.length} images were evaluated before. `;
  const again =
    counted[1] === 0 ? '' : `${counted[1]} were evaluated again, for their picture or label is another now. `;
  return { images, seconds, said: `${resumed}${again}${time}`.trimEnd() };
}

/** Of this rank's images: those of the pictures and labels that are there, and how many are of others. */
async function readAllKept({ recipe: { dataSet }, ranks, keep }: ImagesRequest) {
  const kept: ImageEvaluation[] = [];
  let changed = 0;
  for (const index of keep === null ? [] : indicesOfRank(dataSet.pairs.length, ranks)) {
    const found = await readKept(keep!.folder, nameOf(keep!, index), dataSet.pairs[index]!, dataSet.classes);
    if (found === 'changed') changed++;
    else if (found !== null) kept.push({ index, confusion: found });
  }
  return { kept, changed };
}

function nameOf({ evaluation }: NonNullable<ImagesRequest['keep']>, index: number): string {
  return `${evaluation}-${index}`;
}

/**
 * What forwards draw, the same on every rank.
 * @param resumed the folder of the run that is gone on with, whose seed `random` takes; null: a new one
 */
export async function chooseBases(text: string, resumed: string | null, ranks: Ranks | null): Promise<DrawnBases> {
  const kept = resumed === null ? null : await readKeptRecord(resumed);
  const before = (kept?.bases ?? {}) as { readonly kind?: unknown; readonly seed?: unknown };
  const seed = before.kind === 'random' && typeof before.seed === 'number' ? before.seed : Date.now() % 2 ** 31;
  const shared = Float64Array.of(ranks === null || ranks.rank === 0 ? seed : 0);
  ranks?.sumFloat64(shared);
  return parseBases(text, shared[0]!);
}

/** All that an evaluation's result depends on. */
export async function describeEvaluation(
  weightsPath: string,
  { model, recipe: { dataSet, transforms } }: EvaluationPlan,
  test: TestConfig,
  bases: DrawnBases,
  port: string,
): Promise<EvaluationRecord> {
  const { pairs: images, classes, ignoreIndex } = dataSet;
  return {
    port,
    weights: await hashFile(weightsPath),
    model,
    images,
    classes,
    ignoreIndex,
    transforms,
    test,
    bases,
  };
}

/** Opens a folder for results: on the first rank, while the others wait. */
export async function openKept(
  folder: string,
  record: EvaluationRecord,
  resume: boolean,
  ranks: Ranks | null,
): Promise<void> {
  if (ranks === null || ranks.rank === 0) await openKeptFolder(folder, record, resume);
  ranks?.sumFloat64(Float64Array.of(0));
}

export function validateResume(resume: boolean | undefined, folder: string | undefined): void {
  if (resume === true && folder === undefined)
    throw new UserError('Cannot resume: no folder says what was done. Fix: --save_dir <folder> of the first run');
}

export function sumOf(classes: number, images: readonly ImageEvaluation[]): Confusion {
  return sumConfusions(
    classes,
    images.map(({ confusion }) => confusion),
  );
}

export function rowsOf({ classes, counts }: Confusion): number[][] {
  return Array.from({ length: classes }, (_, row) => [...counts.subarray(row * classes, (row + 1) * classes)]);
}
