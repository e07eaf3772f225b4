import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(3_600_000);

/**
 * Photographs, a full MSCAN_T trained by Paddle, and what PaddleSeg's inference gives on them. They lie beside a
 * checkout of the project for those who have them, and may not be copied into it.
 */
const camvid = join(packageRoot, '..', 'shared', 'data', 'camvid');
const isWhole = process.env.TIPCHECK_TEST_ALL === '1';
const absent = existsSync(join(camvid, 'golden.json')) ? false : 'not run: ../shared/data/camvid is not there';
if (absent !== false) t.comment(absent);

interface GoldenMode {
  readonly options: { readonly scales?: number | readonly number[]; readonly is_slide?: boolean };
  readonly mIoU: number;
  readonly Acc: number;
  readonly Kappa: number;
  readonly Dice: number;
  readonly confusion_per_image: readonly (readonly number[])[];
}

interface Found {
  readonly mIoU: number;
  readonly images: readonly { readonly image: string; readonly confusion: readonly (readonly number[])[] }[];
}

const argumentsOf: Readonly<Record<string, readonly string[]>> = {
  single: [],
  flip: ['--aug_eval', '--flip_horizontal'],
  'ms+flip': ['--aug_eval', '--scales', '0.75', '1.0', '1.25', '--flip_horizontal'],
  slide: ['--is_slide', '--crop_size', '256', '256', '--stride', '192', '192'],
};

/** Of some images in the normal run: what is fast. */
const sample: readonly (readonly [port: string, mode: string])[] = [
  ['ort', 'single'],
  ['ort', 'flip'],
  ['ort', 'slide'],
  ['tfjs', 'single'],
];
const sampledImages = [4, 10];

const asked = isWhole
  ? ['ort', 'tfjs'].flatMap((port) => Object.keys(argumentsOf).map((mode) => [port, mode]))
  : sample;

for (const [port, mode] of asked as readonly (readonly [string, string])[])
  t.test(`${port} meets PaddleSeg on photographs, ${mode}`, { skip: absent }, async (t) => {
    const golden: { readonly images: readonly string[]; readonly modes: Readonly<Record<string, GoldenMode>> } =
      JSON.parse(await readFile(join(camvid, 'golden.json'), 'utf8'));
    const wanted = golden.modes[mode]!;
    const indices = isWhole ? [...golden.images.keys()] : sampledImages;
    const { found, stdout } = await evaluate(
      t,
      port,
      mode,
      indices.map((at) => golden.images[at]!),
    );
    t.equal(found.images.length, indices.length);
    let moved = 0;
    let pixels = 0;
    for (const [at, index] of indices.entries()) {
      const expected = wanted.confusion_per_image[index]!;
      const actual = found.images[at]!.confusion.flat();
      t.ok(found.images[at]!.image.endsWith(golden.images[index]!));
      t.equal(actual.length, expected.length);
      moved += actual.reduce((sum, count, cell) => sum + Math.abs(count - expected[cell]!), 0) / 2;
      pixels += expected.reduce((sum, count) => sum + count, 0);
    }
    // The normal run's few pixels allow one, which a rounding error may move.
    t.ok(moved <= Math.max(1, 1e-6 * pixels), `${moved} of ${pixels} pixels differ`);
    if (!isWhole) return;
    t.ok(Math.abs(found.mIoU - wanted.mIoU) <= 1e-5, `the mIoU is ${found.mIoU}; ${wanted.mIoU} is wanted`);
    const [, ...figures] = /mIoU: (\S+) Acc: (\S+) Kappa: (\S+) Dice: (\S+)/.exec(stdout) ?? [];
    t.same(
      figures,
      [wanted.mIoU, wanted.Acc, wanted.Kappa, wanted.Dice].map((figure) => figure.toFixed(4)),
      'to four decimals',
    );
  });

async function evaluate(t: Test, port: string, mode: string, images: readonly string[]) {
  const folder = t.testdir();
  const list = join(folder, 'val.txt');
  await writeFile(list, images.map((image) => `${image} ${image.replace('images/', 'labels/')}\n`).join(''));
  const stem = join(camvid, 'segnext_mscan_t_camvid');
  const { exitCode, stdout, stderr } = await tipcheck(
    [
      'val',
      ...['--config', `${stem}.yml`, '--model_path', `${stem}.pdparams`, '--port', port],
      ...['--bases', 'uniform/1:5:bases', '--json', 'found.json'],
      ...argumentsOf[mode]!,
      ...['--opts', `val_dataset.dataset_root=${camvid}`, `val_dataset.val_path=${list}`],
    ],
    folder,
  );
  t.equal(exitCode, 0, stderr);
  const found: Found = JSON.parse(await readFile(join(folder, 'found.json'), 'utf8'));
  return { found, stdout };
}
