import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { EnvironmentError } from '../harness/support/errors.js';
import { packageRoot } from '../harness/support/package-root.js';
import { ensureOracle, type OracleKind } from '../scripts/oracle-environment.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(1_800_000);

const isWhole = process.env.TIPCHECK_TEST_ALL === '1';
const street = join(packageRoot, 'fixtures', 'street');
const golden = await readEvalGolden('street');
const weights = ['--model_path', golden.weightsPath];
const root = ['--opts', `val_dataset.dataset_root=${street}`];

t.test('cityscapesscripts, which nobody here wrote, scores the same predictions the same', async (t) => {
  const python = await findPython(t, 'scores');
  if (python === null) return;
  const folder = t.testdir();
  const evaluated = await tipcheck(
    ['val', '--config', golden.configPath, ...weights, ...root, '--absent', 'nan', '--json', 'found.json'],
    folder,
  );
  t.equal(evaluated.exitCode, 0, evaluated.stderr);
  const images = join(street, 'leftImg8bit', 'val', 'street');
  const predicted = await tipcheck(
    ['predict', '--config', golden.configPath, ...weights, '--image_path', images, '--save_dir', 'out'],
    folder,
  );
  t.equal(predicted.exitCode, 0, predicted.stderr);
  const score = async (predictions: string) => {
    const args = ['-m', 'oracle.cityscapes_scores', join(street, 'gtFine', 'val'), predictions];
    const { stdout } = await execa(python, args, { cwd: packageRoot });
    return JSON.parse(stdout) as { images: number; classIou: (number | null)[]; mean: number };
  };
  const theirs = await score(join(folder, 'out', 'pseudo_color_prediction'));
  const ours: { classIou: (number | null)[]; mIoU: number; presentClasses: number } = JSON.parse(
    await readFile(join(folder, 'found.json'), 'utf8'),
  );
  t.equal(theirs.images, 8);
  t.equal(theirs.classIou.filter((iou) => iou !== null).length, ours.presentClasses);
  for (const [at, iou] of theirs.classIou.entries())
    t.ok(
      iou === null ? ours.classIou[at] === null : Math.abs(ours.classIou[at]! - iou) < 1e-12,
      golden.classNames[at]!,
    );
  t.ok(Math.abs(ours.mIoU - theirs.mean) < 1e-12, `${ours.mIoU} and ${theirs.mean}`);

  // The check can fail: with the picture of one scene in the place of another's the scores are others.
  const predictions = join(folder, 'out', 'pseudo_color_prediction');
  const pictureOf = (scene: number) => join(predictions, `street_00000${scene}_000019_leftImg8bit.png`);
  await copyFile(pictureOf(1), pictureOf(0));
  t.ok(Math.abs(ours.mIoU - (await score(predictions)).mean) > 1e-3);
});

/** Without the time of day, which PaddleSeg's release 2.8.0 writes in another form than its repository, and we. */
const plainLines = (text: string): string =>
  text
    .slice(text.indexOf('[EVAL]'))
    .replaceAll(/^(\[[\d/: ]+\] INFO: |[\d: -]+ \[INFO\]\t)/gm, '')
    .split('\n')
    .filter((line) => !/classes are present|^{/.test(line))
    .join('\n')
    .trim();

const modes: Readonly<Record<string, readonly string[]>> = {
  single: [],
  flip: ['--aug_eval', '--flip_horizontal'],
  'ms+flip': ['--aug_eval', '--scales', '0.75', '1.0', '1.25', '--flip_horizontal'],
  slide: ['--is_slide', '--crop_size', '192', '192', '--stride', '160', '160'],
};

for (const [mode, options] of Object.entries(modes))
  t.test(
    `the lines of ${mode} are those that PaddleSeg prints`,
    { skip: isWhole ? false : 'not run: npm run test:all' },
    async (t) => {
      const python = await findPython(t, 'data');
      if (python === null) return;
      const folder = t.testdir();
      const config = join(folder, 'street.yml');
      const text = await readFile(golden.configPath, 'utf8');
      await writeFile(config, text.replaceAll('fixtures/street', street));
      const args = ['--config', config, ...weights, ...options];
      const theirs = await execa(python, ['-m', 'oracle.val', ...args], {
        cwd: packageRoot,
        env: { OMP_NUM_THREADS: String(cpus().length) },
      });
      // In the release 2.8.0 an absent class counts 0.
      const ours = await tipcheck(['val', ...args, '--absent', '0'], folder);
      t.equal(ours.exitCode, 0, ours.stderr);
      t.match(theirs.stdout, /\[EVAL\] #Images: 8 mIoU: 0\.4/);
      t.equal(plainLines(ours.stdout), plainLines(theirs.stdout));
    },
  );

async function findPython(t: Test, kind: OracleKind): Promise<string | null> {
  try {
    return (await ensureOracle((line) => t.comment(line), kind)).python;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    t.comment(`not run: ${error.message}`);
    return null;
  }
}
