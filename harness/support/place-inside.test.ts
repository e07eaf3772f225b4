import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { placeInside, realPlace } from './place-inside.js';

t.test('a name inside the folder is its path, whether or not anything is there', async (t) => {
  const folder = t.testdir({ here: { 'x.txt': '' } });
  for (const name of ['here/x.txt', 'not/there/y.txt', '..x', 'here/../here/x.txt'])
    t.equal(await placeInside(folder, name, 'it'), join(folder, name));
  t.equal(await placeInside(join(folder, 'new'), 'a/b', 'it'), join(folder, 'new', 'a', 'b'));
});

t.test('a name that leaves the folder is refused, and the sentence says whose it is', async (t) => {
  const folder = t.testdir({ out: {}, 'victim.txt': '' });
  const out = join(folder, 'out');
  for (const name of ['../victim.txt', 'a/../../victim.txt', '..', join(folder, 'victim.txt'), 'a\0b'])
    await t.rejects(placeInside(out, name, 'the mask of a.png (list.txt)'), {
      name: 'UserError',
      message: `Cannot write the mask of a.png (list.txt): ${name} leaves the folder ${out}; a place within it is wanted`,
    });
});

t.test('an absolute name is as it is used, and no name is the folder itself', async (t) => {
  const folder = t.testdir({ out: { here: {} } });
  const out = join(folder, 'out');
  t.equal(await placeInside(out, `${out}/gone/../x.txt`, 'it'), join(out, 'x.txt'));
  symlinkSync('.', join(out, 'link'));
  for (const name of ['.', '', 'here/..', './', out, `${out}/here/..`, 'link'])
    await t.rejects(placeInside(out, name, 'it'), {
      name: 'UserError',
      message: `Cannot write it: ${name} is the folder ${out} itself; a place within it is wanted`,
    });
});

t.test('a link out of the folder is refused, also one to what is not there, and one in the middle', async (t) => {
  const folder = t.testdir({ out: {}, elsewhere: {} });
  const out = join(folder, 'out');
  symlinkSync('../elsewhere', join(out, 'link'));
  symlinkSync('../not-there', join(out, 'dangling'));
  symlinkSync('dangling', join(out, 'twice'));
  for (const name of ['link', 'link/x.txt', 'link/new/x.txt', 'dangling', 'dangling/x', 'twice'])
    await t.rejects(placeInside(out, name, 'it'), { name: 'UserError' }, name);
});

t.test('a link that stays inside, and a folder that is a link itself, are taken', async (t) => {
  const folder = t.testdir({ real: {} });
  mkdirSync(join(folder, 'real', 'below'));
  symlinkSync('real', join(folder, 'out'));
  symlinkSync('below', join(folder, 'real', 'link'));
  t.equal(await placeInside(join(folder, 'out'), 'link/x.txt', 'it'), join(folder, 'out', 'link', 'x.txt'));
  t.equal(await realPlace(join(folder, 'out', 'link', 'x.txt')), join(realpathSync(folder), 'real', 'below', 'x.txt'));
});

t.test('a folder whose name begins as the folder is called is not inside', async (t) => {
  const folder = t.testdir({ out: {}, 'out-2': {} });
  await t.rejects(placeInside(join(folder, 'out'), '../out-2/x', 'it'), { name: 'UserError' });
});
