import { readFileSync } from 'node:fs';
import { link, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { TipcPlan, TipcStep } from '../plan/plan.js';
import { readRequest } from '../text/request.js';
import { lookAtData } from './look-at-data.js';

const folder = t.testdir({ pictures: {}, labels: {} });
const picture = (name: string) => join(folder, 'pictures', name);
for (const name of ['a', 'b', 'c', 'd']) await writeFile(picture(name), name);
const named = ['a', 'b', 'c', 'd', 'copy', 'second', 'hard', 'soft'];
for (const name of named) await writeFile(join(folder, 'labels', name), `label of ${name}`);
for (const name of ['blank', 'blank2']) await writeFile(join(folder, 'labels', name), 'nothing');
await writeFile(picture('copy'), 'a');
await writeFile(picture('second'), 'a');
await link(picture('a'), picture('hard'));
await symlink(picture('a'), picture('soft'));

const step = (number: number, kind: string, words: readonly string[], dependsOn: readonly number[] = []) =>
  ({ number, kind, request: readRequest('', words), dependsOn }) as unknown as TipcStep;

/**
 * `a` is a picture with its own label, `a:b` one with that of another. What is said of a training that evaluates, of
 * its evaluation, and of an inference by what it exports.
 */
async function look(train: string, val: string, infer: string, { type = 'Dataset', contents = true, other = '' } = {}) {
  const list = async (name: string, text: string) => {
    const path = join(folder, name);
    const line = (one: string) => {
      const [image = '', label = image] = one.split(':');
      return `${picture(image)} labels/${label}\n`;
    };
    await writeFile(path, text.replace(/\S+/g, line).replaceAll(' \n', '\n'));
    return path;
  };
  const section = (mode: string, path: string) =>
    `${mode}_dataset:\n  type: ${type}\n  dataset_root: ${folder}\n  num_classes: 2\n  mode: ${mode}\n  ${mode}_path: ${path}\n  transforms: []\n`;
  const yml = join(folder, 'y.yml');
  await writeFile(yml, section('train', await list('t.list', train)) + section('val', await list('v.list', val)));
  const otherYml = join(folder, 'other.yml');
  await writeFile(otherYml, section('val', await list('o.list', other)));
  const images = await list('i.list', infer);
  const steps = [
    step(1, 'train', ['--config', 'y.yml', '--do_eval']),
    step(2, 'eval', ['--config', other === '' ? 'y.yml' : 'other.yml'], [1]),
    step(3, 'export', ['--config', 'y.yml'], [1]),
    step(4, 'infer', ['--config', 'out/deploy.yaml', '--image_path', images], [3]),
  ];
  const config = { path: yml, deviations: { train: [], infer: [] }, notes: [] };
  const configs = new Map([
    ['y.yml', config],
    ['other.yml', { ...config, path: otherYml }],
  ]);
  const hashes = (path: string) => (contents ? readFileSync(path, 'utf8') : null);
  const seen = await lookAtData({ plan: { steps } as unknown as TipcPlan, configs, ports: ['ort'] }, hashes);
  return [1, 2, 3, 4].map((number) => seen.get(number)!);
}

t.test('lists that name each picture once, and none that is trained on, say nothing', async (t) => {
  const [train, evaluation, exported, infer] = await look('a b', 'c d', 'c');
  for (const found of [train, evaluation, exported, infer]) t.match(found, { deviations: { length: 0 } });
  t.strictSame(
    [train, evaluation, exported, infer].map((one) => one!.evaluated),
    [2, 2, null, null],
  );
});

t.test('what cannot be looked at says nothing of what is there', async (t) => {
  await symlink('loop', picture('loop'));
  t.strictSame((await look('a', 'b', 'gone', { contents: false })).at(-1)!.deviations, []);
  await t.rejects(look('a', 'b', 'loop', { contents: false }), { code: 'ELOOP' });
});

t.test('a picture that is named again is said, by whatever name', async (t) => {
  const [train, evaluation, , infer] = await look('a soft hard', 'c c', 'd');
  t.strictSame(train!.deviations, [
    'train_dataset names 3 pictures, of which 1 is different',
    'val_dataset names 2 pictures, of which 1 is different',
  ]);
  t.strictSame(evaluation!.deviations, ['val_dataset names 2 pictures, of which 1 is different']);
  t.equal(evaluation!.evaluated, 2, 'as many are evaluated');
  t.strictSame(infer!.deviations, []);
});

t.test('what is trained on shows nothing of other pictures: one of a list is a deviation as all are', async (t) => {
  const [train, evaluation, exported, infer] = await look('a b c', 'hard b', 'b d');
  const said =
    '2 of the 2 pictures of val_dataset are pictures of train_dataset: nothing is seen of pictures that were not trained on';
  t.strictSame(train!.deviations, [said]);
  t.strictSame(evaluation!.deviations, [said]);
  t.strictSame(exported!.deviations, []);
  t.match(infer!.deviations, [/^1 of the 2 pictures of .+i\.list are pictures of train_dataset$/]);
  const [, part] = await look('a b c', 'a b c d', 'd');
  t.strictSame(part!.deviations, ['3 of the 4 pictures of val_dataset are pictures of train_dataset']);
});

t.test(
  'an evaluation by another yml is said where its pictures are not those of the yml of the training',
  async (t) => {
    const said = async (other: string) => (await look('a', 'b c', 'd', { other }))[1]!.deviations;
    t.strictSame(await said('b'), [
      'val_dataset of other.yml names 1 of the 2 pictures of y.yml, by which it was trained, and 0 others',
    ]);
    t.strictSame(await said('d c'), [
      'val_dataset of other.yml names 1 of the 2 pictures of y.yml, by which it was trained, and 1 other',
    ]);
    t.strictSame(await said('c b'), [], 'the order is not a matter');
  },
);

t.test('pictures that share a label are said, and labels of which each is the same', async (t) => {
  const said = async (val: string) => (await look('a', val, 'd'))[1]!.deviations;
  t.strictSame(await said('b:b c:b d:b'), ['val_dataset names 3 different pictures and 1 label for them']);
  t.strictSame(await said('b:b c:b d'), ['val_dataset names 3 different pictures and 2 labels for them']);
  t.strictSame(await said('b:blank c:blank2'), ['val_dataset names 2 labels that all hold the same']);
  t.strictSame(await said('b:blank c:blank2 d'), [], 'many pictures show nothing');
  t.strictSame(await said('b:b'), [], 'of one picture there is one label');
});

t.test('a data set that cannot be counted is said, and no count is made up', async (t) => {
  const [train, evaluation] = await look('a', 'b', 'c', { type: 'ADE20K' });
  t.match(train!.deviations, [/^not counted: train_dataset: .+y\.yml:2: .+"ADE20K"/, /^not counted: val_dataset: /]);
  t.match(evaluation, { deviations: [/^not counted: val_dataset: /], evaluated: null });
  const [, empty] = await look('a', '', 'c');
  t.equal(empty!.evaluated, 0);
});

t.test('copies count as what they hold where that was read: one of them is a deviation', async (t) => {
  const [film] = await look('a copy b', 'c', 'd');
  t.match(film, { deviations: ['train_dataset names 3 pictures, of which 2 are different'] });
  const [, frames] = await look('b', 'a copy c', 'd');
  t.match(frames, { deviations: ['val_dataset names 3 pictures, of which 2 are different'] });
  const [, copies] = await look('b', 'a copy second', 'd');
  t.match(copies, { deviations: ['val_dataset names 3 pictures, of which 1 is different'] });
  const [, trained, , infer] = await look('a b', 'copy', 'second');
  t.match(trained!.deviations, [/^1 of the 1 pictures of val_dataset are pictures of train_dataset: nothing is seen/]);
  t.match(infer!.deviations, [/^1 of the 1 pictures of .+ are pictures of train_dataset: nothing is seen/]);
  const [, , , two] = await look('b', 'c', 'a copy');
  t.match(two!.deviations, [/i\.list names 2 pictures, of which 1 is different$/]);
  const [, unread] = await look('a b', 'copy', 'c', { contents: false });
  t.match(unread, { deviations: { length: 0 } });
});
