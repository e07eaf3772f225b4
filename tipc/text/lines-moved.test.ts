import t from 'tap';
import type { TipcPlan } from '../plan/plan.js';
import { planTipc } from '../plan/plan-tipc.js';
import { parseTipcText } from '../plan/read-tipc-file.js';
import { tipcTextForTests } from './text-for-tests.js';

/** As PaddleSeg's SegNeXt file: 51 lines, the last of which is `--model_name`. */
const lines = tipcTextForTests().trimEnd().replace('--save_dir:\n--model_name:', '--model_name:').split('\n');
const modes = ['lite_train_lite_infer', 'whole_infer'];

const plan = (text: readonly string[], mode: string): TipcPlan =>
  planTipc(parseTipcText(text.join('\n'), 'f.txt'), mode);
const outcome = (text: readonly string[], mode: string): string => {
  try {
    return plan(text, mode)
      .steps.map(({ command }) => command)
      .join('\n');
  } catch (error) {
    return (error as Error).message;
  }
};

t.test('the file as it stands has 51 lines and plans', async (t) => {
  t.equal(lines.length, 51);
  for (const mode of modes) t.ok(plan(lines, mode).steps.length > 0);
});

/**
 * Which line of the file shows that one is missing or stands twice: the first whose text cannot be at its position.
 * Without the last line, and with that twice, the scripts run on: a file may end there, and the line after it is a free
 * argument.
 */
for (const [what, change] of [
  ['deleted', (at: number) => lines.filter((_, index) => index !== at)],
  ['doubled', (at: number) => lines.flatMap((line, index) => (index === at ? [line, line] : [line]))],
] as const)
  t.test(`each of the 51 lines ${what} is named, but for the last, with which the scripts run on`, async (t) => {
    for (const at of lines.keys())
      for (const mode of modes) {
        const found = outcome(change(at), mode);
        const moved = Number(/^Cannot read f\.txt:(\d+): /.exec(found)?.[1] ?? Number.NaN);
        if (at === 50) t.match(found, /^python3\.7 tools\//, `line 51 in ${mode}`);
        // Lines above it are what they were.
        else t.ok(moved >= at + 1 && moved <= at + 12, `line ${at + 1} in ${mode}: ${found}`);
      }
  });

t.test('what the scripts make of the last line, the plan has', async (t) => {
  const commands = (text: readonly string[]) => outcome(text, 'lite_train_lite_infer').split('\n');
  t.match(commands(lines)[2], / --model_name=\S+_results {3}> /, 'the free argument of the results');
  t.notMatch(commands(lines.slice(0, -1))[2], '--model_name');
  t.match(commands([...lines, lines.at(-1)!])[2], / --model_name=\S+_results --model_name=toy > /);
});

t.test(
  'the four titles may be called anything, for the scripts count lines; without one the lines are refused',
  async (t) => {
    const titled = lines.map((line, at) =>
      [0, 22, 26, 35].includes(at) ? `=====part ${at}=====`.replace(' ', '_') : line,
    );
    for (const mode of modes) t.equal(outcome(titled, mode), outcome(lines, mode));
    for (const at of [22, 26, 35]) {
      const without = titled.map((line, index) => (index === at ? 'null:null' : line));
      t.equal(
        outcome(without, 'whole_infer'),
        `Cannot read f.txt:${at + 1}: position ${at + 1} holds "null:null"; a title is wanted, for lines count by position`,
      );
    }
    t.match(outcome(['model:x', ...titled.slice(1)], 'whole_infer'), /^Cannot read f\.txt:1: it begins with "model:x"/);
    t.match(
      outcome([titled[0]!, 'name:x', ...titled.slice(2)], 'whole_infer'),
      /^Cannot read f\.txt:1: it begins with/,
    );
  },
);

t.test('a byte order mark changes nothing', async (t) => {
  for (const mode of modes) t.equal(outcome([`\uFEFF${lines[0]}`, ...lines.slice(1)], mode), outcome(lines, mode));
});

t.test('blanks in the section of benchmark_train count for that mode alone', async (t) => {
  const section = [
    '===train_benchmark_params===',
    'batch_size:4  ',
    'fp_items:fp32',
    'epoch:3',
    '--profiler_options:null',
  ];
  const whole = [...lines, ...section];
  for (const mode of modes) t.equal(outcome(whole, mode), outcome(lines, mode));
  t.equal(
    outcome(whole, 'benchmark_train'),
    'Cannot read f.txt:53: batch_size is "4  "; a whole number above 0 is wanted',
  );
  t.match(
    outcome([...lines, section[0]!], 'benchmark_train'),
    /^Cannot read f\.txt:52: line 1 of train_benchmark_params has the key ""; batch_size is wanted/,
  );
});
