import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BaselineOptions, limitsOf } from '../../harness/run/baseline.js';
import type { Comparison } from '../../harness/support/comparison.js';
import { UserError } from '../../harness/support/errors.js';

/** The options of `tipcheck compare` that say what is compared. */
export interface CompareWhat extends BaselineOptions {
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
}

/**
 * Compares what the arguments name: predictions with ground truth and reference metrics, a run with a baseline, or two
 * runs, two folders of pictures or two arrays. @throws UserError for arguments that do not fit together
 */
export async function chooseComparison(
  actual: string | undefined,
  expected: string | undefined,
  options: CompareWhat,
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

async function compareWithReference(options: CompareWhat): Promise<Comparison> {
  const { predict_dir, gt_dir, num_classes, absent } = options;
  if (predict_dir === undefined) throw usage('--predict_dir is not given', 'it is');
  if (gt_dir === undefined) throw usage('--gt_dir is not given', 'it is');
  if (num_classes === undefined) throw usage('--num_classes is not given', 'it is');
  const { compareMetrics } = await import('../compare/compare-metrics.js');
  return compareMetrics({
    ...options,
    predict_dir,
    gt_dir,
    num_classes,
    absent: absent === 'nan' ? 'skip' : absent === '0' ? 0 : 1,
  });
}

async function compareTwo(actual: string, expected: string, options: CompareWhat): Promise<Comparison> {
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
      const { comparePictures } = await import('../compare/compare-pictures.js');
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
