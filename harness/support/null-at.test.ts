import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { nullAt, nullIfGone, nullIfNoFile } from './null-at.js';

t.test('what is not there is null; another error is not an answer, and is thrown on', async (t) => {
  const folder = t.testdir({ file: 'text' });
  const read = (...names: string[]) => readFile(join(folder, ...names), 'utf8');
  t.equal(await read('file').catch(nullIfGone), 'text');
  t.equal(await read('gone').catch(nullIfGone), null);
  t.equal(await read('file', 'x').catch(nullIfGone), null, 'a file in the place of a folder');
  await t.rejects(read().catch(nullIfGone), { code: 'EISDIR' });
  for (const name of ['', 'gone', 'x'.repeat(5000), 'a\0b'])
    t.equal(await read(name).catch(nullIfNoFile), null, `${name.length} characters`);
  t.equal(await read().catch(nullAt('EISDIR')), null);
  const defect = new TypeError('x is undefined');
  t.throws(() => nullIfGone(defect), defect);
});
