import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { parseResult } from '../harness/result/parse-result.js';
import type { Result } from '../harness/result/record/result.js';
import type { StepResult } from '../harness/result/record/tipc-run.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcTextForTests } from '../tipc/text/text-for-tests.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

/** PaddleSeg's form with a small SegNeXt, one row on the CPU: train, export, and inference. */
const text = tipcTextForTests({
  ...{ model_name: 'small', python: 'python3', gpu_list: '0', '--device': 'cpu' },
  '--iters': 'lite_train_lite_infer=3|whole_train_whole_infer=5',
  '--batch_size': 'lite_train_lite_infer=2|whole_train_whole_infer=2',
  train_infer_img_dir: 'data/two.list',
  norm_train: 'tools/train.py --config small.yml --do_eval --seed 3 --log_iters 1',
  norm_export: 'tools/export.py --config small.yml --input_shape 1 3 256 512',
  infer_model: './trained/model.pdparams',
  infer_export: 'tools/export.py --config small.yml --input_shape 1 3 256 512',
  ...{ 'infer.--device': 'cpu', '--cpu_threads': '1', 'infer.--batch_size': '2', '--image_path': 'data/two.list' },
  '--model_name': 'small',
});

/** The same with other values, wherever a key stands. */
export const smallText = (changes: Readonly<Record<string, string>> = {}) =>
  text.replace(/^([^:\n=]+):(.*)$/gm, (line, key: string) => (key in changes ? `${key}:${changes[key]}` : line));

/** A user's folder: the text file, its yml, two pictures in a list. */
export async function makeFolder(t: Test, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = t.testdir({ 'small.txt': smallText(changes) });
  await writeSmallConfig(folder);
  const pictures = join(packageRoot, 'fixtures', 'street', 'leftImg8bit', 'val', 'street');
  await mkdir(join(folder, 'data'));
  for (const number of [0, 1]) {
    const name = `street_00000${number}_000019_leftImg8bit.png`;
    await cp(join(pictures, name), join(folder, 'data', name));
  }
  await writeFile(
    join(folder, 'data', 'two.list'),
    'street_000000_000019_leftImg8bit.png\nstreet_000001_000019_leftImg8bit.png\n',
  );
  return folder;
}

/** `tipcheck test small.txt <mode>` there, and the result that it stored. */
export async function runMode(
  folder: string,
  mode: string,
  options: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
) {
  const before = new Set(await readdir(join(folder, 'reports')).catch(() => []));
  const ended = await tipcheck(['test', 'small.txt', mode, ...options], folder, environment);
  const [made] = (await readdir(join(folder, 'reports')).catch(() => [])).filter((name) => !before.has(name));
  const stored = made === undefined ? null : join(folder, 'reports', made, 'result.json');
  const result = stored === null ? null : await readFile(stored, 'utf8').then(parseResult, () => null);
  return { ...ended, lastLine: ended.stdout.trim().split('\n').at(-1)!, result, report: made ?? '' };
}

export const stepsOf = (result: Result | null): readonly StepResult[] => result?.tipc?.steps ?? [];
export const verdictsOf = (result: Result | null) => stepsOf(result).map(({ id, verdict }) => `${id} ${verdict}`);
