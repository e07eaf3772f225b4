import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { writeAtomicFolder } from './atomic-folder.js';

t.test('a folder has its name only when it is whole', async (t) => {
  const folder = join(t.testdir(), 'engine');
  await writeAtomicFolder(folder, async (temporary) => {
    await writeFile(join(temporary, 'half'), 'half');
    t.notOk(existsSync(folder), 'not yet');
  });
  t.same(readdirSync(folder), ['half']);
});

t.test('a failure leaves nothing behind, and the old folder as it was', async (t) => {
  const parent = t.testdir({ engine: { old: 'old' } });
  const fail = writeAtomicFolder(join(parent, 'engine'), async (temporary) => {
    await writeFile(join(temporary, 'new'), 'new');
    throw new Error('no space');
  });
  await t.rejects(fail, { message: 'no space' });
  t.same(readdirSync(parent), ['engine']);
  t.equal(await readFile(join(parent, 'engine', 'old'), 'utf8'), 'old');
});

t.test('what a killed process left is removed, and what belongs to others stays', async (t) => {
  const parent = t.testdir({ '.engine.tmp-4711-aabb': { half: 'half' }, '.other.tmp-1-a': {}, 'engine.lock': {} });
  await writeAtomicFolder(join(parent, 'engine'), async (temporary) => {
    await mkdir(join(temporary, 'lib'));
  });
  t.same(readdirSync(parent).sort(), ['.other.tmp-1-a', 'engine', 'engine.lock']);
});

t.test('a folder that exists is replaced whole', async (t) => {
  const parent = t.testdir({ engine: { old: 'old' } });
  await writeAtomicFolder(join(parent, 'engine'), (temporary) => writeFile(join(temporary, 'new'), 'new'));
  t.same(readdirSync(parent), ['engine']);
  t.same(readdirSync(join(parent, 'engine')), ['new']);
});
