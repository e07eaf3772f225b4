import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { type BaselineOptions, limitsOf } from '../../harness/run/baseline.js';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import type { Comparison } from '../../harness/support/comparison.js';
import { UserError } from '../../harness/support/errors.js';
import { printableLines } from '../../harness/support/printable.js';
import { baselineOptions } from '../options.js';
import type { Program } from '../program.js';

interface CompareOptions extends BaselineOptions {
  readonly predict_dir?: readonly string[];
  readonly gt_dir?: string;
  readonly metric_file?: readonly string[];
  readonly num_classes?: number;
  readonly ignore_index: number;
  readonly absent: '1' | '0' | 'nan';
  readonly write_metrics?: string;
  readonly max_changed: number;
  readonly atol: number;
  readonly rtol: number;
  readonly json?: string;
}

export function register(program: Program): void {
  const command = program
    .command('compare')
    .helpGroup('Judge:')
    .summary("hold results against others: TIPC's compare_results.py, two runs, two folders of pictures, two arrays")
    .description(
      'Compares predictions with ground truth and reference metrics (--predict_dir, --gt_dir, --metric_file: the arguments of compare_results.py), two folders of label pictures, two stored runs, two .npy or .npz files, or a run with a baseline. Exit codes: 0 they agree, 1 they do not, 2 bad usage or input, or nothing was compared, 3 inconclusive.',
    )
    .argument('[actual]', "a run's folder or result.json, a folder of label pictures, an .npy or .npz")
    .argument('[expected]', 'the same, what it should be')
    .option('--predict_dir <paths...>', 'folders of label pictures; patterns as TIPC writes them')
    .option('--gt_dir <folder>', 'their ground truth, at any depth; Cityscapes names are paired')
    .option(
      '--metric_file <paths...>',
      'references of name:value lines; fp32, fp16 or int8 in the name says for which folders',
    )
    .option('--num_classes <count>', 'how many classes there are', parseCount)
    .option('--ignore_index <class>', 'the label that is not counted', parseCount, 255)
    .addOption(
      new Option('--absent <share>', 'what a class that nowhere occurs counts in mIoU')
        .choices(['1', '0', 'nan'])
        .default('1'),
    )
    .option('--write_metrics <file>', 'write the metrics found as such a reference')
    .option('--max_changed <share>', 'of two folders: the share of pixels that may differ', parseTolerance, 0)
    .option('--atol <number>', 'absolute tolerance', parseTolerance, 1e-3)
    .option('--rtol <number>', 'relative tolerance', parseTolerance, 1e-3)
    .option('--json <file>', 'write what was found as JSON');
  for (const option of baselineOptions()) command.addOption(option);
  command.endsWith((actual: string | undefined, expected: string | undefined, options: CompareOptions) =>
    compare(actual, expected, options),
  );
}

async function compare(
  actual: string | undefined,
  expected: string | undefined,
  options: CompareOptions,
): Promise<number> {
  const found = await chooseComparison(actual, expected, options);
  process.stdout.write(printableLines(found.text));
  if (options.json !== undefined)
    await writeAtomicFile(options.json, `${JSON.stringify({ verdict: found.verdict, ...found.json }, null, 2)}\n`);
  return { agree: 0, differ: 1, inconclusive: 3 }[found.verdict];
}

async function chooseComparison(
  actual: string | undefined,
  expected: string | undefined,
  options: CompareOptions,
): Promise<Comparison> {
  if (options.predict_dir !== undefined || options.gt_dir !== undefined || options.metric_file !== undefined) {
    if (actual !== undefined) throw usage(`${actual} stands beside --predict_dir`, 'one of the two is');
    return compareWithReference(options);
  }
  if (actual === undefined)
    throw usage('nothing is given', 'two things to compare, or --predict_dir, --gt_dir and --metric_file are');
  if (options.baseline !== undefined) {
    if (expected !== undefined) throw usage(`${expected} stands beside --baseline`, 'one of the two is');
    const { compareWithBaseline } = await import('../../harness/run/compare-baseline.js');
    return compareWithBaseline(actual, options);
  }
  if (expected === undefined) throw usage(`only ${actual} is given`, 'something to compare it with is');
  return compareTwo(actual, expected, options);
}

async function compareWithReference(options: CompareOptions): Promise<Comparison> {
  const { predict_dir, gt_dir, num_classes, absent } = options;
  if (predict_dir === undefined) throw usage('--predict_dir is not given', 'it is');
  if (gt_dir === undefined) throw usage('--gt_dir is not given', 'it is');
  if (num_classes === undefined) throw usage('--num_classes is not given', 'it is');
  const { compareMetrics } = await import('../../pipeline/compare/compare-metrics.js');
  return compareMetrics({
    ...options,
    predict_dir,
    gt_dir,
    num_classes,
    absent: absent === 'nan' ? 'skip' : absent === '0' ? 0 : 1,
  });
}

async function compareTwo(actual: string, expected: string, options: CompareOptions): Promise<Comparison> {
  const { atol, rtol, factor, max_changed } = options;
  const kinds = [kindOf(actual), kindOf(expected)];
  if (kinds[0] !== kinds[1])
    throw usage(`${actual} is ${names[kinds[0]!]} and ${expected} ${names[kinds[1]!]}`, 'two of a kind are');
  switch (kinds[0]) {
    case 'array': {
      const { compareArrays } = await import('../../harness/run/compare-arrays.js');
      return compareArrays(actual, expected, atol, rtol);
    }
    case 'run': {
      const { compareResults } = await import('../../harness/run/compare-results.js');
      return compareResults(actual, expected, { atol, rtol, factor: limitsOf(factor).factor });
    }
    default: {
      const { comparePictures } = await import('../../pipeline/compare/compare-pictures.js');
      return comparePictures(actual, expected, max_changed);
    }
  }
}

type Kind = 'array' | 'run' | 'pictures';

const names: Readonly<Record<Kind, string>> = { array: 'an array', run: 'a run', pictures: 'a folder of pictures' };

function kindOf(path: string): Kind {
  if (!existsSync(path)) throw usage(`${path} is not there`, 'a run, a folder of pictures, an .npy or an .npz is');
  if (/\.np[yz]$/.test(path)) return 'array';
  if (statSync(path).isDirectory()) return existsSync(join(path, 'result.json')) ? 'run' : 'pictures';
  if (path.endsWith('.json')) return 'run';
  throw usage(`${path} is none of them`, 'a run, a folder of pictures, an .npy or an .npz is');
}

function usage(is: string, wanted: string): UserError {
  return new UserError(`Cannot compare: ${is}; ${wanted} wanted. See: npx tipcheck compare --help`);
}

function parseCount(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted.');
  return Number(text);
}

function parseTolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('a number from 0 is wanted.');
  return value;
}
