import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageRoot } from '../../harness/support/package-root.js';
import { modelSection, readPaddleSegConfig } from './paddleseg-yml.js';

t.test('a file overrides its base key by key, and lists whole', async (t) => {
  const folder = t.testdir({
    '_base_.yml': 'batch_size: 2\noptimizer: {type: SGD, momentum: 0.9}\nloss: {coef: [1, 2]}\n',
    'a.yml': '_base_: _base_.yml\noptimizer: {type: AdamW}\nloss: {coef: [3]}\n',
  });
  const config = await readPaddleSegConfig(join(folder, 'a.yml'));
  t.strictSame(config.values, { batch_size: 2, optimizer: { type: 'AdamW', momentum: 0.9 }, loss: { coef: [3] } });
});

t.test('_inherited_: False drops what the base had there', async (t) => {
  const folder = t.testdir({
    'base.yml': 'optimizer: {type: SGD, momentum: 0.9}\nx: 1\n',
    'a.yml': '_base_: base.yml\noptimizer: {_inherited_: False, type: AdamW}\n',
    'top.yml': '_base_: base.yml\n_inherited_: off\ny: 2\n',
  });
  t.strictSame((await readPaddleSegConfig(join(folder, 'a.yml'))).values, { optimizer: { type: 'AdamW' }, x: 1 });
  t.strictSame((await readPaddleSegConfig(join(folder, 'top.yml'))).values, { y: 2 });
});

t.test('_inherited_ stays where it takes no effect, as in PaddleSeg', async (t) => {
  const folder = t.testdir({
    'base.yml': 'x: {a: 1}\n',
    'a.yml': '_base_: base.yml\nx: {_inherited_: True}\ny: {_inherited_: False, b: 2}\n',
  });
  t.strictSame((await readPaddleSegConfig(join(folder, 'a.yml'))).values, {
    x: { a: 1, _inherited_: true },
    y: { _inherited_: false, b: 2 },
  });
});

t.test('of several bases an earlier one overrides a later one', async (t) => {
  const folder = t.testdir({
    sub: { 'one.yml': '_base_: ../two.yml\nx: 1\n' },
    'two.yml': 'x: 2\ny: 2\n',
    'three.yml': 'x: 3\nz: 3\n',
    'a.yml': '_base_: [sub/one.yml, three.yml]\nw: 0\n',
  });
  t.strictSame((await readPaddleSegConfig(join(folder, 'a.yml'))).values, { x: 1, y: 2, z: 3, w: 0 });
});

t.test('each key knows the file and line that it came from', async (t) => {
  const folder = t.testdir({
    'base.yml': 'batch_size: 2\nmodel:\n  type: A\n  depths:\n    - 3\n    - 5\n',
    'a.yml': '_base_: base.yml\n\nmodel:\n  num_classes: 7\n',
  });
  const config = await readPaddleSegConfig(join(folder, 'a.yml'));
  t.equal(config.originOf('batch_size'), `${join(folder, 'base.yml')}:1`);
  t.equal(config.originOf('model.type'), `${join(folder, 'base.yml')}:3`);
  t.equal(config.originOf('model.depths.1'), `${join(folder, 'base.yml')}:6`);
  t.equal(config.originOf('model.num_classes'), `${join(folder, 'a.yml')}:4`);
  t.equal(config.originOf('absent'), join(folder, 'a.yml'));
});

t.test('what cannot be read is refused in one sentence', async (t) => {
  const folder = t.testdir({
    'lost.yml': '_base_: nowhere.yml\n',
    'loop.yml': '_base_: pool.yml\n',
    'pool.yml': '_base_: loop.yml\n',
    'number.yml': 'a: 1\n_base_: 3\n',
    'list.yml': '- 1\n',
    'empty.yml': '',
    'base.yml': 'loss: [1]\n',
    'clash.yml': '_base_: base.yml\nloss: {coef: 1}\n',
    'latin.yml': Buffer.from([0x61, 0x3a, 0x20, 0xe9]),
    'a.txt': '',
  });
  const at = (name: string) => join(folder, name);
  await refuses(
    t,
    at('absent.yml'),
    `Cannot read the model config ${at('absent.yml')}: there is no such file; a PaddleSeg yml is wanted`,
  );
  await refuses(
    t,
    at('lost.yml'),
    `Cannot read the model config ${at('nowhere.yml')}, which ${at('lost.yml')} names as _base_: there is no such file; a PaddleSeg yml is wanted`,
  );
  await refuses(
    t,
    at('loop.yml'),
    `Cannot read ${at('loop.yml')}: it is its own _base_ by way of ${at('loop.yml')} → ${at('pool.yml')} → ${at('loop.yml')}; bases must not go round`,
  );
  await refuses(
    t,
    at('number.yml'),
    `Cannot read ${at('number.yml')}:2: _base_ holds the scalar 3; a file name or a list of file names is wanted`,
  );
  await refuses(
    t,
    at('list.yml'),
    `Cannot read the model config ${at('list.yml')}: it holds a list; a mapping of keys is wanted`,
  );
  await refuses(
    t,
    at('empty.yml'),
    `Cannot read the model config ${at('empty.yml')}: it holds nothing; a mapping of keys is wanted`,
  );
  await refuses(
    t,
    at('clash.yml'),
    `Cannot merge loss of ${at('clash.yml')}:2: it is a mapping, and in the base ${at('base.yml')}:1 it is a list; both must be mappings`,
  );
  await refuses(t, at('latin.yml'), /latin\.yml: .*not valid.*; a file of UTF-8 text is wanted$/);
  await refuses(
    t,
    at('a.txt'),
    `Cannot read the model config ${at('a.txt')}: its name ends otherwise; .yml or .yaml is wanted`,
  );
});

t.test('the model section takes num_classes from the data set where it has none', async (t) => {
  const folder = t.testdir({
    'own.yml':
      'model: {type: SegNeXt}\ntrain_dataset: {type: Dataset, num_classes: 11}\nval_dataset: {type: Dataset, num_classes: 11}\n',
    'city.yml': 'model: {type: SegNeXt}\ntrain_dataset: {type: Cityscapes}\n',
    'said.yml': 'model: {type: SegNeXt, num_classes: 4}\n',
  });
  t.strictSame(modelSection(await readPaddleSegConfig(join(folder, 'own.yml'))), { type: 'SegNeXt', num_classes: 11 });
  t.strictSame(modelSection(await readPaddleSegConfig(join(folder, 'city.yml'))), { type: 'SegNeXt', num_classes: 19 });
  t.strictSame(modelSection(await readPaddleSegConfig(join(folder, 'said.yml'))), { type: 'SegNeXt', num_classes: 4 });
});

t.test('a model section that contradicts its data set, or is none, is refused', async (t) => {
  const folder = t.testdir({
    'clash.yml': 'model:\n  type: SegNeXt\n  num_classes: 4\ntrain_dataset:\n  type: Cityscapes\n',
    'none.yml': 'iters: 1\n',
    'untyped.yml': 'iters: 1\nmodel:\n  num_classes: 3\n',
  });
  const section = async (name: string) => modelSection(await readPaddleSegConfig(join(folder, name)));
  await t.rejects(section('clash.yml'), {
    message: `Cannot use ${join(folder, 'clash.yml')}: model.num_classes (${join(folder, 'clash.yml')}:3) is 4 and the class count of the data set Cityscapes (${join(folder, 'clash.yml')}:5) is 19; they must be equal. Fix: one num_classes in all places`,
  });
  await t.rejects(section('none.yml'), {
    message: `Cannot use ${join(folder, 'none.yml')}: it has no mapping \`model\`; a PaddleSeg model config with a model section is wanted`,
  });
  await t.rejects(section('untyped.yml'), {
    message: `Cannot use ${join(folder, 'untyped.yml')}:3: model.type is missing; the name of a network is wanted`,
  });
});

t.test('our own configs read as the published ones do', async (t) => {
  const published = join(packageRoot, '..', 'shared', 'paddleseg', 'configs');
  if (!existsSync(published)) return void t.comment('not run: ../shared/paddleseg is not there');
  for (const name of [
    ...['t', 's', 'b', 'l'].map((size) => `segnext/segnext_mscan_${size}_cityscapes_1024x1024_160k.yml`),
    ...['s', 'm', 'l'].map((size) => `lpsnet/lpsnet_${size}_cityscapes_1536x1024_200k.yml`),
  ]) {
    const own = await readPaddleSegConfig(join(packageRoot, 'configs', name));
    t.strictSame(own.values, (await readPaddleSegConfig(join(published, name))).values, name);
  }
});

async function refuses(t: Test, path: string, message: string | RegExp): Promise<void> {
  await t.rejects(readPaddleSegConfig(path), { name: 'UserError', message });
}

t.test('bases that name bases twice are read a thousand times at most', async (t) => {
  const files = Array.from({ length: 30 }, (_, at) => [`${at}.yml`, `_base_: [${at + 1}.yml, ${at + 1}.yml]\n`]);
  const folder = t.testdir({ ...Object.fromEntries(files), '30.yml': 'a: 1\n' });
  await t.rejects(readPaddleSegConfig(join(folder, '0.yml')), {
    name: 'UserError',
    message:
      /^Cannot read the model config .*0\.yml: it and its bases are read from more than 1000 files; at most 1000 files are wanted/,
  });
});
