import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { placePredictions } from './place-predictions.js';

const listed = (...names: readonly string[]) => names.map((name) => ({ path: `pictures/${name}`, name }));

t.test('a mask is a PNG, a blended picture keeps its format, each in its folder', async (t) => {
  t.strictSame(await placePredictions(listed('a/x.jpg', 'y.bmp'), 'out'), [
    {
      path: 'pictures/a/x.jpg',
      name: 'a/x.jpg',
      mask: 'out/pseudo_color_prediction/a/x.png',
      blend: 'out/added_prediction/a/x.jpg',
    },
    {
      path: 'pictures/y.bmp',
      name: 'y.bmp',
      mask: 'out/pseudo_color_prediction/y.png',
      blend: 'out/added_prediction/y.png',
    },
  ]);
});

t.test('a name that leads up, or is absolute, is placed below the folder all the same', async (t) => {
  for (const name of ['../../photo.png', 'a/../../photo.png', './../photo.png', '/photo.png', '..//photo.png']) {
    const [placed] = await placePredictions(listed(name), 'out');
    t.equal(placed!.mask, 'out/pseudo_color_prediction/photo.png', name);
    t.equal(placed!.blend, 'out/added_prediction/photo.png', name);
    t.equal(placed!.path, `pictures/${name}`, 'it is read where it lies');
  }
});

t.test('two pictures whose masks would be one file are refused; one picture named twice is not', async (t) => {
  await t.rejects(placePredictions(listed('a.png', 'a.jpg'), 'out'), {
    name: 'UserError',
    message:
      'Cannot predict pictures/a.jpg: its mask and the mask of pictures/a.png would both be out/pseudo_color_prediction/a.png; a place for each is wanted. Fix: other names, or one --save_dir for each',
  });
  await t.rejects(placePredictions(listed('../a.png', 'a.png'), 'out'), { name: 'UserError' });
  t.equal((await placePredictions(listed('a.png', 'a.png'), 'out')).length, 2);
});

t.test('a mask and a blended picture never share a path, and no link leads out', async (t) => {
  const folder = t.testdir({ one: {}, out: {}, elsewhere: {} });
  mkdirSync(join(folder, 'one', 'added_prediction'));
  symlinkSync('added_prediction', join(folder, 'one', 'pseudo_color_prediction'));
  await t.rejects(placePredictions(listed('a.png'), join(folder, 'one')), {
    message: /^Cannot predict pictures\/a\.png: its blended picture and the mask of pictures\/a\.png would both be /,
  });
  symlinkSync('../elsewhere', join(folder, 'out', 'added_prediction'));
  await t.rejects(placePredictions(listed('a.png'), join(folder, 'out')), {
    message:
      /^Cannot write the blended picture of pictures\/a\.png: .* leaves the folder .*out; a place within it is wanted$/,
  });
});

t.test('a picture that is read is never written over', async (t) => {
  const folder = t.testdir({ added_prediction: { 'a.png': '' } });
  const path = join(folder, 'added_prediction', 'a.png');
  await t.rejects(placePredictions([{ path, name: 'a.png' }], folder), {
    name: 'UserError',
    message: `Cannot predict ${path}: its blended picture and the picture ${path} itself would both be ${path}; a place for each is wanted. Fix: other names, or one --save_dir for each`,
  });
});
