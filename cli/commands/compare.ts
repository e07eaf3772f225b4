import { InvalidArgumentError, Option } from 'commander';
import { writeAtomicFile } from '../../harness/support/atomic-file.js';
import { outLines } from '../../harness/support/console.js';
import type { CompareWhat } from '../../pipeline/tools/compare.js';
import { baselineFlags } from '../options/judge.js';
import { wholeNumber } from '../options/numbers.js';
import type { Program } from '../program.js';

interface CompareOptions extends CompareWhat {
  readonly json?: string;
}

export function register(program: Program): void {
  program
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
    .option('--num_classes <count>', 'how many classes there are', wholeNumber(0, 3))
    .option('--ignore_index <class>', 'the label that is not counted', wholeNumber(0, 3), 255)
    .addOption(
      new Option('--absent <share>', 'what a class that nowhere occurs counts in mIoU')
        .choices(['1', '0', 'nan'])
        .default('1'),
    )
    .option('--write_metrics <file>', 'write the metrics found as such a reference')
    .option('--max_changed <share>', 'of two folders: the share of pixels that may differ', parseTolerance, 0)
    .option('--atol <number>', 'absolute tolerance', parseTolerance, 1e-3)
    .option('--rtol <number>', 'relative tolerance', parseTolerance, 1e-3)
    .option('--json <file>', 'write what was found as JSON')
    .addGroup(baselineFlags)
    .endsWith((actual: string | undefined, expected: string | undefined, options: CompareOptions) =>
      compare(actual, expected, options),
    );
}

async function compare(
  actual: string | undefined,
  expected: string | undefined,
  options: CompareOptions,
): Promise<number> {
  const { chooseComparison } = await import('../../pipeline/tools/compare.js');
  const found = await chooseComparison(actual, expected, options);
  outLines(found.text);
  if (options.json !== undefined)
    await writeAtomicFile(options.json, `${JSON.stringify({ verdict: found.verdict, ...found.json }, null, 2)}\n`);
  return { agree: 0, differ: 1, inconclusive: 3 }[found.verdict];
}

function parseTolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('A number from 0 is wanted.');
  return value;
}
