import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32NdArray } from '../../harness/contract/nd-array.js';
import { renderNpy } from '../../harness/golden/npy.js';
import { readAnswerArray } from './read-answer-array.js';

const array = float32NdArray([2], Float32Array.of(1, 2));

t.test('a plain file of the folder is read, by any name and by either kind of path', async (t) => {
  const folder = t.testdir({ real: { below: {} } });
  const real = join(folder, 'real');
  const link = join(folder, 'link');
  symlinkSync('real', link);
  for (const name of ['z.npy', '..z.npy', '...npy', 'below/a..npy']) {
    writeFileSync(join(real, name), renderNpy(array));
    for (const path of [name, join(real, name), join(link, name)])
      for (const given of [real, link]) t.strictSame(await readAnswerArray(path, given), array, `${path} in ${given}`);
  }
});

t.test('what is not a plain file of the folder is refused', async (t) => {
  const folder = t.testdir({ in: {}, 'in-2': {} });
  const inside = join(folder, 'in');
  for (const name of ['z.npy', 'in-2/z.npy']) writeFileSync(join(folder, name), renderNpy(array));
  linkSync(join(folder, 'z.npy'), join(inside, 'hard.npy'));
  for (const [path, why] of [
    ['../z.npy', /: it lies outside the folder .*; a file in the folder that the question names is wanted$/],
    ['../in-2/z.npy', /: it lies outside the folder /],
    ['.', /: it is not a plain file; one is wanted$/],
    ['none.npy', /: there is no such file; the file of its array is wanted$/],
    ['hard.npy', /: it has a second name elsewhere \(a hard link\); a file of its own is wanted\. Fix: copy it$/],
  ] as const)
    await t.rejects(readAnswerArray(path, inside), { name: 'UserError', message: why });
});
