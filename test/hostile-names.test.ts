import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { packageRoot } from '../harness/support/package-root.js';
import { makeFolder } from './tipc-folder-for-tests.js';
import { tipcheck, writeSmallConfig } from './tools-for-tests.js';

t.setTimeout(600_000);

const picture = join(packageRoot, 'fixtures/street/leftImg8bit/val/street/street_000001_000019_leftImg8bit.png');

t.test('a list whose lines lead up is read there, and its masks stay in the folder that was named', async (t) => {
  const folder = t.testdir({ lists: { deep: { 'list.txt': '../../photo.png\n' } } });
  const config = await writeSmallConfig(folder);
  await cp(picture, join(folder, 'photo.png'));
  const weights = await tipcheck(['train', '--config', config, '--iters', '1', '--save_dir', 'trained'], folder);
  t.equal(weights.exitCode, 0, weights.stderr);
  const model = ['--config', config, '--model_path', 'trained/iter_1/model.pdparams'];
  const run = await tipcheck(
    ['predict', ...model, '--image_path', 'lists/deep/list.txt', '--save_dir', 'out/a/b'],
    folder,
  );
  t.equal(run.exitCode, 0, run.stderr);
  t.ok((await readFile(join(folder, 'photo.png'))).equals(await readFile(picture)), 'the picture is as it was');
  t.strictSame(await readdir(join(folder, 'out', 'a', 'b', 'pseudo_color_prediction')), ['photo.png']);
  t.strictSame(await readdir(join(folder, 'out', 'a', 'b', 'added_prediction')), ['photo.png']);
  t.strictSame((await readdir(folder)).sort(), ['lists', 'out', 'photo.png', 'small.yml', 'trained']);

  const deployed = await tipcheck(['export', ...model, '--save_dir', 'deployed'], folder);
  t.equal(deployed.exitCode, 0, deployed.stderr);
  const over = await tipcheck(
    ['infer', '--config', 'deployed/deploy.yaml', '--image_path', 'lists/deep/list.txt', '--save_dir', '.'],
    folder,
  );
  t.equal(over.exitCode, 2);
  t.match(
    over.stderr,
    /^Cannot infer .*photo\.png: its mask would be written over a picture that is read, in \.; another/m,
  );
  t.ok((await readFile(join(folder, 'photo.png'))).equals(await readFile(picture)), 'and still is');
});

t.test('a TIPC file moves, makes and writes nothing outside, and the sentence names its line', async (t) => {
  const victim = async (folder: string) => {
    await mkdir(join(folder, '..', 'victim', 'lite_train_lite_infer'), { recursive: true });
    await writeFile(join(folder, '..', 'victim', 'lite_train_lite_infer', 'kept.txt'), 'kept');
  };
  const left = async (folder: string) => [
    await readdir(join(folder, '..', 'victim')),
    await readdir(join(folder, '..', 'victim', 'lite_train_lite_infer')),
  ];
  for (const [changes, said] of [
    [
      { model_name: '../../../victim' },
      /^Cannot write the results of small\.txt:2 \(model_name\): .*victim\/lite_train_lite_infer leaves the folder test_tipc\/output; /m,
    ],
    [
      { model_name: 'link' },
      /^Cannot write the results of small\.txt:2 \(model_name\): link\/lite_train_lite_infer leaves the folder test_tipc\/output; /m,
    ],
    [
      { norm_train: 'tools/train.py --config small.yml --save_dir ../victim --log_iters 1', '--save_dir': '' },
      /^Cannot run small\.txt:16: its train would write to \.\.\/victim, which leaves this folder; a place within it is wanted/m,
    ],
  ] as const) {
    const parent = t.testdir();
    const folder = await makeFolder(t, changes);
    t.equal(parent, folder);
    t.teardown(() => rm(join(folder, '..', 'victim'), { recursive: true, force: true }));
    await victim(folder);
    await mkdir(join(folder, 'test_tipc', 'output'), { recursive: true });
    await symlink('../../../victim', join(folder, 'test_tipc', 'output', 'link'));
    const run = await tipcheck(['test', 'small.txt', 'lite_train_lite_infer', '--port', 'ort', '--iters', '2'], folder);
    t.equal(run.exitCode, 2, run.stdout);
    t.match(run.stderr, said);
    t.strictSame(await left(folder), [['lite_train_lite_infer'], ['kept.txt']], 'nothing is moved');
  }
});
