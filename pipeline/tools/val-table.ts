import { join, resolve } from 'node:path';
import { validateWritable, writeAtomicFile } from '../../harness/support/atomic-file.js';
import { outLines } from '../../harness/support/console.js';
import { packageRoot } from '../../harness/support/package-root.js';
import { publishedModes, type ReleasedModel } from '../../models/released-model.js';
import { type EvaluationPlan, planEvaluation } from '../config/evaluation-plan.js';
import { checkFiles } from '../data/check-files.js';
import { measureSegmentation } from '../evaluate/measure-segmentation.js';
import { showFetches } from '../fetch/show-fetches.js';
import type { DrawnBases } from '../infer/open-network.js';
import { publishedTests } from '../published/published-modes.js';
import { type PublishedRow, publishedDifference, renderPublishedTable } from '../published/render-published-table.js';
import type { Ranks } from '../ranks/ranks.js';
import { fetchReleasedWeights, selectReleased } from '../released/fetch-released-weights.js';
import { applyOpts } from '../yml/apply-opts.js';
import { readPaddleSegConfig } from '../yml/paddleseg-yml.js';
import { chooseBases, describeEvaluation, evaluateImages, openKept, sumOf, validateResume } from './evaluate-images.js';
import { loadWeights } from './load-weights.js';
import { log } from './log.js';
import { describePort } from './open-port.js';
import { joinLaunchedRanks, threadsPerRank } from './rank-environment.js';
import type { ValOptions } from './val.js';

export interface TableOptions
  extends Pick<ValOptions, 'port' | 'device' | 'num_workers' | 'opts' | 'bases' | 'json' | 'save_dir' | 'resume'> {
  /** Names of released models; none: all. */
  readonly table: readonly string[];
  /** Cityscapes; absent: where the ymls say. */
  readonly data?: string;
  readonly mirror?: string;
  /** In place of the released ones, and of the cache; tests give their own. */
  readonly models?: readonly ReleasedModel[];
  readonly cache?: string;
}

/**
 * `tipcheck val --table`: released weights in the three modes of the published table, ours beside theirs, on one rank
 * or more. A data set that is not there is said before anything is fetched. @returns the exit code
 */
export async function runTable(options: TableOptions, environment: NodeJS.ProcessEnv): Promise<number> {
  validateResume(options.resume, options.save_dir);
  const ranks = await joinLaunchedRanks(environment);
  const plans = await planTable(options);
  const fetched = await fetchReleasedWeights(
    plans.map(({ model }) => model),
    {
      otherwise: '--mirror <address> of a copy',
      onProgress: showFetches(),
      ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
      ...(options.cache === undefined ? {} : { cache: options.cache }),
    },
  );
  if (isFirst(ranks) && options.json !== undefined) await validateWritable(options.json);
  const bases = await chooseBases(options.bases, resumedFolder(options, plans[0]!.model), ranks);
  const shared = { bases, ranks, environment };
  const rows: PublishedRow[] = [];
  for (const [at, plan] of plans.entries())
    rows.push(...(await evaluateModel(options, plan, fetched[at]!.fetched, shared)));
  if (isFirst(ranks)) {
    outLines(`\n${renderPublishedTable(rows)}`);
    if (options.json !== undefined) await writeAtomicFile(options.json, renderRows(rows, options));
  }
  ranks?.close();
  return 0;
}

/** By the evaluations of all models. */
interface Shared {
  readonly bases: DrawnBases;
  readonly ranks: Ranks | null;
  readonly environment: NodeJS.ProcessEnv;
}

interface TablePlan {
  readonly model: ReleasedModel;
  readonly plan: EvaluationPlan;
}

async function planTable(options: TableOptions): Promise<TablePlan[]> {
  const plans: TablePlan[] = [];
  for (const model of options.models ?? selectReleased(options.table)) {
    const config = applyOpts(await readPaddleSegConfig(resolve(packageRoot, model.config)), options.opts ?? []);
    const plan = await planEvaluation(config, options.data);
    if (plans.length === 0) await checkFiles(plan.recipe.dataSet);
    plans.push({ model, plan });
  }
  return plans;
}

async function evaluateModel(
  options: TableOptions,
  { model, plan }: TablePlan,
  { path, sha256 }: { readonly path: string; readonly sha256: string },
  { bases, ranks, environment }: Shared,
): Promise<PublishedRow[]> {
  const say = (text: string) => {
    if (isFirst(ranks)) log(text);
  };
  const { port, loaded, said } = await loadWeights(
    { ...options, model_path: path },
    plan.model,
    environment,
    threadsPerRank(ranks, environment),
  );
  const rows: PublishedRow[] = [];
  try {
    ranks?.validateSame('the table', [JSON.stringify([plan, bases, options.port, sha256])]);
    for (const line of [describePort(port), `${said}, sha256 ${sha256}`]) say(line);
    for (const mode of publishedModes) {
      const testConfig = publishedTests[mode];
      const folder = folderOf(options, model, mode);
      if (folder !== null) {
        const record = await describeEvaluation(path, plan, testConfig, bases, describePort(port));
        await openKept(folder, record, options.resume === true, ranks);
      }
      const keep = folder === null ? null : { folder, evaluation: 0 };
      const { recipe, model: section } = plan;
      const workers = options.num_workers;
      const found = await evaluateImages({ loaded, model: section, bases, recipe, testConfig, workers, ranks, keep });
      const confusion = sumOf(recipe.dataSet.classes, found.images);
      const { mIoU, presentClasses } = measureSegmentation(confusion, 1);
      const classes = { present: presentClasses, all: confusion.classes };
      rows.push({ model, mode, mIoU, images: found.images.length, classes });
      say(`${model.name} ${mode}: mIoU ${(100 * mIoU).toFixed(2)} of ${found.images.length} images. ${found.said}`);
    }
  } finally {
    await loaded.dispose();
    await port.close();
  }
  return rows;
}

/** A folder for each model and mode: each is an evaluation of its own. */
function folderOf({ save_dir: folder }: TableOptions, model: ReleasedModel, mode: string): string | null {
  return folder === undefined ? null : join(folder, `${model.name}-${mode}`);
}

function resumedFolder(options: TableOptions, first: ReleasedModel): string | null {
  return options.resume === true ? folderOf(options, first, publishedModes[0]!) : null;
}

function isFirst(ranks: Ranks | null): boolean {
  return ranks === null || ranks.rank === 0;
}

function renderRows(rows: readonly PublishedRow[], { port, bases }: TableOptions): string {
  const plain = rows.map((row) => ({
    model: row.model.name,
    mode: row.mode,
    mIoU: row.mIoU,
    publishedPercent: row.model.published[row.mode],
    differencePoints: publishedDifference(row),
    images: row.images,
    classes: row.classes,
  }));
  return `${JSON.stringify({ port, bases, rows: plain }, null, 2)}\n`;
}
