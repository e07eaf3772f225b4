import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { placePrepared } from './place-prepared.js';

t.test('what is prepared lies below the folder in which it was started, by its real path', async (t) => {
  const folder = t.testdir({ work: {}, elsewhere: {} });
  const before = process.cwd();
  t.teardown(() => process.chdir(before));
  process.chdir(join(folder, 'work'));
  symlinkSync('../elsewhere', 'link');
  for (const path of ['data/cityscapes', './a.list', join(folder, 'work', 'data')])
    t.equal(await placePrepared(path, 'it', 'put it there'), path);
  for (const path of ['../elsewhere/data', 'link/data', join(folder, 'elsewhere'), '/'])
    await t.rejects(placePrepared(path, 'the data of a.yml', 'put them there'), {
      name: 'UserError',
      message: `Cannot prepare the data of a.yml: there is no ${path}, and it lies outside this folder, where nothing is made; a place below it is wanted. Fix: put them there`,
    });
});
