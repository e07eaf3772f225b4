import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from 'fast-png';
import t from 'tap';
import { readEvalGolden } from '../harness/golden/read-eval-golden.js';
import { readWeightsFile, writeWeightsFile } from '../harness/golden/weights-file.js';
import { packageRoot } from '../harness/support/package-root.js';
import { tipcheck } from './tools-for-tests.js';

t.setTimeout(600_000);

const street = join(packageRoot, 'fixtures', 'eval', 'street');
const golden = await readEvalGolden('street');
const weights = ['--model_path', golden.weightsPath];

/** The shipped yml with the data set's absolute path, and what `change` does to it. */
async function writeConfig(folder: string, change = (text: string): string => text): Promise<string> {
  const text = await readFile(join(street, 'segnext_street.yml'), 'utf8');
  const path = join(folder, 'street.yml');
  await writeFile(path, change(text.replaceAll('fixtures/street', join(packageRoot, 'fixtures', 'street'))));
  return path;
}

const asked: Readonly<Record<string, readonly string[]>> = {
  single: [],
  flip: ['--aug_eval', '--flip_horizontal'],
  slide: ['--is_slide', '--crop_size', '192', '192', '--stride', '160', '160'],
};

for (const [mode, options] of Object.entries(asked)) {
  t.test(`val in the mode ${mode} counts what PaddleSeg counts, image by image`, async (t) => {
    const folder = t.testdir();
    const config = await writeConfig(folder);
    const args = ['val', '--config', config, ...weights, ...options, '--json', 'found.json'];
    const { exitCode, stdout, stderr } = await tipcheck(args, folder);
    t.equal(exitCode, 0, stderr);
    const wanted = golden.modes.find(({ name }) => name === mode)!;
    const found = JSON.parse(await readFile(join(folder, 'found.json'), 'utf8'));
    for (const [at, { confusion }] of wanted.images.entries())
      t.same(found.images[at].confusion, confusion, `image ${at}`);
    t.ok(Math.abs(found.mIoU - wanted.metrics.mIoU) < 1e-12);
    t.ok(Math.abs(found.Kappa - wanted.metrics.Kappa) < 1e-12);
    t.ok(Math.abs(found.Dice - wanted.metrics.Dice) < 1e-12);
    t.match(stdout, /INFO: \[EVAL\] #Images: 8 mIoU: 0\.8\d{3} Acc: 0\.9\d{3} Kappa: 0\.9\d{3} Dice: 0\.\d{4}\n/);
    t.match(stdout, '11 of 19 classes are present');
  });
}

t.test('an absent class counts 1, 0, or not at all', async (t) => {
  const folder = t.testdir();
  const config = await writeConfig(folder);
  const mious = [];
  for (const absent of ['1', '0', 'nan']) {
    const { stdout } = await tipcheck(['val', '--config', config, ...weights, '--absent', absent], folder);
    mious.push(Number(/mIoU: (\S+)/.exec(stdout)?.[1]));
  }
  const [one = 0, zero = 0, skipped = 0] = mious;
  t.ok(Math.abs(one - (zero + 8 / 19)) < 2e-4, `${one}, ${zero}`);
  t.ok(Math.abs(skipped - (zero * 19) / 11) < 2e-4, `${skipped}`);
});

t.test('labels that are all ignored do not give an mIoU of 1', async (t) => {
  const folder = t.testdir({ 'one.list': 'a.png l.png\n' });
  const [height, width] = [32, 48];
  const grey = (channels: number) => new Uint8Array(height * width * channels);
  await writeFile(join(folder, 'a.png'), encode({ width, height, channels: 3, data: grey(3).fill(90) }));
  await writeFile(join(folder, 'l.png'), encode({ width, height, channels: 1, data: grey(1).fill(255) }));
  const config = await writeConfig(folder, (text) =>
    text.replace(
      /(val_dataset:\n) {2}type: Cityscapes\n {2}dataset_root: .*\n/,
      '$1  type: Dataset\n  dataset_root: .\n  val_path: one.list\n  num_classes: 19\n',
    ),
  );
  const { exitCode, stderr, stdout } = await tipcheck(['val', '--config', config, ...weights], folder);
  t.equal(exitCode, 2, stdout);
  t.match(
    stderr,
    /^Cannot evaluate .*street\.yml:\d+: every pixel of its labels is ignored; labels with classes are wanted$/m,
  );
});

t.test('weights of another network, and a data set with other classes, are refused by name', async (t) => {
  const folder = t.testdir();
  const wider = await writeConfig(folder, (text) => text.replace('[16, 32, 48, 64]', '[16, 32, 48, 96]'));
  const first = await tipcheck(['val', '--config', wider, ...weights], folder);
  t.equal(first.exitCode, 2);
  t.match(
    first.stderr,
    /^Cannot load the weights: backbone\.patch_embed4\.\S+ is \[64.*\]; \[96.*\] is wanted in .*\.pdparams\. Fix: the yml that these weights were trained with$/m,
  );
  const missing = await tipcheck(
    ['val', '--config', await writeConfig(folder), '--model_path', 'nothing.pdparams'],
    folder,
  );
  t.equal(missing.exitCode, 2);
  t.match(missing.stderr, 'Cannot read weights nothing.pdparams: there is no such file');
});

t.test('an evaluation that is killed goes on, and gives what it would have given', async (t) => {
  const folder = t.testdir();
  const config = await writeConfig(folder);
  const args = ['val', '--config', config, ...weights, '--bases', 'random'];
  const kept = [...args, '--repeats', '2', '--save_dir', 'kept', '--json'];
  const first = tipcheck([...kept, 'killed.json'], folder);
  const images = join(folder, 'kept', 'images');
  // Late enough to have kept some, early enough not to be done before it is killed.
  const seed = Date.now() % 8;
  t.comment(`killed after ${seed + 1} of 16 results`);
  const countKept = () => (existsSync(images) ? readdirSync(images).filter((name) => /^\d/.test(name)).length : 0);
  while (first.exitCode === null && countKept() <= seed) await sleep(5);
  first.kill('SIGKILL');
  t.equal((await first).signal, 'SIGKILL');
  t.notOk(existsSync(join(folder, 'killed.json')), 'no partial result is reported');

  const again = await tipcheck([...kept, 'again.json'], folder);
  t.equal(again.exitCode, 2);
  t.match(again.stderr, 'Cannot keep results in kept: it holds those of an evaluation already');
  const other = await tipcheck([...args, '--aug_eval', '--flip_vertical', '--save_dir', 'kept', '--resume'], folder);
  t.equal(other.exitCode, 2);
  t.match(other.stderr, /Cannot resume the evaluation in kept: its test is .* the same is wanted/);

  const resumed = await tipcheck([...kept, 'resumed.json', '--resume'], folder);
  t.equal(resumed.exitCode, 0, resumed.stderr);
  t.match(resumed.stdout, /\d+ of 8 images were evaluated before/);
  t.match(resumed.stdout, /mIoU of 2 evaluations, each with random bases of its own: 0\.\d{4} to 0\.\d{4}, mean/);
  // The same draws without an interruption.
  const record = JSON.parse(await readFile(join(folder, 'kept', 'evaluation.json'), 'utf8'));
  await mkdir(join(folder, 'whole'));
  await writeFile(join(folder, 'whole', 'evaluation.json'), JSON.stringify(record));
  const whole = await tipcheck(
    [...args, '--repeats', '2', '--save_dir', 'whole', '--json', 'whole.json', '--resume'],
    folder,
  );
  t.equal(whole.exitCode, 0, whole.stderr);
  const [one, two] = await Promise.all(
    ['resumed.json', 'whole.json'].map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))),
  );
  const plain = { seconds: 0, peakRssMb: 0 };
  t.same({ ...one, ...plain }, { ...two, ...plain });
  t.not(one.spread.mIoU[0], one.spread.mIoU[1], 'each evaluation draws its own bases');
});

t.test(
  'what was kept of a picture or a label that is another now is not believed: it is evaluated again',
  async (t) => {
    const folder = t.testdir();
    const data = join(folder, 'street');
    const shipped = join(packageRoot, 'fixtures', 'street');
    await cp(shipped, data, { recursive: true });
    const config = await writeConfig(folder, (text) => text.replaceAll(shipped, data));
    const args = ['val', '--config', config, ...weights, '--json'];
    const kept = ['--save_dir', 'kept'];
    t.equal((await tipcheck([...args, 'first.json', ...kept], folder)).exitCode, 0);
    const label = (at: number) => join(data, `gtFine/val/street/street_00000${at}_000019_gtFine_labelTrainIds.png`);
    const picture = (at: number) => join(data, `leftImg8bit/val/street/street_00000${at}_000019_leftImg8bit.png`);
    await cp(label(0), label(1));
    await cp(picture(2), picture(3));
    const resumed = await tipcheck([...args, 'resumed.json', ...kept, '--resume'], folder);
    t.match(
      resumed.stdout,
      '6 of 8 images were evaluated before. 2 were evaluated again, for their picture or label is another now.',
    );
    t.equal((await tipcheck([...args, 'fresh.json'], folder)).exitCode, 0);
    const [first, again, fresh] = await Promise.all(
      ['first', 'resumed', 'fresh'].map(async (name) =>
        JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')),
      ),
    );
    t.same(again.confusion, fresh.confusion);
    t.notSame(again.confusion, first.confusion);
    const third = await tipcheck([...args, 'third.json', ...kept, '--resume'], folder);
    t.match(third.stdout, /8 of 8 images were evaluated before/, 'what was evaluated again is kept');
  },
);

t.test('an .onnx file is evaluated as the weights that it was made of are', async (t) => {
  const folder = t.testdir();
  const config = await writeConfig(folder);
  const made = await tipcheck(['export', '--config', config, ...weights, '--out', 'street.onnx'], folder);
  t.equal(made.exitCode, 0, made.stderr);
  const args = ['val', '--config', config, '--model_path', 'street.onnx', '--json', 'found.json'];
  const { exitCode, stderr } = await tipcheck(args, folder);
  t.equal(exitCode, 0, stderr);
  const found = JSON.parse(await readFile(join(folder, 'found.json'), 'utf8'));
  const [single] = golden.modes;
  for (const [at, { confusion }] of single!.images.entries())
    t.same(found.images[at].confusion, confusion, `image ${at}`);
  const pictures = join(packageRoot, 'fixtures', 'street', 'leftImg8bit', 'val', 'street');
  const masksOf = async (model: string, out: string) => {
    const where = ['--image_path', pictures, '--save_dir', out];
    const run = await tipcheck(['predict', '--config', config, '--model_path', model, ...where], folder);
    t.equal(run.exitCode, 0, run.stderr);
    const masks = join(folder, out, 'pseudo_color_prediction');
    return Promise.all(readdirSync(masks).map((name) => readFile(join(masks, name), 'base64')));
  };
  t.same(await masksOf('street.onnx', 'of-graph'), await masksOf(golden.weightsPath, 'of-weights'));
  const wider = join(folder, 'wider.yml');
  await writeFile(wider, (await readFile(config, 'utf8')).replace('[16, 32, 48, 64]', '[16, 32, 48, 96]'));
  const other = await tipcheck(['val', '--config', wider, '--model_path', 'street.onnx'], folder);
  t.equal(other.exitCode, 2);
  t.match(other.stderr, /^Cannot run street\.onnx as the yml's model: \S+ is \[64.*\]; \[96.*\] is wanted\. Fix: /m);
  const tfjs = await tipcheck([...args, '--port', 'tfjs'], folder);
  t.equal(tfjs.exitCode, 2);
  t.match(tfjs.stderr, 'Cannot run street.onnx in port tfjs: an .onnx file runs in onnxruntime alone. Fix: --port ort');
});

t.test('an eval golden is judged by its folder or its name', async (t) => {
  const folder = t.testdir();
  const nowhere = await tipcheck(['val', '--golden', 'nowhere'], folder);
  t.equal(nowhere.exitCode, 2);
  t.match(nowhere.stderr, 'Cannot find the eval golden nowhere: there is no such folder with a golden.json');
  const stray = await tipcheck(['val', '--golden', 'street', '--aug_eval'], folder);
  t.equal(stray.exitCode, 2);
  t.match(stray.stderr, 'Cannot use --aug_eval with --golden: the golden says what is evaluated');
  if (process.env.TIPCHECK_TEST_ALL !== '1') return;
  const judged = await tipcheck(['val', '--golden', street, '--report', 'report'], folder);
  t.equal(judged.exitCode, 0, judged.stderr);
  t.ok(existsSync(join(folder, 'report', 'report.html')));
});

t.test('options that would do nothing are refused', async (t) => {
  const folder = t.testdir();
  const config = await writeConfig(folder);
  const stray = await tipcheck(['val', '--config', config, ...weights, '--flip_horizontal'], folder);
  t.equal(stray.exitCode, 2);
  t.match(stray.stderr, 'Cannot use --flip_horizontal: --aug_eval is not given');
  const bases = await tipcheck(['val', '--config', config, ...weights, '--bases', 'uniform/2:5'], folder);
  t.equal(bases.exitCode, 2);
  t.match(bases.stderr, 'Cannot use --bases uniform/2:5: it is neither random nor uniform/1:SEED:NAME');
});

t.test('what is wrong with a data set is said of the file', async (t) => {
  const folder = t.testdir();
  const data = join(folder, 'data');
  await cp(join(packageRoot, 'fixtures', 'street'), data, { recursive: true });
  const config = await writeConfig(folder, (text) => text.replaceAll(join(packageRoot, 'fixtures', 'street'), data));
  const label = join(data, 'gtFine', 'val', 'street', 'street_000003_000019_gtFine_labelTrainIds.png');
  const image = join(data, 'leftImg8bit', 'val', 'street', 'street_000005_000019_leftImg8bit.png');
  const whole = await readFile(label);
  const photograph = await readFile(image);
  const run = () => tipcheck(['val', '--config', config, ...weights, '--json', 'found.json'], folder);

  await writeFile(label, encode({ width: 500, height: 256, data: new Uint8Array(500 * 256), channels: 1, depth: 8 }));
  const size = await run();
  t.equal(size.exitCode, 2);
  t.match(
    size.stderr,
    /street_000003.* they are 512×256 and 500×256; one size is wanted\. Fix: the label of that very picture/,
  );

  await writeFile(
    label,
    encode({ width: 512, height: 256, data: new Uint8Array(512 * 256).fill(19), channels: 1, depth: 8 }),
  );
  const classes = await run();
  t.equal(classes.exitCode, 2);
  t.match(classes.stderr, /street_000003.*: the pixel at x 0, y 0 is of class 19; 0 to 18, or 255 for none, is wanted/);

  await writeFile(label, encode({ width: 512, height: 256, data: new Uint16Array(512 * 256), channels: 1, depth: 16 }));
  const deep = await run();
  t.equal(deep.exitCode, 2);
  t.match(deep.stderr, /street_000003/);

  await writeFile(label, whole);
  await writeFile(image, photograph.subarray(0, 2000));
  const broken = await run();
  t.equal(broken.exitCode, 2);
  t.match(broken.stderr, /Cannot read the image .*street_000005/);
  t.rejects(readFile(join(folder, 'found.json')), 'no partial result is written');
});

t.test(
  'scores that are NaN or Inf end an evaluation, a prediction and an inference with the picture named',
  async (t) => {
    const folder = t.testdir();
    const config = await writeConfig(folder);
    const arrays = await readWeightsFile(golden.weightsPath);
    const name = 'decode_head.conv_seg.weight';
    const picture = join(packageRoot, 'fixtures', 'street', 'leftImg8bit', 'val', 'street');
    for (const [spoilt, said] of [
      [Number.NaN, 'NaN'],
      [3e38, 'Infinity'],
    ] as const) {
      const array = arrays.get(name)!;
      const data = (array.data as Float32Array).slice();
      data[0] = spoilt;
      await writeWeightsFile(join(folder, 'spoilt.pdparams'), new Map([...arrays, [name, { ...array, data }]]));
      const options = ['--config', config, '--model_path', 'spoilt.pdparams'];
      t.equal((await tipcheck(['export', ...options, '--save_dir', `deployed-${said}`], folder)).exitCode, 0);
      for (const args of [
        ['infer', '--config', `deployed-${said}/deploy.yaml`, '--image_path', picture, '--save_dir', 'out'],
        ['val', ...options, '--json', 'found.json'],
        ['predict', ...options, '--image_path', picture, '--save_dir', 'out'],
      ]) {
        const { exitCode, stderr, stdout } = await tipcheck(args, folder);
        t.equal(exitCode, 2);
        t.match(
          stderr,
          /^Cannot infer \S*street_000000_000019_leftImg8bit\.png: the network gives -?\w+ for class 0;/m,
        );
        t.match(stderr, said);
        t.notMatch(stdout, '[EVAL]');
      }
    }
    t.notOk(existsSync(join(folder, 'found.json')), 'no partial result is written');
    t.notOk(existsSync(join(folder, 'out')));
  },
);

t.test(
  'predict writes a palette picture of classes and a blended one, for a list, a folder and a picture',
  async (t) => {
    const folder = t.testdir();
    const config = await writeConfig(folder);
    const pictures = join(packageRoot, 'fixtures', 'street', 'leftImg8bit', 'val', 'street');
    const name = 'street_000001_000019_leftImg8bit.png';
    const images = join(folder, 'images');
    await mkdir(images);
    await cp(join(pictures, name), join(images, name));
    await writeFile(join(images, 'list.txt'), `${name} and/a/label.png\n`);
    for (const path of [join(images, name), images, join(images, 'list.txt')]) {
      const out = join(folder, `out-${path.length}`);
      const { exitCode, stderr } = await tipcheck(
        ['predict', '--config', config, ...weights, '--image_path', path, '--save_dir', out],
        folder,
      );
      t.equal(exitCode, 0, stderr);
      const { default: sharp } = await import('sharp');
      const mask = await readFile(join(out, 'pseudo_color_prediction', name));
      const { decode } = await import('fast-png');
      const { data, palette } = decode(mask);
      t.same([...data], [...golden.modes[0]!.images[1]!.labels], 'the pixels are the classes');
      t.same(palette?.slice(0, 3), [
        [128, 0, 0],
        [0, 128, 0],
        [128, 128, 0],
      ]);
      t.equal((await sharp(join(out, 'added_prediction', name)).metadata()).width, 512);
    }
    const nothing = await tipcheck(['predict', '--config', config, ...weights, '--image_path', 'nowhere'], folder);
    t.equal(nothing.exitCode, 2);
    t.match(
      nothing.stderr,
      'Cannot predict nowhere: it is not there; a picture, a list of pictures or a folder is wanted',
    );
  },
);
