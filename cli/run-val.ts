import { readPaddleSegConfig } from '../harness/config/paddleseg-yml.js';
import type { Device } from '../harness/hosts/port-contract.js';
import { type AbsentClass, sumConfusions } from '../harness/metrics/confusion.js';
import { writeAtomicFile } from '../harness/support/atomic-file.js';
import { UserError } from '../harness/support/errors.js';
import { applyOpts } from '../pipeline/config/apply-opts.js';
import { planEvaluation } from '../pipeline/config/evaluation-plan.js';
import { plainSection } from '../pipeline/config/section.js';
import { evaluate, type ImageEvaluation } from '../pipeline/evaluate/evaluate.js';
import { measureSegmentation } from '../pipeline/evaluate/measure-segmentation.js';
import { renderEval } from '../pipeline/evaluate/render-eval.js';
import { openNetwork, parseBases } from '../pipeline/infer/open-network.js';
import { parseTestConfig, type TestConfig } from '../pipeline/infer/test-config.js';
import type { Ranks } from '../pipeline/ranks/ranks.js';
import { loadWeights } from './load-weights.js';
import { logLine } from './log.js';
import { describePort } from './open-port.js';
import { joinLaunchedRanks, threadsPerRank } from './rank-environment.js';

export interface ValOptions {
  readonly config: string;
  readonly model_path: string;
  readonly port: string;
  readonly device: Device;
  readonly num_workers: number;
  readonly aug_eval?: boolean;
  readonly scales?: readonly number[];
  readonly flip_horizontal?: boolean;
  readonly flip_vertical?: boolean;
  readonly is_slide?: boolean;
  readonly crop_size?: readonly number[];
  readonly stride?: readonly number[];
  readonly opts?: readonly string[];
  readonly bases: string;
  readonly absent: '1' | '0' | 'nan';
  readonly save_dir?: string;
  readonly resume?: boolean;
  readonly json?: string;
}

/** `tipcheck val`. @returns the exit code */
export async function runVal(options: ValOptions): Promise<number> {
  const ranks = await joinLaunchedRanks();
  await evaluateOnRank(options, ranks);
  ranks?.close();
  return 0;
}

async function evaluateOnRank(options: ValOptions, ranks: Ranks | null): Promise<void> {
  const config = applyOpts(await readPaddleSegConfig(options.config), options.opts ?? []);
  const plan = await planEvaluation(config);
  const testConfig = chooseTestConfig(plan.testConfig, options);
  const bases = parseBases(options.bases, Date.now() % 2 ** 32);
  const { port, loaded, said } = await loadWeights(options, plan.model, threadsPerRank(ranks));
  ranks?.validateSame('the evaluation', [JSON.stringify([plan, testConfig, options.bases, options.port])]);
  const isFirst = ranks === null || ranks.rank === 0;
  const say = (text: string) => {
    if (isFirst) process.stdout.write(`${logLine(text)}\n`);
  };
  try {
    for (const line of [describePort(port), said]) say(line);
    const total = plan.recipe.dataSet.pairs.length;
    say(`Start evaluating (total_samples: ${total}, total_iters: ${total})...`);
    const network = await openNetwork(loaded, plan.model, bases);
    const startedAt = performance.now();
    const own = await evaluate({
      network,
      recipe: plan.recipe,
      config: testConfig,
      workers: options.num_workers,
      indices: indicesOf(total, ranks),
    });
    const found = joinEvaluations(own, total, plan.recipe.dataSet.classes, ranks);
    const seconds = (performance.now() - startedAt) / 1000;
    const confusion = sumConfusions(
      plan.recipe.dataSet.classes,
      found.map((image) => image.confusion),
    );
    const measured = measureSegmentation(confusion, absentOf(options.absent));
    for (const line of renderEval(total, measured)) say(line);
    say(
      `${measured.presentClasses} of ${confusion.classes} classes are present; an absent one counts ${options.absent} in mIoU. ${(seconds / total).toFixed(3)} s an image.`,
    );
    if (options.json !== undefined && isFirst) {
      const rows = (counts: Float64Array) =>
        Array.from({ length: confusion.classes }, (_, row) => [
          ...counts.subarray(row * confusion.classes, (row + 1) * confusion.classes),
        ]);
      const images = found.map(({ index, confusion: { counts } }) => ({
        image: plan.recipe.dataSet.pairs[index]!.image,
        confusion: rows(counts),
      }));
      const text = JSON.stringify({
        engine: port.report,
        ...measured,
        seconds,
        bases: options.bases,
        absent: options.absent,
        confusion: rows(confusion.counts),
        images,
      });
      await writeAtomicFile(options.json, `${text}\n`);
    }
  } finally {
    await loaded.dispose();
    await port.close();
  }
}

/** Every size-th image: ranks end at about the same time. */
function indicesOf(total: number, ranks: Ranks | null): number[] {
  const all = Array.from({ length: total }, (_, at) => at);
  return ranks === null ? all : all.filter((at) => at % ranks.size === ranks.rank);
}

/** Confusion matrices of all images on every rank, in the data set's order. */
function joinEvaluations(
  own: readonly ImageEvaluation[],
  total: number,
  classes: number,
  ranks: Ranks | null,
): ImageEvaluation[] {
  if (ranks === null) return [...own];
  const cells = classes * classes;
  const counts = new Float64Array(total * cells);
  for (const { index, confusion } of own) counts.set(confusion.counts, index * cells);
  ranks.sumFloat64(counts);
  return Array.from({ length: total }, (_, index) => ({
    index,
    confusion: { classes, counts: counts.slice(index * cells, (index + 1) * cells) },
  }));
}

function absentOf(absent: ValOptions['absent']): AbsentClass {
  return absent === 'nan' ? 'skip' : absent === '0' ? 0 : 1;
}

/** The command line goes before the yml by groups, as in tools/val.py: all of --aug_eval's, all of --is_slide's. */
function chooseTestConfig(given: TestConfig, options: ValOptions): TestConfig {
  const { aug_eval, scales, flip_horizontal, flip_vertical, is_slide, crop_size, stride } = options;
  const stray =
    aug_eval === true
      ? undefined
      : (['scales', 'flip_horizontal', 'flip_vertical'] as const).find((name) => options[name] !== undefined);
  if (stray !== undefined)
    throw new UserError(
      `Cannot use --${stray}: --aug_eval is not given, without which it does nothing. Fix: --aug_eval`,
    );
  const strayWindow =
    is_slide === true ? undefined : (['crop_size', 'stride'] as const).find((name) => options[name] !== undefined);
  if (strayWindow !== undefined)
    throw new UserError(
      `Cannot use --${strayWindow}: --is_slide is not given, without which it does nothing. Fix: --is_slide`,
    );
  const command = plainSection(
    {
      ...(aug_eval === true
        ? {
            aug_eval,
            scales: scales ?? 1,
            flip_horizontal: flip_horizontal ?? false,
            flip_vertical: flip_vertical ?? false,
          }
        : {}),
      ...(is_slide === true ? { is_slide, crop_size: crop_size ?? null, stride: stride ?? null } : {}),
    },
    'the command line',
  );
  const asked = parseTestConfig(command);
  return {
    ...(aug_eval === true ? asked : given),
    windows: is_slide === true ? asked.windows : given.windows,
  };
}
