import { resolve } from 'node:path';
import { readPaddleSegConfig } from '../harness/config/paddleseg-yml.js';
import { sumConfusions } from '../harness/metrics/confusion.js';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { packageRoot } from '../harness/support/package-root.js';
import { publishedModes, type ReleasedModel } from '../models/released-model.js';
import { applyOpts } from '../pipeline/config/apply-opts.js';
import { planEvaluation } from '../pipeline/config/evaluation-plan.js';
import { checkFiles } from '../pipeline/data/check-files.js';
import { evaluate } from '../pipeline/evaluate/evaluate.js';
import { measureSegmentation } from '../pipeline/evaluate/measure-segmentation.js';
import { openNetwork, parseBases } from '../pipeline/infer/open-network.js';
import { publishedTests } from '../pipeline/published/published-modes.js';
import {
  type PublishedRow,
  publishedDifference,
  renderPublishedTable,
} from '../pipeline/published/render-published-table.js';
import { fetchReleasedWeights, selectReleased } from '../pipeline/released/fetch-released-weights.js';
import { showFetches } from './fetch-progress.js';
import { loadWeights } from './load-weights.js';
import { logLine } from './log.js';
import { describePort } from './open-port.js';
import type { ValOptions } from './run-val.js';

export interface TableOptions extends Pick<ValOptions, 'port' | 'device' | 'num_workers' | 'opts' | 'bases' | 'json'> {
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
 * `tipcheck val --table`: released weights in the three modes of the published table, ours beside theirs. A data set that is not
 * there is said before anything is fetched. @returns the exit code
 */
export async function runTable(options: TableOptions): Promise<number> {
  const models = options.models ?? selectReleased(options.table);
  const bases = parseBases(options.bases, Date.now() % 2 ** 32);
  const say = (text: string) => process.stdout.write(`${logLine(text)}\n`);
  const plans = [];
  for (const model of models) {
    const config = applyOpts(await readPaddleSegConfig(resolve(packageRoot, model.config)), options.opts ?? []);
    const plan = await planEvaluation(config, options.data);
    if (plans.length === 0) await checkFiles(plan.recipe.dataSet);
    plans.push(plan);
  }
  const fetchOptions = {
    otherwise: '--mirror <address> of a copy',
    onProgress: showFetches(),
    ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
    ...(options.cache === undefined ? {} : { cache: options.cache }),
  };
  const fetched = await fetchReleasedWeights(models, fetchOptions);
  const rows: PublishedRow[] = [];
  for (const [at, { recipe, model: section }] of plans.entries()) {
    const model = models[at]!;
    const { path, sha256 } = fetched[at]!.fetched;
    const { port, loaded, said } = await loadWeights({ ...options, model_path: path }, section);
    try {
      for (const line of [describePort(port), `${said}, sha256 ${sha256}`]) say(line);
      for (const mode of publishedModes) {
        // A network of its own for each mode: `--bases random` then draws the same in all three.
        const network = await openNetwork(loaded, section, bases);
        const config = publishedTests[mode];
        const found = await evaluate({ network, recipe, config, workers: options.num_workers });
        const confusion = sumConfusions(
          recipe.dataSet.classes,
          found.map((image) => image.confusion),
        );
        const { mIoU, presentClasses } = measureSegmentation(confusion, 1);
        const classes = { present: presentClasses, all: confusion.classes };
        rows.push({ model, mode, mIoU, images: found.length, classes });
        say(`${model.backbone} ${mode}: mIoU ${(100 * mIoU).toFixed(2)} of ${found.length} images`);
      }
    } finally {
      await loaded.dispose();
      await port.close();
    }
  }
  process.stdout.write(`\n${renderPublishedTable(rows)}\n`);
  if (options.json !== undefined) await writeAtomicFile(options.json, renderRows(rows, options));
  return 0;
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
