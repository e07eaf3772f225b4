import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { readTipcFile } from '../plan/read-tipc-file.js';
import { planMode } from '../run/plan-mode.js';
import { resolveConfig } from '../steps/resolve-config.js';
import { tipcTextForTests } from '../text/text-for-tests.js';
import { parseManifest, renderManifest } from './manifest.js';
import { recordInputs } from './record-inputs.js';
import { marker, shippedData } from './stand-in.js';

const start = process.cwd();
t.setTimeout(300_000);

t.afterEach(() => process.chdir(start));

const section = (mode: string) =>
  `${mode}_dataset:\n  type: Dataset\n  dataset_root: data\n  num_classes: 2\n  transforms: []\n  mode: ${mode}\n  ${mode}_path: data/${mode}.list\n`;

t.test('what a run reads is recorded, each file with its hash', async (t) => {
  enter(t);
  const inputs = await record();
  t.match(inputs.configs, [{ name: 'own.yml', used: { path: 'own.yml' } }]);
  t.match(inputs.data, [
    { name: 'train_dataset of own.yml', root: 'data', list: 'data/train.list', images: 2, bytes: 4, note: null },
    { name: 'val_dataset of own.yml', images: 1, standsInFor: null },
    { name: 'data/infer.list', root: 'data', list: 'data/infer.list', images: 1, bytes: 1 },
  ]);
  t.equal(inputs.manifest.path, 'reports/1/inputs.sha256');
  const text = readFileSync(inputs.manifest.path, 'utf8');
  t.equal(inputs.manifest.sha256, createHash('sha256').update(text).digest('hex'));
  const paths = parseManifest(text)!.map(([path]) => path);
  t.strictSame(paths, [
    ...['base.yml', 'data/a', 'data/b', 'data/c', 'data/d', 'data/infer.list', 'data/train.list', 'data/val.list'],
    ...['own.txt', 'own.yml'],
  ]);
  const { exitCode } = await execa('sha256sum', ['--check', '--quiet', inputs.manifest.path], { reject: false });
  t.equal(exitCode, 0, 'sha256sum reads it');
});

t.test('each change of an input is another hash, and of none of the others', async (t) => {
  for (const [change, moved] of [
    [() => writeFileSync('data/d', 'x'), ['train_dataset of own.yml', 'val_dataset of own.yml']],
    [() => writeFileSync('data/train.list', 'a b\n'), ['train_dataset of own.yml']],
    [() => writeFileSync('data/train.list', 'c d\na b\n'), ['train_dataset of own.yml']],
    [() => writeFileSync('base.yml', 'iters: 4\nmodel: {type: None}\n'), ['own.yml']],
    [() => writeFileSync('data/infer.list', 'c\n'), ['data/infer.list']],
  ] as const) {
    enter(t);
    const before = await record();
    change();
    const after = await record();
    const hashes = ({ configs, data }: typeof before) =>
      [...configs, ...data].map(({ name, sha256 }) => ({ name, sha256 }));
    const others = hashes(after).filter(({ sha256 }, at) => sha256 !== hashes(before)[at]!.sha256);
    t.strictSame(
      others.map(({ name }) => name),
      moved,
      String(change),
    );
    t.not(after.manifest.sha256, before.manifest.sha256);
  }
});

t.test('blanks, comments and the order of keys change no hash of a yml', async (t) => {
  enter(t);
  const before = await record();
  writeFileSync('base.yml', '# more\nmodel: {type: None}\n\niters:   3\n');
  t.strictSame((await record()).configs, before.configs);
});

t.test(
  'data that stand in for others are said to: by the mark in their folder, and without it by what they are',
  async (t) => {
    enter(t);
    writeFileSync(join('data', marker), '{"insteadOf": "Cityscapes"}\n');
    const standsInFor = async () => (await record()).data.map((one) => one.standsInFor);
    t.strictSame(await standsInFor(), ['Cityscapes', 'Cityscapes', 'Cityscapes']);
    writeFileSync(join('data', marker), '{');
    t.strictSame(await standsInFor(), ['other data', 'other data', 'other data'], 'a mark that was changed');
    rmSync(join('data', marker));
    t.strictSame(await standsInFor(), [null, null, null]);
    const cityscapes = section('val')
      .replace('type: Dataset', 'type: Cityscapes')
      .replace(/ {2}(num_classes|val_path).*\n/g, '');
    writeFileSync('own.yml', `_base_: base.yml\n${section('train')}${cityscapes}`);
    const place = (folder: string) => `data/${folder}/val/street`;
    for (const folder of ['leftImg8bit', 'gtFine']) mkdirSync(place(folder), { recursive: true });
    const name = 'street_000000_000019';
    const [image, label] = [
      `leftImg8bit/val/street/${name}_leftImg8bit.png`,
      `gtFine/val/street/${name}_gtFine_labelTrainIds.png`,
    ];
    for (const file of [image, label]) copyFileSync(join(shippedData, file), join('data', file));
    t.strictSame(await standsInFor(), [null, 'Cityscapes', null]);
    writeFileSync(join('data', image), 'a picture of Cityscapes');
    t.strictSame(await standsInFor(), [null, null, null]);
  },
);

t.test('data that cannot be listed are said to be, and a file that is away is counted', async (t) => {
  enter(t);
  rmSync('data/b');
  t.match((await record()).data, [{ images: 2, note: '1 of its files are not there' }, {}, {}]);
  writeFileSync(
    'own.yml',
    `_base_: base.yml\n${section('train').replace('type: Dataset', 'type: ADE20K')}${section('val')}`,
  );
  t.match((await record()).data, [
    { name: 'train_dataset of own.yml', images: null, sha256: null, note: /^not listed: .* is "ADE20K"; one of / },
    { images: 1 },
    {},
  ]);
});

t.test('weights that are read and not made are recorded', async (t) => {
  enter(t);
  writeFileSync('w.pdparams', 'weights');
  t.match((await record('w.pdparams')).weights, [{ path: 'w.pdparams', bytes: 7 }]);
  t.strictSame((await record('none')).weights, []);
  writeFileSync('base.yml', 'iters: 3\nmodel: {type: None, backbone: {type: None, pretrained: w.pdparams}}\n');
  t.match((await record()).weights, [{ path: 'w.pdparams' }]);
});

t.test('a manifest says odd names as sha256sum does, and a text that is none is told from it', (t) => {
  const files = [
    ['a\nb', 'a'.repeat(64)],
    ['c\\n', 'b'.repeat(64)],
    ['\\d\r', 'c'.repeat(64)],
    [' e ', 'd'.repeat(64)],
  ] as const;
  t.strictSame(parseManifest(renderManifest(files)), files);
  for (const text of ['x', 'x\n', `${'a'.repeat(64)} a\n`, `${'a'.repeat(64)}  a`])
    t.equal(parseManifest(text), null, text);
  t.end();
});

function enter(t: Test): void {
  process.chdir(
    t.testdir({
      'own.txt': tipcTextForTests({
        ...{ gpu_list: '-1', norm_train: 'tools/train.py --config own.yml --do_eval', eval: 'null' },
        ...{ norm_export: 'tools/export.py --config own.yml', train_infer_img_dir: 'data/infer.list' },
      }),
      'own.yml': `_base_: base.yml\n${section('train')}${section('val')}`,
      'base.yml': 'iters: 3\nmodel: {type: None}\n',
      data: { a: '1', b: '2', c: '3', d: '4', 'train.list': 'a b\nc d\n', 'val.list': 'c d\n', 'infer.list': 'a\n' },
    }),
  );
}

async function record(pretrained: string | null = null) {
  const plan = planMode(await readTipcFile('own.txt'), 'lite_train_lite_infer');
  const configs = new Map([['own.yml', await resolveConfig('own.yml', null, 'reports/1')]]);
  return recordInputs({ plan, path: 'own.txt', configs, ports: ['ort'], pretrained }, 'reports/1');
}
