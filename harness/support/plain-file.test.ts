import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { budgets } from './budgets.js';
import { hashFile } from './hash-file.js';
import { openPlain, readPlain, readPlainText } from './plain-file.js';

t.test('a plain file is read, also through a link, and a folder is told by the system', async (t) => {
  const folder = t.testdir({ 'x.txt': 'ä' });
  symlinkSync('x.txt', join(folder, 'link'));
  for (const name of ['x.txt', 'link']) t.equal(await readPlainText(join(folder, name)), 'ä');
  t.equal(await openPlain(join(folder, 'link'), async (_, bytes) => bytes), 2);
  await t.rejects(readPlain(join(folder, 'none')), { code: 'ENOENT' });
  await t.rejects(readPlain(folder), { code: 'EISDIR' });
});

t.test('what may have no end is refused in a sentence and not waited for: a pipe, a device', async (t) => {
  const folder = t.testdir({ zero: t.fixture('symlink', '/dev/zero') });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const [name, what] of [
    ['pipe', 'a pipe'],
    ['zero', 'a device'],
  ] as const)
    for (const read of [readPlain, readPlainText, hashFile] as ((path: string) => Promise<unknown>)[])
      await t.rejects(read(join(folder, name)), {
        name: 'UserError',
        message: `Cannot read ${join(folder, name)}: it is ${what}; a plain file is wanted. Fix: write its contents to one`,
      });
});

t.test('a text has as many bytes as its budget at most', async (t) => {
  const path = join(t.testdir({ x: '' }), 'x');
  truncateSync(path, budgets.textBytes + 1);
  await t.rejects(readPlainText(path), {
    name: 'UserError',
    message: `Cannot read ${path}: it has 268435457 bytes; at most 268435456 bytes are wanted (a budget, so that no small file asks for much)`,
  });
});
